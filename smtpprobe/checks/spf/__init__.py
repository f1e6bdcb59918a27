"""What SPF says about the client's address, and what is unwise in the record (RFC 7208)."""

from smtpprobe.checks.spf.check import CHECK, OF_RECORD

__all__ = ["CHECK", "OF_RECORD"]
