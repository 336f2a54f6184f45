"""The suppression list: suppress, lift, check, explain, override, search."""
