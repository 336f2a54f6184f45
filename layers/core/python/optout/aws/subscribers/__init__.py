"""Newsletters and subscribers in DynamoDB."""
