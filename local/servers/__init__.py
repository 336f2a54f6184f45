"""The processes of a local stack, and the address for people in front of them."""
