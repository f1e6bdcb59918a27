"""What was meant by an SPF record that is written wrongly, as far as that is certain."""
