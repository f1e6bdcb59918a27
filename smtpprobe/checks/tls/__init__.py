"""TLS between mail servers: STARTTLS and the certificate, and what MTA-STS, TLSRPT and DANE ask of them."""
