"""The findings of `message`: its form, what the server takes, and unsubscribing with one click."""

from __future__ import annotations

import msgspec

from smtpprobe.model.transcript import Phase
from tests.checks.tls.sessions import SILENT, session
from tests.finding_cases.row import Given, Row

HEADER = b"From: <alice@example.org>\r\nDate: Sun, 22 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nSubject: Hi\r\n"
FINE = HEADER + b"\r\nHi\r\n"
HTTPS = b"<mailto:u@example.org>, <https://example.org/u>"
POST = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
SIGNATURE = (
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; bh=eA==; b=eA==;\r\n"
    b"\th=from:list-unsubscribe:list-unsubscribe-post\r\n"
)


def given(message: bytes, *extensions: str, is_sent: bool = False) -> Given:
    held = msgspec.structs.replace(session((Phase.EHLO, SILENT)), extensions=extensions) if extensions else None
    return Given(message=message, transcript=held, message_is_sent=is_sent)


def listed(uris: bytes, *fields: bytes) -> bytes:
    return b"".join((*fields, b"List-Unsubscribe: ", uris, b"\r\n", FINE))


ROWS = (
    Row(
        "message-header-broken",
        given(HEADER + b"no field\r\nX: 1\r\n\r\nHi\r\n"),
        given(HEADER + b" no field\r\nX: 1\r\n\r\nHi\r\n"),
    ),
    Row("message-date-missing", given(FINE.replace(b"Date:", b"Dat:")), given(FINE)),
    Row(
        "message-date-wrong",
        given(FINE.replace(b"Nov 2026", b"Dec 2026")),
        given(FINE.replace(b"Nov 2026", b"Nov 2025")),
    ),
    Row("message-date-wrong", given(FINE.replace(b"Sun, 22", b"soon")), given(FINE.replace(b"Sun, 22", b"22"))),
    Row("message-id-missing", given(FINE.replace(b"Message-ID: <1@example.org>", b"Message-ID: ")), given(FINE)),
    Row("message-line-too-long", given(FINE + b"x" * 999 + b"\r\n"), given(FINE + b"x" * 998 + b"\r\n")),
    Row("message-line-end-alone", given(FINE + b"a\nb\r\n", is_sent=True), given(FINE + b"a\nb\r\n")),
    Row("message-line-end-alone", given(FINE + b"a\rb\r\n", is_sent=True), given(FINE + b"a\r\nb\r\n", is_sent=True)),
    Row("message-eight-bit", given(FINE + b"\xc3\xbc\r\n", "SIZE"), given(FINE + b"\xc3\xbc\r\n", "8BITMIME")),
    Row("message-eight-bit", given(FINE + b"\xc3\xbc\r\n", "SIZE"), given(FINE + b"\xc3\xbc\r\n")),
    Row(
        "message-header-eight-bit",
        given(b"X: \xc3\xbc\r\n" + FINE, "8BITMIME"),
        given(b"X: \xc3\xbc\r\n" + FINE, "smtputf8"),
    ),
    Row("message-above-size", given(FINE, f"SIZE {len(FINE) - 1}"), given(FINE, f"SIZE {len(FINE)}")),
    Row("message-above-size", given(FINE, "SIZE 1"), given(FINE, "SIZE 0")),
    Row("one-click-missing", given(listed(HTTPS)), given(FINE)),
    Row("one-click-broken", given(listed(b"<http://e.org/u>", SIGNATURE, POST)), given(listed(HTTPS, SIGNATURE, POST))),
    Row(
        "one-click-broken",
        given(listed(HTTPS, SIGNATURE, POST.replace(b"Click", b"Klick"))),
        given(listed(HTTPS, SIGNATURE, POST.lower())),
    ),
    Row(
        "one-click-unsigned",
        given(listed(HTTPS, SIGNATURE.replace(b":list-unsubscribe-post", b""), POST)),
        given(listed(HTTPS, SIGNATURE, SIGNATURE.replace(b"h=from:list", b"h=from:x-list"), POST)),
    ),
)
