"""DomainKeys Identified Mail: the signatures of a message, and the keys that a domain publishes (RFC 6376)."""

from smtpprobe.mailauth.dkim.gather import gather
from smtpprobe.mailauth.dkim.verify import verify, verify_once

__all__ = ["gather", "verify", "verify_once"]
