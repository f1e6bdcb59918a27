"""Which mail host a session was with, and when TLS policies are looked up without a refusal."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.checks.base import NextHop, Skip
from smtpprobe.model import target
from smtpprobe.model.report import SkipKind
from smtpprobe.model.request import Assumed, Envelope, Request
from smtpprobe.model.transcript import Transcript
from smtpprobe.pipeline.next_hop import next_hop, tls_policies_apply
from tests.checks.tls.sessions import IN_CLEAR, NOT_TRIED, REFUSED, context, failing, over_tls

TO_BOB = Envelope(Assumed("client.example.org"), Assumed(""), (Assumed("bob@example.com"),))
TO_NOBODY = Envelope(Assumed("client.example.org"), Assumed(""))


def found(text: str, envelope: Envelope = TO_BOB, port: int | None = 25, host: str | None = "mx.example.com", **more):
    transcript = msgspec.structs.replace(over_tls(), port=port, host=host)
    return next_hop(Request(target=target.parse_target(text), **more), envelope, transcript)


@pytest.mark.parametrize(
    ("text", "envelope", "expected"),
    [
        ("example.net", TO_BOB, NextHop(host="mx.example.com", domain="example.net", through_mx=True)),
        ("bob@example.com", TO_BOB, NextHop(host="mx.example.com", domain="example.com", through_mx=True)),
        ("mx.example.com:25", TO_BOB, NextHop(host="mx.example.com", domain="example.com", through_mx=False)),
        ("mx.example.com:25", TO_NOBODY, NextHop(host="mx.example.com", domain=None, through_mx=False)),
    ],
)
def test_a_mail_host(text: str, envelope: Envelope, expected: NextHop) -> None:
    assert found(text, envelope) == expected


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("lmtp://mx.example.com", {}, "local delivery"),
        ("/run/smtp", {}, "local delivery"),
        ("mx.example.com:587", {"port": 587}, "submission"),
        ("mx.example.com:2525", {"user": "alice"}, "submission"),
        ("192.0.2.1:25", {"host": "192.0.2.1"}, "address"),
        ("localhost:2525", {"host": "localhost"}, "public DNS"),
    ],
)
def test_no_mail_host(text: str, more: dict, words: str) -> None:
    why = found(text, **more)
    assert isinstance(why, Skip)
    assert why.kind is SkipKind.NOT_APPLICABLE
    assert words in why.reason


@pytest.mark.parametrize(
    ("transcript", "through_mx", "literal"),
    [
        (over_tls(), True, False),
        (over_tls(problems=("expired",)), True, True),
        (failing("no cipher in common"), True, True),
        (REFUSED, True, True),
        (IN_CLEAR, True, False),
        (NOT_TRIED, False, False),
    ],
)
def test_where_policies_about_tls_are_looked_up(transcript: Transcript, through_mx: bool, literal: bool) -> None:
    assert tls_policies_apply(context("", transcript).session) is through_mx
    named = NextHop(host="mx.example.com", domain="example.com", through_mx=False)
    assert tls_policies_apply(context("", transcript, named).session) is literal
    assert not tls_policies_apply(context("", transcript, "this is submission").session)
