"""optout: one suppression list, four API dialects, and a bulk mailer that respects it."""
