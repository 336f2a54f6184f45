"""The native API: what no other dialect can ask."""
