"""What an email carries: templates, headers, the plain-text part, link tokens."""
