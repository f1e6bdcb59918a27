"""A report as values, and each format that prints it."""
