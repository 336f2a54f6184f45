"""SES as the sender; send events in DynamoDB and S3."""
