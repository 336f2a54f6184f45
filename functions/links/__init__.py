"""The links inside our own mail."""
