"""Octets of a server, and scripts that tests give one."""

from __future__ import annotations

import base64
import itertools

from smtpprobe.catalogue.reference.annotate import annotate
from smtpprobe.model.transcript import Exchange, Phase
from smtpprobe.wire import script
from smtpprobe.wire.ehlo import extensions
from smtpprobe.wire.reply_reader import MAX_KEPT, MAX_LINES_KEPT, parse_reply
from tests.fuzz.target import Choices, Target, or_value_error
from tests.wire.test_reply_reader import read

MAX_CUTS = 8
MECHANISMS = (None, "LOGIN", "XOAUTH2", "SCRAM-SHA-1", "CRAM-MD5", "DIGEST-MD5", "?")


def replies(octets: bytes) -> None:
    """No octet is lost, however the stream is cut, and each reply has a code and texts that can be written."""
    choices = Choices(octets)
    places = [choices.number(256) for _ in range(choices.number(MAX_CUTS))]
    stream = choices.rest
    cuts = sorted({min(place, len(stream)) for place in places} | {0, len(stream)})
    found, left = read([stream[start:end] for start, end in itertools.pairwise(cuts)])
    assert (found, left) == read([stream])
    if len(stream) <= MAX_KEPT:
        assert b"".join(found) + left == stream
    for raw in (*found, stream):
        reply = parse_reply(raw)
        assert 0 <= reply.code <= 999
        assert len(reply.lines) <= MAX_LINES_KEPT
        assert all(line.encode() is not None for line in reply.lines)


def greeting_lines(octets: bytes) -> None:
    """Any reply in any phase has an annotation, a challenge of any octets too; keywords are in upper case."""
    choices = Choices(octets)
    phase, mechanism = (
        choices.one_of(list(Phase)),
        choices.one_of([None, "LOGIN", "XOAUTH2", "SCRAM-SHA-1", "CRAM-MD5", "DIGEST-MD5", "?"]),
    )
    provider = choices.one_of([None, "google", "microsoft", "?"])
    reply = parse_reply(choices.rest)
    assert all(keyword == keyword.upper() and keyword for keyword in extensions(reply.lines))
    sent = None if mechanism is None else f"AUTH {mechanism}"
    challenge = parse_reply(b"334 " + base64.b64encode(choices.rest))
    for exchange in (
        Exchange(index=0, phase=phase, sent=sent, reply=reply),
        Exchange(index=0, phase=Phase.AUTH, sent=sent, reply=challenge),
    ):
        annotation = annotate(exchange, provider=provider, mechanism=mechanism)
        assert annotation.title
        assert annotation.meaning
        assert annotation.fix
        assert annotation.references
        assert all(line.meaning.isprintable() for line in annotation.lines)


def scripts(octets: bytes) -> None:
    """A script is read or refused with its line; octets that it shows are read back."""
    text = octets.decode("utf-8", "replace")
    complaint = "line "
    try:
        script.parse(text)
    except ValueError as error:
        complaint = str(error)
    assert complaint.startswith("line ")
    if octets:
        assert script.parse(f"S= {script.escaped(octets)}") == (script.ServerSays(1, octets, exact=True),)
    or_value_error(lambda: script.matches(text, "EHLO client.example.org"))


CODES = (b"220", b"250", b"334", b"354", b"421", b"450", b"501", b"535", b"550", b"554", b"999", b"000")
ENDS = (b"\r\n", b"\n", b"\r", b"\0", b"-", b" ", b"\xff\xfe", b"5.7.1 ", b"2.0.0 ", b"\x1b[2J", "‮".encode())
KEYWORDS = (
    b"AUTH PLAIN LOGIN CRAM-MD5", b"AUTH=PLAIN", b"SIZE 33554432", b"STARTTLS", b"PIPELINING", b"8BITMIME", b"SMTPUTF8",
    b"LIMITS RCPTMAX=20", b"XCLIENT NAME ADDR", b"ENHANCEDSTATUSCODES", b"SIZE x", b"DELIVERBY 99999999999999999999",
    b"LIMITS =", b"LIMITS RCPTMAX=", b"XXXX", b"=", b"eyJ9", b"i=9,r=",
)  # fmt: skip
GREETING = (
    b"250-mx.example.com Hello client.example.org [192.0.2.1]\r\n250-" + b"\r\n250-".join(KEYWORDS) + b"\r\n250 DSN\r\n"
)

TARGETS = (
    Target(name="replies", check=replies, choices=3, examples=1000, words=CODES + ENDS, seeds=[b"\2\1\7" + GREETING]),
    Target(
        name="greeting-lines", check=greeting_lines, choices=3, examples=1000, words=CODES + ENDS + KEYWORDS,
        seeds=[b"\1\0\0" + GREETING, b"\4\2\0334 VXNlcm5hbWU6\r\n", b"\0\0\1220 mx.google.com ESMTP\r\n"],
    ),
    Target(
        name="scripts", check=scripts, examples=600,
        words=[b"S: ", b"C: ", b"S= ", b"TLS", b"EOF", b"~ 2.5", b'"\\x41\\r\\n"', b"\\", b'"', b"*", b"\n", b"S* 3: "],
        seeds=[b"S: 220 mx.example.com\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\n~ 2.5\nTLS\nEOF\n"],
    ),
)  # fmt: skip
