"""DMARC: the policy of an author domain, and what aligns with it (RFC 9989)."""

from smtpprobe.mailauth.dmarc.evaluate import evaluate

__all__ = ["evaluate"]
