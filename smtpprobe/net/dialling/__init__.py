"""How a connection comes about: a socket from the address and port that are wanted, or through a proxy."""
