"""Answers from name servers: the sockets, the queries and their replies."""
