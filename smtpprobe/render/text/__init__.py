"""Pages of plain text for people; what they say is decided in the view."""
