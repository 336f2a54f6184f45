"""The suppression list in DynamoDB."""
