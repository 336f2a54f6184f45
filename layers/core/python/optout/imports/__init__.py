"""CSV imports of subscribers: check, then add."""
