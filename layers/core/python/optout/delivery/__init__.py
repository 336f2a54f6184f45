"""The mailer at work: expand, deliver, sweep, reconcile."""
