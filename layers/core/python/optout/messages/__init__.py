"""The parts of an email: templates, headers, the plain-text part, link tokens."""
