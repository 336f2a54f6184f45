"""Build and operation of the project, from this machine: OpenAPI, keys, environments. Not deployed."""
