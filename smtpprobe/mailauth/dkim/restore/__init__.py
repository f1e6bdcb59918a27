"""Which change on the way broke a signature: rewrites that make it verify again."""
