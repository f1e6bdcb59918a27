"""The only input and output: connections, TLS, the resolver, fetched policies, zone files."""
