"""Sender Policy Framework: what a domain's record says about a client's address (RFC 7208)."""

from smtpprobe.mailauth.spf.check_host import check_host, evaluate, helo_problem
from smtpprobe.mailauth.spf.published import published

__all__ = ["check_host", "evaluate", "helo_problem", "published"]
