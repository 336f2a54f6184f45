"""optout: one suppression list, four dialects, and a mailer that keeps to it."""
