"""The only modules that call AWS: the stores, the queues, the secrets, SES."""
