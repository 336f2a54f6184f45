"""Who may ask, and how much: credentials, permissions, rate limits."""
