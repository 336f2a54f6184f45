"""Credentials and rate limits in DynamoDB."""
