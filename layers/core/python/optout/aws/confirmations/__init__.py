"""Confirmation requests in DynamoDB, confirmation emails through SES."""
