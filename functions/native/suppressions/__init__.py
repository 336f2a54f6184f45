"""The suppression list over our own API: check, explain, history."""
