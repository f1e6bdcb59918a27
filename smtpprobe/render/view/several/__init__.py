"""Sessions with several addresses of one target, side by side."""
