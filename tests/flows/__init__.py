"""The user's stories over HTTP, against the whole stack deployed from template.yaml."""
