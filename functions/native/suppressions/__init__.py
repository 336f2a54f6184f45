"""The suppression list of the native API: check, explain, history."""
