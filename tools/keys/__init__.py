"""`./dev key`: makes, lists and revokes the keys of a deployed stack."""
