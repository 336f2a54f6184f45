"""The server processes of a local stack."""
