"""What the email provider grants and refuses: send rate, quota, classified errors."""
