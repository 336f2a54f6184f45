"""What every Lambda function stands on: logger, metrics, field types."""
