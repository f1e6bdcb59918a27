"""DNS as values: a question with its answer, and zones that are given instead of asked for."""
