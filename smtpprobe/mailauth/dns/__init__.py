"""What DNS says about mail hosts: MX, reverse DNS, authoritative name servers, and records laid over it."""
