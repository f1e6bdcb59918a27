"""Whether another server answers, by all that it says of itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from smtpprobe.model.transcript import Certificate, TlsFault, TlsSession
from smtpprobe.wire.dialogue.other_host import other_host
from smtpprobe.wire.reply_reader import parse_reply

AT = datetime(2026, 3, 2, tzinfo=UTC)


def shown(*names: str, fault: TlsFault = TlsFault.NAME) -> TlsSession:
    """A handshake with a certificate for these names, which was judged for mail.example.org."""
    leaf = Certificate(
        subject="CN=x", issuer="CN=CA", names=names, not_before=AT, not_after=AT, serial="1", key="", signature="",
        sha256="", spki_sha256="", self_signed=False,
    )  # fmt: skip
    return TlsSession(
        version="TLSv1.3", cipher="x", bits=256, name="mail.example.org", sni=None, chain=(leaf,), verified=False, faults=(fault,)
    )  # fmt: skip


OTHER = shown("s12.hoster.example")
EXPIRED = shown("s12.hoster.example", fault=TlsFault.EXPIRED)


@pytest.mark.parametrize(
    ("asked", "greeting", "ehlo", "tls", "other"),
    [
        ("mail.example.org", "s12.hoster.example ESMTP", "s12.hoster.example Hello", OTHER, "s12.hoster.example"),
        ("mail.example.org", "S12.hoster.example. ESMTP", "s12.hoster.example", OTHER, "s12.hoster.example"),
        ("mail.example.org", "s12.hoster.example", "s12.hoster.example", shown("*.hoster.example"), "s12.hoster.example"),
        # One of the three says otherwise, or nothing.
        ("mail.example.org", "mail.example.org", "s12.hoster.example", OTHER, None),
        ("mail.example.org", "s12.hoster.example", "mail.example.org", OTHER, None),
        ("mail.example.org", "s12.hoster.example", "s12.hoster.example", shown("s13.hoster.example"), None),
        ("mail.example.org", "s12.hoster.example", "s12.hoster.example", EXPIRED, None),
        ("mail.example.org", "s12.hoster.example", "s12.hoster.example", None, None),
        ("mail.example.org", "ESMTP ready", "ESMTP", OTHER, None),
        ("mail.example.org", "[192.0.2.1] ESMTP", "[192.0.2.1]", OTHER, None),
        # Whoever asks for an address, or for the host itself, is answered by it.
        ("192.0.2.1", "s12.hoster.example", "s12.hoster.example", OTHER, None),
        ("S12.hoster.example", "s12.hoster.example", "s12.hoster.example", OTHER, None),
    ],
)  # fmt: skip
def test_another_host(asked: str, greeting: str, ehlo: str, tls: TlsSession | None, other: str | None) -> None:
    replies = [parse_reply(f"{code} {text}\r\n".encode()) for code, text in ((220, greeting), (250, ehlo))]
    tls = tls and replace(tls, name=asked)
    assert other_host(*replies, tls) == other
    assert other_host(None, None, tls) is None


def test_only_who_is_willing_says_who_it_is() -> None:
    willing, unwilling = (parse_reply(f"{code} s12.hoster.example\r\n".encode()) for code in (250, 550))
    assert other_host(willing, willing, OTHER) == "s12.hoster.example"
    assert other_host(willing, unwilling, OTHER) is None
