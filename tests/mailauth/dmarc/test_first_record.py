"""The record that a domain without one is told to publish."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from smtpprobe.checks.dmarc import CHECK
from smtpprobe.mailauth.dmarc.enforcement import in_one
from smtpprobe.mailauth.dmarc.record import read_record
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.render.evidence.row import Detail
from smtpprobe.render.evidence.table import rows
from tests.checks.dmarc.test_check import context
from tests.mailauth.dkim.signing import txt

BEGINNING = "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"
SPF = txt("example.org", "v=spf1 ip4:192.0.2.1 -all")
REJECT, REPORTS = "v=DMARC1; p=reject", "v=DMARC1; p=none; rua=mailto:a@example.org"


def own(*texts: str) -> str:
    return txt("_dmarc.example.org", *texts)


async def audited(zone: str, domain: str = "example.org") -> tuple[DmarcEvidence, str]:
    made = context(zone, domains=(domain,))
    evidence, _ = await CHECK.run(made)
    await made.services.resolver.aclose()  # type: ignore[attr-defined]
    assert isinstance(evidence, DmarcEvidence)
    return evidence, "\n".join(row.text for row in rows(evidence, Detail(full=True)))


# Each: the zone, and the record to begin with; None where one applies.
CASES: list[tuple[str, str | None]] = [
    ("", BEGINNING),
    (SPF, BEGINNING),
    (txt("example.org", "v=spf1 +all"), BEGINNING),
    (txt("example.org", "v=spf1 -all"), "v=DMARC1; p=reject"),
    ("_dmarc.example.org. CNAME gone.example.net.\n", BEGINNING),
    (own("a token"), BEGINNING),
    (own("v=DMARC1 p=reject"), "v=DMARC1; p=reject"),
    (txt("example.org", "v=DMARC1; p=quarantine"), "v=DMARC1; p=quarantine"),
    (txt("_dmarc.example.org.example.org", "a token", REJECT), REJECT),
    (own(REJECT, REPORTS), REPORTS),
    (own(REJECT), None),
    (own("v=DMARC1; p=refuse"), None),
    (txt("_dmarc.org", "v=DMARC1; p=none; psd=y"), None),
    (";! SERVFAIL _dmarc.example.org TXT\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "first"), CASES, ids=range(len(CASES)))
async def test_what_to_publish_first(zone: str, first: str | None) -> None:
    evidence, text = await audited(zone)
    assert evidence.first == first
    assert first is None or f'"{first}"' in text
    assert ("next: publish _dmarc.example.org TXT" in text) is (
        first is not None and len(evidence.queries[0].texts) < 2
    )
    # It comes before what is said of SPF and DKIM.
    assert first is None or text.index(first) < text.index("SPF: ")
    assert ("in place of the alias" in text) is ("CNAME" in zone)


async def test_a_registry_is_not_told_to_publish_a_policy() -> None:
    assert (await audited("", "co.uk"))[0].first is None


async def test_a_record_without_a_policy_is_told_to_state_one() -> None:
    assert "next: state a policy" in (await audited(own("v=DMARC1; sp=reject")))[1]
    assert "next: state a policy" not in (await audited(""))[1]


async def test_several_records_are_all_shown() -> None:
    evidence, text = await audited(own(REJECT, REPORTS))
    assert evidence.queries[0].texts == (REPORTS, REJECT)
    assert f"2 DMARC records\n{REPORTS}\n{REJECT}" in text
    assert "next: keep one record at _dmarc.example.org" in text
    assert (await audited(own(REJECT)))[0].queries[0].texts == ()


# Each: the records, and the one in their place.
SEVERAL: list[tuple[Any, str | None]] = [
    ((REJECT, REPORTS), REPORTS),
    ((REJECT, "v=DMARC1; p=none"), "v=DMARC1; p=none"),
    ((REJECT + "; rua=mailto:b@example.org", "v=DMARC1; p=none"), "v=DMARC1; p=none; rua=mailto:b@example.org"),
    ((REPORTS, "v=DMARC1; p=reject; rua=mailto:b@example.org,mailto:a@example.org"),
     "v=DMARC1; p=none; rua=mailto:a@example.org,mailto:b@example.org"),
    ((REJECT, "v=DMARC1; sp=none"), REJECT),
    ((REJECT, "v=DMARC1; p=none; sp=nothing"), REJECT),
    ((REJECT, "v=DMARC1; p=reject; junk"), REJECT),
    (("v=DMARC1; sp=none", "v=DMARC1; p=refuse"), None),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "one"), SEVERAL, ids=range(len(SEVERAL)))
def test_one_record_in_the_place_of_several(texts: tuple[str, ...], one: str | None) -> None:
    assert {in_one(each) for each in permutations(texts)} == {one}
    assert one is None or (read_record(one).has_policy and not read_record(one).problems)
