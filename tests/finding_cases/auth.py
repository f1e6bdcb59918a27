"""Rows of the auth check: sessions that end after EHLO or with the login."""

from __future__ import annotations

import msgspec

from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.testing.cases import CaseRequest
from smtpprobe.wire.reply_reader import parse_reply
from tests.finding_cases.row import NOW, Given, Played, Row

OPENED = "S: 220 mx.example.com\nC: EHLO client.example.org\n"
QUIT = "C: QUIT\nS: 221 2.0.0 Bye\nEOF\n"
SHORT = CaseRequest(quit_after=Phase.EHLO)
LOGIN = CaseRequest(user="alice@example.org", password="correct horse", insecure_auth=True, quit_after=Phase.AUTH)


def offered(line: str) -> Played:
    """The reply to EHLO has this line, in clear."""
    return Played(OPENED + f"S: 250-mx.example.com\nS: 250 {line}\n" + QUIT, SHORT)


def login(offer: str, *steps: str) -> Played:
    """A login in clear, after an offer of these mechanisms."""
    asked = msgspec.structs.replace(LOGIN, mech=steps[0].split()[2] if steps else None)
    return Played(OPENED + f"S: 250-mx.example.com\nS: 250 {offer}\n" + "\n".join((*steps, QUIT)), asked)


def scram(*said: tuple[str, bytes]) -> Given:
    """A login over TLS: commands and replies."""
    hello = Exchange(
        index=0,
        phase=Phase.EHLO,
        sent="EHLO client.example.org",
        reply=parse_reply(b"250 mx\r\n"),
        over_tls=True,
    )
    attempts = [
        Exchange(index=index, phase=Phase.AUTH, sent=sent, reply=parse_reply(reply), over_tls=True)
        for index, (sent, reply) in enumerate(said, 1)
    ]
    exchanges = (hello, *attempts)
    return Given(
        transcript=Transcript(address="192.0.2.1", port=587, started_at=NOW, complete=True, exchanges=exchanges)
    )


FIRST = ("AUTH SCRAM-SHA-256 ‹credentials›", b"334 cj0=\r\n")

ROWS = (
    Row("auth-offered-in-clear", offered("AUTH PLAIN"), offered("AUTH CRAM-MD5")),
    Row("auth-offered-in-clear", offered("AUTH CRAM-MD5 LOGIN"), offered("X-AUTH LOGIN")),
    Row(
        "auth-refused",
        login("AUTH PLAIN", "C: AUTH PLAIN *", "S: 535 5.7.8 No"),
        login("AUTH PLAIN", "C: AUTH PLAIN *", "S: 235 2.7.0 Ok"),
        ("auth-offered-in-clear",),
    ),
    Row(
        "auth-not-offered",
        login("SIZE"),
        login("AUTH PLAIN", "C: AUTH PLAIN *", "S: 235 2.7.0 Ok"),
        ("auth-offered-in-clear",),
    ),
    Row(
        "auth-not-offered",
        login("SIZE"),
        Played(login("SIZE").session, msgspec.structs.replace(LOGIN, user=None, quit_after=Phase.EHLO)),
    ),
    Row("auth-old-form", offered("AUTH=CRAM-MD5"), offered("AUTH CRAM-MD5")),
    Row(
        "auth-server-unproved",
        scram(FIRST, ("‹credentials›", b"235 Ok\r\n")),
        scram(FIRST, ("‹credentials›", b"334 dj0=\r\n"), ("", b"235 Ok\r\n")),
    ),
    Row(
        "auth-server-unproved",
        scram(FIRST, ("‹credentials›", b"334 ZT1vdGhlci1lcnJvcg==\r\n"), ("", b"235 Ok\r\n")),  # e=other-error
        scram(FIRST, ("‹credentials›", b"334 ZT1vdGhlci1lcnJvcg==\r\n"), ("", b"535 No\r\n")),
        ("auth-refused",),
    ),
    Row(
        "auth-server-unproved",
        scram(("AUTH DIGEST-MD5", b"334 bm9uY2U9\r\n"), ("‹credentials›", b"235 Ok\r\n")),
        scram(("AUTH DIGEST-MD5", b"334 bm9uY2U9\r\n"), ("‹credentials›", b"334 cnNw\r\n"), ("", b"235 Ok\r\n")),
    ),
    Row(
        "auth-server-unproved",
        login("AUTH SCRAM-SHA-256", "C: AUTH SCRAM-SHA-256 *", "S: 235 2.7.0 Ok"),
        login("AUTH CRAM-MD5", "C: AUTH CRAM-MD5", "S: 334 PDEuMkBteC5leGFtcGxlLmNvbT4=", "C: *", "S: 235 2.7.0 Ok"),
    ),
)
