"""DNS block lists: questions to a zone, and what its answers say (RFC 5782)."""

from smtpprobe.mailauth.dnsbl.ask import ask, ask_all, evidence, not_asked, wrong_kind

__all__ = ["ask", "ask_all", "evidence", "not_asked", "wrong_kind"]
