"""What people have when mail is refused: bounces, mail logs, other clients' transcripts, to replies with their phase."""
