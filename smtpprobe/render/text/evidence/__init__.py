"""What the checks found out, as lines of text; one module per standard."""
