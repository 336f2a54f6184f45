"""Campaigns and their ledgers in DynamoDB."""
