"""Parts of a transcript."""
