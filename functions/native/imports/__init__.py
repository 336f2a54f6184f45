"""Imports of CSV files over our own API."""
