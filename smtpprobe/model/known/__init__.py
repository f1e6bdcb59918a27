"""What the catalogue knows, as values: the types that its tables are read into."""
