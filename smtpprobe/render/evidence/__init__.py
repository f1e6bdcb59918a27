"""What the checks learnt, as rows of text without any format's syntax: one module per standard, one table for all."""
