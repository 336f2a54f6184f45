"""The native API: checks, explanations, campaigns and imports, which no other dialect offers."""
