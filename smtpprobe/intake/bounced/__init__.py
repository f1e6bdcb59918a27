"""What the words of bounces tell, each mail program having its own."""
