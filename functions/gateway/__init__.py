"""What is nobody's dialect: this document, its page, and the refusal of what no other endpoint answers."""
