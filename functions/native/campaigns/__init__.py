"""Campaigns over our own API."""
