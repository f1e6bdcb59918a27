"""Rows of the DANE check: a session with mx.example.com, whose certificate is a throw-away one."""

from __future__ import annotations

from smtpprobe.model.transcript import TlsFault, Transcript
from tests.checks.tls.sessions import HOP, IN_CLEAR, failing, over_tls
from tests.finding_cases.row import Given, Row
from tests.mailauth.tls.chains import chain, record

CHAIN = chain()
SESSION = over_tls(CHAIN)
RIGHT, WRONG, UNUSABLE = record(3, 1, 1, CHAIN[0]), "3 1 1 " + "00" * 32, "1 1 1 " + "00" * 32
BASIC = "example.com. MX 10 mx.example.com.\nmx.example.com. A 192.0.2.1\n"
SIGNED = ";! AUTHENTIC example.com\n;! AUTHENTIC *.example.com\n"


def published(*records: str, transcript: Transcript = SESSION, signed: str = SIGNED, fault: str = "") -> Given:
    lines = "".join(f"_25._tcp.mx.example.com. TLSA {text}\n" for text in records)
    return Given(BASIC + signed + lines + fault, transcript=transcript, next_hop=HOP)


ROWS = (
    Row("dane-match", published(RIGHT), published(WRONG), ("dane-mismatch",)),
    Row("dane-mismatch", published(WRONG), published(RIGHT), ("dane-match",)),
    Row("dane-mismatch", published(WRONG), published(WRONG, signed=""), ("dane-not-secure",)),
    Row("dane-tls-required", published(RIGHT, transcript=IN_CLEAR), published(RIGHT), ("dane-match",)),
    Row("dane-tls-required", published(RIGHT, transcript=IN_CLEAR), published(transcript=IN_CLEAR)),
    Row("dane-unusable", published(UNUSABLE), published(UNUSABLE.replace("1 1 1", "3 1 1")), ("dane-mismatch",)),
    Row("dane-not-secure", published(RIGHT, signed=""), published(RIGHT), ("dane-match",)),
    Row("dane-not-secure", published(RIGHT, signed=SIGNED.splitlines()[1] + "\n"), published(RIGHT), ("dane-match",)),
    Row("dane-rollover", published(RIGHT, WRONG), published(RIGHT), ("dane-match",)),
    Row("dane-rollover", published(RIGHT, WRONG), published(WRONG), ("dane-mismatch",)),
    Row(
        "dane-not-compared",
        published(RIGHT, transcript=failing(TlsFault.UNTRUSTED_ISSUER)),
        published(RIGHT, transcript=failing(TlsFault.CLOSED)),
        ("dane-tls-required",),
    ),
    Row(
        "dane-temperror",
        published(fault=";! SERVFAIL _25._tcp.mx.example.com TLSA"),
        published(fault=";! NXDOMAIN _25._tcp.mx.example.com TLSA"),
    ),
)
