"""The ports on which mail is exchanged, submitted and delivered, and what each of them implies."""

from __future__ import annotations

SMTP = 25  # RFC 5321 §4.5.4.2
LMTP = 24  # RFC 2033 §5: never 25; 24 is for private mail systems
SUBMISSIONS = 465  # RFC 8314 §7.3: TLS from the first octet
SUBMISSION = 587  # RFC 6409 §3.1

SUBMISSION_PORTS = (SUBMISSIONS, SUBMISSION)  # RFC 8314 §3.3: implicit TLS first


def is_submission(port: int | None) -> bool:
    """Whether mail is submitted there, rather than exchanged between domains."""
    return port in SUBMISSION_PORTS


def is_implicit_tls(port: int | None) -> bool:
    """Whether TLS begins there with the first octet."""
    return port == SUBMISSIONS
