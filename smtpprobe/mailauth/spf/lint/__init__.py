"""What is unwise in an SPF record, whichever address asks."""
