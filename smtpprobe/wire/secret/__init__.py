"""A secret as it was given, read: which form a password or a token has, and what a token claims. Nothing is judged here."""
