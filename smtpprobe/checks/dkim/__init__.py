"""The signatures of a message, and the keys of a domain (RFC 6376)."""

from smtpprobe.checks.dkim.check import CHECK

__all__ = ["CHECK"]
