"""The sessions of a run: which addresses are called, one after another or all, and the session with each."""
