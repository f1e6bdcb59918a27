"""What is known of a rejection, by the names of `catalogue.facts`: the reply's words, the session, the evidence."""
