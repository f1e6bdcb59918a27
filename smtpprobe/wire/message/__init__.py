"""Messages as octets: composed, given line ends, and made ready for the wire."""
