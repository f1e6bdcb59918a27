"""What is known: codes, extensions, causes, providers, block lists, and the words of replies; data, and its readers."""
