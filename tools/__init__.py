"""Tools to build and operate the application: OpenAPI document, keys, environments. Not deployed."""
