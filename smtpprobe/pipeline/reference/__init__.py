"""What is printed of the project itself: pages of permanent ids, and the JSON Schemas of its output."""
