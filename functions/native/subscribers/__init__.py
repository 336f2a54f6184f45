"""Subscribers over our own API."""
