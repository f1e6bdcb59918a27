"""What a domain publishes about TLS to its mail hosts: MTA-STS, TLS reporting, DANE (RFC 8461, RFC 8460, RFC 7672)."""
