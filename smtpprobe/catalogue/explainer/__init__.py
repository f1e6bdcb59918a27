"""Any reply, in anybody's words, to its cause."""
