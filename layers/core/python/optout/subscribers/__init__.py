"""Newsletters and their subscribers: subscribe, update, leave, select."""
