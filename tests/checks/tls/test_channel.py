"""What became of TLS in a session, and which policies can be about it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from smtpprobe.checks.base import NO_SESSION, NextHop, Skip, missing, not_applicable
from smtpprobe.checks.tls.channel import channel, policy_domain, seen, why_no_channel, why_no_policy_domain
from smtpprobe.model.transcript import Breakage, Exchange, Phase, TlsFault, Transcript
from tests.checks.tls.sessions import HOP, IN_CLEAR, NOT_TRIED, NOW, REFUSED, context, failing, over_tls, session

UNANSWERED = replace(
    NOT_TRIED,
    exchanges=(
        *NOT_TRIED.exchanges,
        Exchange(index=1, phase=Phase.STARTTLS, sent="STARTTLS", reply=None, breakage=Breakage.TIMED_OUT),
    ),
)
IMPLICIT = session((Phase.TLS, TlsFault.CLOSED))
EHLO_REFUSED = session((Phase.EHLO, b"550 Go away\r\n"))
NOTHING = Transcript(address="192.0.2.1", port=25, started_at=NOW, complete=True, exchanges=())


@pytest.mark.parametrize(
    ("transcript", "why_not", "exchange", "offered"),
    [
        (IN_CLEAR, "the server does not offer STARTTLS", 0, False),
        (REFUSED, "STARTTLS was answered with 454", 1, True),
        (UNANSWERED, "STARTTLS was not answered (timed-out)", 1, True),
        (failing(TlsFault.CLOSED), "the handshake failed: in words", 2, True),
        (IMPLICIT, "the handshake failed: in words", 0, True),
    ],
)
def test_why_there_is_no_tls(transcript: Transcript, why_not: str, exchange: int, offered: bool) -> None:
    held = channel(transcript)
    assert held is not None
    assert (held.tls, held.why_not, held.exchange, held.offered) == (None, why_not, exchange, offered)
    assert not held.unverified


@pytest.mark.parametrize(
    ("fault", "unverified"),
    [
        (TlsFault.UNTRUSTED_ISSUER, True),
        (TlsFault.EXPIRED, True),
        (TlsFault.CLIENT_CERTIFICATE_WANTED, False),
        (TlsFault.DH_TOO_SMALL, False),
        (TlsFault.CLOSED, False),
    ],
)
def test_a_handshake_that_ended_over_the_server_s_certificate_is_told_apart(fault: TlsFault, unverified: bool) -> None:
    held = channel(failing(fault))
    assert held is not None
    assert held.unverified is unverified


def test_tls_that_came_about_is_shown_with_its_handshake() -> None:
    held = channel(over_tls())
    assert held is not None
    assert held.tls is not None
    assert (held.tls.verified, held.why_not, held.exchange) == (True, None, 2)


@pytest.mark.parametrize("transcript", [NOT_TRIED, EHLO_REFUSED, NOTHING])
def test_a_session_that_ended_before_tls_has_no_channel(transcript: Transcript) -> None:
    assert channel(transcript) is None


LOCAL = not_applicable("the target is not a mail exchanger but a local delivery service")
NO_DOMAIN = replace(HOP, domain=None)


@pytest.mark.parametrize(
    ("transcript", "hop", "domains", "no_channel", "no_domain", "domain"),
    [
        (over_tls(), HOP, (), None, None, "example.com"),
        (over_tls(), NO_DOMAIN, (), None, "rcpt_to", None),
        (over_tls(), LOCAL, (), LOCAL, LOCAL, None),
        (NOT_TRIED, HOP, (), not_applicable("the session ended before TLS"), "as before", "example.com"),
        (None, HOP, (), NO_SESSION, NO_SESSION, "example.com"),
        (None, None, (), NO_SESSION, NO_SESSION, None),
        (None, None, ("example.net",), NO_SESSION, None, "example.net"),
        (over_tls(), HOP, ("example.net",), None, None, "example.net"),
    ],
)
def test_what_a_policy_can_be_about(
    transcript: Transcript | None,
    hop: NextHop | Skip | None,
    domains: tuple[str, ...],
    no_channel: Skip | None,
    no_domain: Skip | str | None,
    domain: str | None,
) -> None:
    given = context("", transcript, hop, domains=domains)
    assert why_no_channel(given) == no_channel
    assert policy_domain(given) == domain
    expected = no_channel if no_domain == "as before" else no_domain
    if expected == "rcpt_to":
        expected = missing("rcpt_to", "no forward-path names the domain whose mail goes to this host")
    assert why_no_policy_domain(given) == expected
    assert (seen(given.session) is None) == (transcript in (None, NOT_TRIED) or not isinstance(hop, NextHop))
