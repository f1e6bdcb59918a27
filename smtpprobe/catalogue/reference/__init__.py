"""What the standards say: of a code, an enhanced status code, an extension, and of each reply of a transcript."""
