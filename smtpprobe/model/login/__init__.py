"""What may be said of a login: of its secret without the secret, and what speaks against it before it is tried."""
