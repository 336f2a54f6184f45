"""Double opt-in: request, send, confirm."""
