"""Evidence as rows: every type has an entry, and a reason that a finding gives is not said twice."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from smtpprobe.model.evidence import DnsblEvidence, Evidence, IprevEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence import dnsbl, table
from smtpprobe.render.evidence.row import Detail, Row, Tone
from tests.render.reports import CLIENT, zone

IPREV = IprevEvidence(
    client_ip=CLIENT,
    result=AuthResult.PERMERROR,
    names=(),
    confirmed=(),
    problem="no PTR record (nxdomain)",
    generic=False,
    helo=None,
    lookups=(),
)


def finding(id: str, subject: str, zone: str | None = None, *, states_problem: bool = False) -> Finding:
    return Finding(
        id=id,
        severity=Severity.ERROR,
        subject=subject,
        message="in other words",
        zone=zone,
        states_problem=states_problem,
    )


def test_every_type_of_evidence_has_its_rows() -> None:
    assert set(get_args(Evidence)) == set(table._TABLE)


def test_evidence_of_a_type_without_rows_of_its_own() -> None:
    class Later(msgspec.Struct):
        result: str = "pass"
        lookups: tuple[int, ...] = ()

    assert table.rows(Later(), Detail()) == [Row(text="result pass")]  # type: ignore[arg-type]
    assert table.summary(Later()) == "pass"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ((), True),
        ((finding("reverse-dns-missing", CLIENT, states_problem=True),), False),
        ((finding("reverse-dns-missing", "192.0.2.1", states_problem=True),), True),
        ((finding("reverse-dns-generic", CLIENT),), True),
    ],
)
def test_the_reason_is_left_to_the_finding_that_gives_it(findings: tuple[Finding, ...], said: bool) -> None:
    # What decides is a field of the finding and its subject: its message may say it in any words.
    (row,) = table.rows(IPREV, Detail(findings=findings))
    assert (row.text.endswith("(no PTR record (nxdomain))"), row.tone) == (said, Tone.BAD)


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (None, ["zen.example", "bl.example"]),
        (finding("dnsbl-listed", CLIENT, "zen.example"), ["bl.example"]),
        (finding("dnsbl-listed", "192.0.2.1", "zen.example"), ["zen.example", "bl.example"]),
        (finding("dnsbl-no-answer", "bl.example", "bl.example"), ["zen.example"]),
        (finding("dnsbl-listed", CLIENT), ["zen.example", "bl.example"]),
    ],
)
def test_what_a_finding_states_of_a_zone(found: Finding | None, left: list[str]) -> None:
    zones = (zone("zen.example", DnsblStatus.LISTED), zone("bl.example", DnsblStatus.NO_ANSWER))
    rows = dnsbl.unstated(DnsblEvidence(zones, ()), (found,) if found else ())
    assert [name for name in ("zen.example", "bl.example") if any(name in row.text for row in rows)] == left
