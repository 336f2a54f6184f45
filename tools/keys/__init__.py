"""`./dev key`: creates, lists and revokes the API keys of a deployed stack."""
