"""What a caller may ask for: the values of a request, and what fits together. One place judges, for library and command line."""
