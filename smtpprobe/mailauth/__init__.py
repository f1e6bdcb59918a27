"""What the standards of mail authentication decide, one package per standard; async, but only through a Resolver."""
