"""What SES tells us about our mail."""
