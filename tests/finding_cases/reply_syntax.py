"""Rows of the reply-syntax check: sessions that end after EHLO."""

from __future__ import annotations

from smtpprobe.model.request import Protocol
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.testing.cases import CaseRequest
from smtpprobe.wire.reply_reader import parse_reply
from tests.finding_cases.row import NOW, Given, Played, Row

GREETING = 'S= "220 mx.example.com ESMTP\\r\\n"\n'
EHLO = "C: EHLO client.example.org\n"
HELLO = 'S= "250 mx.example.com\\r\\n"\n'
QUIT = "C: QUIT\nS: 221 2.0.0 Bye\nEOF\n"
SHORT = CaseRequest(quit_after=Phase.EHLO)


def greeted(octets: str) -> Played:
    """The greeting has these octets, escaped as in `S=`."""
    return Played(f'S= "{octets}"\n' + EHLO + HELLO + QUIT, SHORT)


def helloed(octets: str) -> Played:
    return Played(GREETING + EHLO + f'S= "{octets}"\n' + QUIT, SHORT)


def after(seconds: float) -> Given:
    """The greeting came so long after the connection."""
    reply = parse_reply(b"220 mx.example.com\r\n")
    greeting = Exchange(index=0, phase=Phase.GREETING, sent=None, reply=reply, last_octet_s=seconds)
    return Given(
        transcript=Transcript(address="192.0.2.1", port=25, started_at=NOW, complete=True, exchanges=(greeting,))
    )


def long(octets: int) -> Played:
    """A line of so many octets, CRLF included."""
    return helloed("250 mx " + "x" * (octets - 9) + "\\r\\n")


ROWS = (
    Row("reply-malformed", greeted("220 mx\\n"), greeted("220 mx\\r\\n")),
    Row("reply-malformed", greeted("220 mx\\rx\\r\\n"), greeted("220 mx x\\r\\n")),
    Row("reply-malformed", greeted("220:mx\\r\\n"), greeted("220 mx\\r\\n")),
    Row("reply-malformed", greeted("mx\\r\\n220 mx\\r\\n"), greeted("220-mx\\r\\n220 mx\\r\\n")),
    Row("reply-malformed", greeted("\\r\\n220 mx\\r\\n"), greeted("220-\\r\\n220 mx\\r\\n")),
    Row("reply-malformed", helloed("260 mx\\r\\n"), helloed("259 mx\\r\\n")),
    Row("reply-malformed", long(513), long(512)),
    Row("reply-code-mismatch", greeted("554-mx\\r\\n220 mx\\r\\n"), greeted("220-mx\\r\\n220 mx\\r\\n")),
    Row("reply-enhanced-mismatch", helloed("250 5.0.0 mx\\r\\n"), helloed("250 2.0.0 mx\\r\\n")),
    Row(
        "reply-enhanced-mismatch",
        helloed("250-2.0.0 mx\\r\\n250 2.0.1 mx\\r\\n"),
        helloed("250-2.0.0 mx\\r\\n250 2.0.0 mx\\r\\n"),
    ),
    Row("reply-text-not-ascii", greeted("220 bj\\u00f6rn\\r\\n"), greeted("220 bjorn\\r\\n")),
    Row("reply-text-not-ascii", greeted("220 bj\\xf6rn\\r\\n"), greeted("220 bjorn\\r\\n")),
    Row("reply-text-not-ascii", greeted("220 mx\\x0b\\r\\n"), greeted("220 mx\\t\\r\\n")),
    Row("reply-unsolicited", greeted("220 mx\\r\\n220 mx\\r\\n"), greeted("220-mx\\r\\n220 mx\\r\\n")),
    Row(
        "ehlo-not-known",
        Played(GREETING + EHLO + "S: 502 5.5.1 No\nC: HELO client.example.org\n" + HELLO + QUIT, SHORT),
        Played(GREETING + EHLO + HELLO + QUIT, SHORT),
    ),
    Row(
        "ehlo-not-known",
        Played(GREETING + EHLO + "S: 502 5.5.1 No\nC: HELO client.example.org\n" + HELLO + QUIT, SHORT),
        Played(GREETING + EHLO + "S: 502 5.5.1 No\nC: HELO client.example.org\nS: 550 5.7.1 No\n" + QUIT, SHORT),
    ),
    Row(
        "ehlo-not-known",
        Played(GREETING + EHLO + "S: 500 5.5.2 No\nC: HELO client.example.org\n" + HELLO + QUIT, SHORT),
        Played(
            GREETING + "C: HELO client.example.org\n" + HELLO + QUIT,
            CaseRequest(quit_after=Phase.EHLO, protocol=Protocol.SMTP),
        ),
    ),
    Row("greeting-slow", after(5.001), after(5.0)),
)
