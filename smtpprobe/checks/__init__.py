"""What we say about what the standards decide: evidence and findings, one package or file per standard."""
