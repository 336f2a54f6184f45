"""Campaigns and their ledgers: draft, create, control, preview, deliveries."""
