"""Credentials, permissions and rate limits."""
