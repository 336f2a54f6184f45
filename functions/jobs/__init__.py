"""Background jobs: queue consumers and scheduled tasks."""
