"""Subscribers of the native API."""
