"""Import jobs in DynamoDB, their files in S3."""
