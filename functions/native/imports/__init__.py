"""Imports of CSV files with the native API."""
