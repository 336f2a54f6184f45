"""What no other endpoint answers."""
