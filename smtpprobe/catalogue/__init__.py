"""What is known: codes, extensions, causes, providers, blocklists, and the words of replies; data, and its readers."""
