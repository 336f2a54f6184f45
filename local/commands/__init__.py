"""The commands of ./dev that use a local stack: up, down, credentials, logs, demo and invoke."""
