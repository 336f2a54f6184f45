"""Events of SES about our emails."""
