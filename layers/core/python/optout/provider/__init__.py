"""The limits of the email provider: send rate, quota, classified errors."""
