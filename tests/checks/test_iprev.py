"""What the iprev check says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.checks.base import CheckInput, missing
from smtpprobe.checks.iprev import CHECK
from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Transcript
from smtpprobe.testing.zones import zone_resolver
from tests.checks.inputs import check_input

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = "13.2.0.192.in-addr.arpa. PTR mx.example.org.\nmx.example.org. A 192.0.2.13\n"


def context(
    text: str,
    *,
    ip: str | None = "192.0.2.13",
    helo: str = "mx.example.org",
    assumed: bool = False,
    session: bool = True,
) -> CheckInput:
    return check_input(
        resolver=zone_resolver(text),
        now=NOW,
        envelope=Envelope(Assumed(helo, assumed), Assumed("")),
        client_ip=ip,
        transcript=Transcript(address="203.0.113.9", port=25, started_at=NOW, complete=True, exchanges=())
        if session
        else None,
    )


@pytest.mark.parametrize(
    ("text", "helo", "ids"),
    [
        (GOOD, "mx.example.org", []),
        (GOOD, "[192.0.2.13]", []),
        ("mx.example.org. A 192.0.2.13", "mx.example.org", ["reverse-dns-missing"]),
        (GOOD.replace("A 192.0.2.13", "A 192.0.2.99"), "mx.example.org", ["reverse-dns-unconfirmed"]),
        (GOOD + ";! SERVFAIL 13.2.0.192.in-addr.arpa PTR", "mx.example.org", ["reverse-dns-temperror"]),
        (GOOD.replace("mx.", "192-0-2-13."), "192-0-2-13.example.org", ["reverse-dns-generic"]),
        (GOOD, "nx.example.org", ["helo-unresolvable"]),
        (GOOD, "[192.0.2.99]", ["helo-mismatch"]),
        (GOOD + "other.example.org. A 192.0.2.99", "other.example.org", ["helo-mismatch"]),
        (GOOD + "other.example.org. A 192.0.2.13", "other.example.org", []),
        (GOOD + ";! TIMEOUT other.example.org *", "other.example.org", []),
    ],
)
async def test_findings(text: str, helo: str, ids: list[str]) -> None:
    given = context(text, helo=helo)
    assert CHECK.skip(given) is None
    _, findings = await CHECK.run(given)
    assert [finding.id for finding in findings] == ids


async def test_the_missing_record_s_place_is_told() -> None:
    _, findings = await CHECK.run(context("mx.example.org. A 192.0.2.13"))
    assert "13.2.0.192.in-addr.arpa" in findings[0].message


@pytest.mark.parametrize(
    ("assumed", "session", "weighed"), [(True, False, False), (False, False, True), (True, True, True)]
)
async def test_a_helo_name_that_nobody_used_is_not_weighed(assumed: bool, session: bool, weighed: bool) -> None:
    evidence, _ = await CHECK.run(context(GOOD, assumed=assumed, session=session))
    assert isinstance(evidence, IprevEvidence)
    assert (evidence.helo is not None) is weighed


def test_without_client_ip_it_is_skipped() -> None:
    context = check_input(resolver=zone_resolver(""), now=NOW, envelope=Envelope(Assumed("x"), None), client_ip=None)
    assert CHECK.skip(context) == missing("client_ip", "the client IP is not known")
