"""What the MX check says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.checks.base import CheckInput
from smtpprobe.checks.mx import CHECK
from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.report import Severity
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.transcript import Transcript
from smtpprobe.testing.zones import zone_resolver
from tests.checks.inputs import check_input

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOST = "mx.example.net. A 203.0.113.9\n"


def context(
    text: str, reverse: str | None = "alice@example.org", forward: tuple[str, ...] = (), peer: str = "203.0.113.9"
) -> CheckInput:
    envelope = Envelope(
        Assumed("client.example.org"),
        None if reverse is None else Assumed(reverse),
        tuple(Assumed(path) for path in forward),
    )
    return check_input(
        resolver=zone_resolver(text),
        now=NOW,
        envelope=envelope,
        client_ip=None,
        transcript=Transcript(address=peer, port=25, started_at=NOW, complete=True, exchanges=()),
    )


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (HOST + "example.org. MX 10 mx.example.net.", []),
        ("example.org. A 203.0.113.9", []),
        ("example.org. MX 0 .", ["mx-null"]),
        ("example.com. A 203.0.113.9", ["mx-nxdomain"]),
        ('example.org. TXT "x"', ["mx-nothing"]),
        ("example.org. MX 10 nx.example.net.", ["mx-nothing"]),
        ("example.org. MX 10 203.0.113.9.", ["mx-address-literal", "mx-nothing"]),
        (HOST + "example.org. MX 10 203.0.113.9.\nexample.org. MX 20 mx.example.net.", ["mx-address-literal"]),
        (HOST + "example.org. MX 10 a.example.net.\na.example.net. CNAME mx.example.net.", ["mx-cname"]),
        ("example.org. MX 10 mx.example.net.\nmx.example.net. A 10.0.0.1", ["mx-private-address"]),
        ("example.org. A 10.0.0.1", ["mx-private-address"]),
        (";! SERVFAIL example.org MX", ["mx-temperror"]),
        ("example.org. MX 10 mx.example.net.\n;! TIMEOUT mx.example.net *", ["mx-temperror"]),
        (HOST + "example.org. MX 10 mx.example.net.\nexample.org. MX 20 nx.example.net.", ["mx-host-idle"]),
    ],
)
async def test_findings(text: str, ids: list[str]) -> None:
    _, findings = await CHECK.run(context(text))
    assert [finding.id for finding in findings] == ids


@pytest.mark.parametrize(("peer", "severity"), [("203.0.113.9", Severity.WARNING), ("127.0.0.1", Severity.INFO)])
async def test_a_private_mail_host_is_expected_on_a_local_session(peer: str, severity: Severity) -> None:
    _, findings = await CHECK.run(context("example.org. A 10.0.0.1", peer=peer))
    assert findings[0].severity is severity


async def test_each_domain_is_judged_in_its_role() -> None:
    given = context("example.org. MX 0 .\nexample.net. A 203.0.113.9", forward=("bob@example.net", "carol@example.net"))
    evidence, findings = await CHECK.run(given)
    assert isinstance(evidence, MxEvidence)
    assert [(each.domain, each.role, each.status) for each in evidence.domains] == [
        ("example.org", "reverse-path", "null-mx"),
        ("example.net", "forward-path", "implicit"),
    ]
    assert [(finding.id, finding.subject) for finding in findings] == [("mx-null", "example.org")]


@pytest.mark.parametrize(
    ("reverse", "forward", "skipped"),
    [
        ("", (), True),
        (None, (), True),
        ("alice", (), True),
        ("", ("bob@[192.0.2.1]",), True),
        ("", ("bob@example.net",), False),
    ],
)
def test_skip(reverse: str | None, forward: tuple[str, ...], skipped: bool) -> None:
    assert bool(CHECK.skip(context("", reverse, forward))) is skipped
