"""What the standards want of a message by itself: its form (RFC 5322), and unsubscribing with one click (RFC 8058)."""
