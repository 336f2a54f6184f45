"""Routes outside the dialects: this document and its page. All other paths get an error response."""
