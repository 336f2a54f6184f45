"""The jobs behind the queues."""
