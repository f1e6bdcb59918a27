"""The policy of the author domain, and what aligns with it (RFC 9989)."""

from smtpprobe.checks.dmarc.check import CHECK

__all__ = ["CHECK"]
