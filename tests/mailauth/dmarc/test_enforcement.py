"""What a DMARC record asks for, and what it lacks to be enforced."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dmarc.enforcement import enforcement
from smtpprobe.mailauth.dmarc.record import read_record
from smtpprobe.model.evidence.dmarc import DmarcReportDestination

RUA = "; rua=mailto:r@example.org"


@pytest.mark.parametrize(
    ("record", "policies", "lacks"),
    [
        ("v=DMARC1; p=none", "none none none", "reports quarantine"),
        ("v=DMARC1; p=none" + RUA, "none none none", "quarantine"),
        ("v=DMARC1; p=quarantine; sp=none" + RUA, "quarantine none none", "reject subdomains"),
        ("v=DMARC1; p=quarantine; np=none" + RUA, "quarantine quarantine none", "reject subdomains"),
        (
            "v=DMARC1; p=quarantine; sp=reject; np=none; t=y" + RUA,
            "none quarantine none",
            "test-over reject subdomains",
        ),
        ("v=DMARC1; p=reject; t=y" + RUA, "quarantine quarantine quarantine", "test-over"),
        ("v=DMARC1; p=reject" + RUA, "reject reject reject", ""),
        ("v=DMARC1; p=reject; sp=maybe" + RUA, "none none none", "valid-policy"),
        ("v=DMARC1; p=reject; pct=0" + RUA, "reject reject reject", "all-mail"),
        ("v=DMARC1; p=reject; pct=0; t=y" + RUA, "quarantine quarantine quarantine", "test-over all-mail"),
        ("v=DMARC1; p=reject; pct=100" + RUA, "reject reject reject", ""),
        ("v=DMARC1; p=none; pct=10" + RUA, "none none none", "quarantine"),
        ("v=DMARC1; rua=mailto:r@example.org; p=reject", "reject reject reject", "policy-first"),
        ("v=DMARC1; sp=none; p=quarantine" + RUA, "quarantine none none", "policy-first reject subdomains"),
        ("v=DMARC1;; p=reject" + RUA, "reject reject reject", ""),
        ("v=DMARC1; p=reject; psd=y" + RUA, "reject reject reject", "no-suffix"),
        ("v=DMARC1; p=reject; p=none" + RUA, "reject reject reject", "tags-once"),
        ("v=DMARC1; p=reject; rua=mailto:", "reject reject reject", "reports-readable"),
        ("v=DMARC1; p=reject; rua=mailto:r@example.org\u200b", "reject reject reject", "reports-readable"),
    ],
)
def test_policies_and_the_next_steps(record: str, policies: str, lacks: str) -> None:
    made = enforcement(read_record(record), "example.org", ())
    assert (f"{made.domain} {made.subdomains} {made.nonexistent}", " ".join(made.lacks)) == (policies, lacks)


@pytest.mark.parametrize(("accepted", "lacks"), [(False, ["reports-agreed"]), (None, []), (True, [])])
def test_reports_that_nobody_takes(accepted: bool | None, lacks: list[str]) -> None:
    uri = "mailto:r@example.net"
    destination = DmarcReportDestination(uri=uri, domain="example.net", external=True, accepted=accepted)
    made = enforcement(read_record(f"v=DMARC1; p=reject; rua={uri}"), "example.org", (destination,))
    assert list(made.lacks) == lacks


@pytest.mark.parametrize(("reachable", "lacks"), [(False, ["reports-reachable"]), (None, []), (True, [])])
def test_reports_that_cannot_arrive(reachable: bool | None, lacks: list[str]) -> None:
    uri = "mailto:r@example.net"
    destination = DmarcReportDestination(
        uri=uri, domain="example.net", external=True, accepted=True, reachable=reachable
    )
    made = enforcement(read_record(f"v=DMARC1; p=reject; rua={uri}"), "example.org", (destination,))
    assert list(made.lacks) == lacks
