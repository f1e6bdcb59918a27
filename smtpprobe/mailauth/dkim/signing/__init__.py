"""A signature of one's own on a message, and the private key that makes it (RFC 6376 §5)."""
