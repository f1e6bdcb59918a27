"""Logins before they are tried: what providers want of a secret, and what is wrong with the one at hand."""
