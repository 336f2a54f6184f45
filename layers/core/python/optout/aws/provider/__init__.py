"""The SES account, and the send rate shared by all workers."""
