"""The only modules that speak to AWS: one per store, the queues, the secrets, SES."""
