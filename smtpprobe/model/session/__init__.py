"""Parts of a transcript that are values of their own."""
