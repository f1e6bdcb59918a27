"""What the STARTTLS check says beside the ids of its findings: how severe, and the facts that it reads."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from smtpprobe.checks.base import HELO_ALONE, NO_SESSION, not_applicable
from smtpprobe.checks.tls.starttls import CHECK
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.transcript import Phase, TlsFault, Transcript
from tests.checks.tls.sessions import IN_CLEAR, NOT_TRIED, OFFERING, REFUSED, context, over_tls, session

PLAIN = b"250 mx.example.com\r\n"
UNVERIFIED = over_tls(problems=("self-signed certificate",))


@pytest.mark.parametrize(
    ("port", "user", "severity"),
    [(25, None, "notice"), (25, "alice", "error"), (465, None, "error"), (587, None, "error"), (2525, None, "notice")],
)
async def test_a_certificate_must_verify_for_submission(port: int, user: str | None, severity: str) -> None:
    given = context("", replace(UNVERIFIED, port=port))
    given = replace(given, session=replace(given.session, login=LoginRecord(user=user) if user else None))
    _, (finding,) = await CHECK.run(given)
    assert (finding.id, finding.severity, finding.exchange) == ("certificate-unverified", severity, 2)


@pytest.mark.parametrize(
    ("transcript", "facts", "exchanges"),
    [
        (IN_CLEAR, {"offered": "no"}, ()),
        (NOT_TRIED, {"offered": "yes"}, ()),
        (REFUSED, {"offered": "yes"}, (1,)),
        (session((Phase.TLS, TlsFault.CLOSED)), {"offered": "unknown"}, (0,)),
        (
            over_tls(),
            {"offered": "yes", "verified": "yes", "name": "mx.example.com", "version": "TLSv1.3", "cipher": "cipher"},
            (1, 2),
        ),
    ],
)
async def test_the_facts_of_the_session(
    transcript: Transcript, facts: dict[str, str], exchanges: tuple[int, ...]
) -> None:
    evidence, _ = await CHECK.run(context("", transcript))
    assert isinstance(evidence, SessionEvidence)
    assert (evidence.facts, evidence.exchanges) == (facts, exchanges)


def test_skipped() -> None:
    unanswered = not_applicable("the session ended before EHLO was answered")
    assert CHECK.skip(context("", None)) == NO_SESSION
    assert CHECK.skip(context("", session((Phase.EHLO, b"550 Go away\r\n")))) == unanswered
    assert CHECK.skip(context("", session((Phase.TLS, TlsFault.CLOSED)))) is None
    assert CHECK.skip(context("", session((Phase.EHLO, OFFERING)))) is None
    assert CHECK.skip(context("", with_helo(session((Phase.EHLO, PLAIN))))) == HELO_ALONE


def with_helo(transcript: Transcript) -> Transcript:
    """The same with HELO as the last command."""
    *before, last = transcript.exchanges
    return replace(transcript, exchanges=(*before, replace(last, sent="HELO client.example.org")))


async def test_a_server_that_refuses_ehlo_offers_nothing() -> None:
    refused = session((Phase.EHLO, b"502 What\r\n"), (Phase.EHLO, PLAIN))
    _, (finding,) = await CHECK.run(context("", with_helo(refused)))
    assert (finding.id, finding.message) == ("starttls-not-offered", "EHLO is refused, and HELO offers no extensions")
    hello = session((Phase.EHLO, b"250 mx\r\n"))
    (exchange,) = hello.exchanges
    helo = replace(exchange, sent="HELO client.example.org")
    assert CHECK.skip(context("", replace(hello, exchanges=(helo,)))) == HELO_ALONE
