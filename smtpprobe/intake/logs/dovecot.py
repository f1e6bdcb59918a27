"""The logins that Dovecot refuses, and the mail that its LMTP server and its delivery agent do not store."""

from __future__ import annotations

import re

from smtpprobe.intake.found import domain_of
from smtpprobe.intake.logs.lines import Place, Refusal, login_from, stored_for
from smtpprobe.model.transcript import Phase

MARKERS = (
    *(b"(auth failed, ", b"assword mismatch", b": unknown user", b"pam_authenticate() failed", b"nvalid credentials"),
    *(b"Password query failed", b"save failed to ", b"failed to store into mailbox"),
)
_IN_DATABASE = re.compile(
    r"(?P<by>[\w-]{2,30})\([^\s()]{0,255}?,(?P<ip>[0-9A-Fa-f.:]{3,45})(?:,(?P<more>[^\s()]{0,100}))?\)"
    r"(?P<session><[^<>\s]{1,80}>)?: "
    # A password may follow, which nobody is to read.
    r"(?P<why>[Pp]assword mismatch|unknown user|pam_authenticate\(\) failed: [A-Za-z ]{3,60}|[Ii]nvalid credentials"
    r"|Password query failed)"
)
_LOGIN = re.compile(r"\(auth failed, \d{1,6} attempts?\b")
_FROM = re.compile(r"\brip=(?P<ip>[0-9A-Fa-f.:]{3,45})")
_SESSION = re.compile(r"\bsession=<(?P<session>[^<>\s]{1,80})>")
_STORE = re.compile(
    r"(?:save failed to (?:open mailbox )?[^:]{1,300}|failed to store into mailbox '[^'\n]{1,300}'): (?P<why>.*)",
    re.DOTALL,
)
_TO = re.compile(r"\b(?:lmtp|lda|deliver)\((?:\d{1,10}, ?)?(?P<to>[^\s()]{1,320})\)")
# Of the mail store, not of a rule: what is left of the line would read like a refusal by policy.
_CLOSED = re.compile(r"permission denied", re.IGNORECASE)
_FULL = re.compile(r"quota|mailbox.{0,20} full", re.IGNORECASE)


def dovecot(message: str) -> Refusal | None:
    """The refusal in a line of auth, a login process, lmtp or lda; None where there is none.

    Dovecot does not log its replies: those stand for them that it gives to its clients.
    """
    if login := _IN_DATABASE.search(message):
        return _login(login)
    if _LOGIN.search(message):
        address, session = _FROM.search(message), _SESSION.search(message)
        peer = address["ip"] if address else None
        of = _session(session["session"]) if session else login_from(peer) if peer else None
        words = "535 5.7.8 Authentication failed"
        return Refusal(words, Phase.AUTH, None, peer, of=of, place=Place.AGAIN).receiving()
    if stored := _STORE.search(message):
        to = _TO.search(message)
        code = "552 5.2.2" if _FULL.search(stored["why"]) else "451 4.2.0"
        of = stored_for(to["to"]) if to else None
        why = f"failed to store: {stored['why']}" if _CLOSED.match(stored["why"]) else stored["why"]
        domain = domain_of(to["to"]) if to else None
        return Refusal(f"{code} {why}", Phase.MESSAGE, domain, of=of).receiving()
    return None


def _login(login: re.Match[str]) -> Refusal:
    named = login["session"] or next((each for each in (login["more"] or "").split(",") if each[:1] == "<"), None)
    of = _session(named.strip("<>")) if named else login_from(login["ip"])
    why = login["why"].strip()
    later = why == "Password query failed"
    said = "454 4.7.0 Temporary authentication failure" if later else "535 5.7.8 Authentication failed"
    return Refusal(f"{said}: {why}", Phase.AUTH, None, login["ip"], of=of, by=login["by"]).receiving()


def _session(name: str) -> str:
    return f"session {name}"
