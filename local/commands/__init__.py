"""The commands of ./dev that use a local stack: up, demo, invoke."""
