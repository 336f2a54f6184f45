"""Newsletters and their subscribers: subscribe, update, unsubscribe, select."""
