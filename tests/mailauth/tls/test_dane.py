"""Which TLSA records bind a mail host: secure at every step or not at all (RFC 7672 §2.2)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.mailauth.tls import dane
from smtpprobe.model.evidence.tls import DaneEvidence
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.tls.chains import chain, record

NOW = datetime.now(UTC)
LEAF, CA = CHAIN = chain()
RIGHT, WRONG = record(3, 1, 1, LEAF), "3 1 1 " + "00" * 32
ISSUER = record(2, 0, 1, CA)
BASIC = "example.com. MX 10 mx.example.com.\nmx.example.com. A 192.0.2.1\n"
SIGNED = ";! AUTHENTIC example.com\n;! AUTHENTIC *.example.com\n"
TLSA = f"_25._tcp.mx.example.com. TLSA {RIGHT}\n"
ALIAS = "example.com. MX 10 mx.example.com.\nmx.example.com. CNAME mail.example.net.\nmail.example.net. A 192.0.2.1\n"


async def evaluate(zone: str, domain: str | None = "example.com", certificates=CHAIN) -> DaneEvidence:
    resolver = zone_resolver(zone)
    try:
        return await dane.evaluate(resolver, "mx.example.com", 25, domain=domain, chain=certificates, now=NOW)
    finally:
        await resolver.aclose()


@pytest.mark.parametrize(
    ("zone", "status", "problem"),
    [
        (BASIC + SIGNED + TLSA, "match", None),
        (BASIC + SIGNED + f"_25._tcp.mx.example.com. TLSA {WRONG}\n", "mismatch", None),
        (BASIC + SIGNED + "_25._tcp.mx.example.com. TLSA 1 1 1 " + "00" * 32 + "\n", "unusable", None),
        (BASIC + SIGNED, "none", None),
        (BASIC + SIGNED + f"_587._tcp.mx.example.com. TLSA {RIGHT}\n", "none", None),
        (BASIC + TLSA, "not-secure", "MX records of example.com"),
        (BASIC + ";! AUTHENTIC example.com\n" + TLSA, "not-secure", "address records of mx.example.com"),
        (BASIC + ";! AUTHENTIC example.com\n;! AUTHENTIC mx.example.com\n" + TLSA, "not-secure", "TLSA records at"),
        (BASIC + SIGNED + ";! SERVFAIL _25._tcp.mx.example.com TLSA\n", "temperror", "TLSA lookup"),
        (BASIC + SIGNED + TLSA + ";! SERVFAIL mx.example.com A\n", "temperror", "A lookup"),
        (BASIC + SIGNED + TLSA + ";! SERVFAIL example.com MX\n", "temperror", "MX lookup of example.com"),
        (BASIC + ";! TIMEOUT _25._tcp.mx.example.com TLSA\n", "not-secure", "MX records"),  # nobody asks there
    ],
)
async def test_status(zone: str, status: str, problem: str | None) -> None:
    found = await evaluate(zone)
    assert found.status == status
    assert (problem in (found.problem or "")) if problem else found.problem is None


HOST_SIGNED = ";! AUTHENTIC *.example.com\n"


@pytest.mark.parametrize(
    ("zone", "status", "insecure_mx", "records"),
    [
        (BASIC + HOST_SIGNED + TLSA, "not-secure", True, ["match"]),
        (BASIC + HOST_SIGNED + f"_25._tcp.mx.example.com. TLSA {WRONG}\n", "not-secure", True, ["no-match"]),
        (BASIC + HOST_SIGNED, "not-secure", False, []),
        (BASIC + ";! AUTHENTIC mx.example.com\n" + TLSA, "not-secure", False, ["not-compared"]),
        (BASIC + HOST_SIGNED + ";! SERVFAIL _25._tcp.mx.example.com TLSA\n", "temperror", False, []),
    ],
)
async def test_only_the_mx_records_are_not_authenticated(
    zone: str, status: str, insecure_mx: bool, records: list[str]
) -> None:
    found = await evaluate(zone)
    assert (found.status, found.insecure_mx, [each.status for each in found.records]) == (status, insecure_mx, records)
    assert not found.binds


async def test_a_host_named_by_itself_needs_no_mx() -> None:
    zone = "mx.example.com. A 192.0.2.1\n;! AUTHENTIC *.example.com\n" + TLSA
    assert (await evaluate(zone, domain=None)).status == "match"
    elsewhere = await evaluate(zone + "example.net. MX 10 mx.example.net.\n", domain="example.net")
    assert (elsewhere.status, elsewhere.domain) == ("match", None)


async def test_the_next_hop_domain_is_a_name_that_counts_for_usage_2() -> None:
    certificates = chain(names=("example.com",))
    zone = BASIC + SIGNED + f"_25._tcp.mx.example.com. TLSA {record(2, 0, 1, certificates[1])}\n"
    assert (await evaluate(zone, certificates=certificates)).status == "match"
    assert (await evaluate(zone, domain=None, certificates=certificates)).status == "mismatch"


@pytest.mark.parametrize(
    ("zone", "status", "base"),
    [
        # RFC 7672 §2.2.2: securely expanded, the canonical name is asked first, then the alias.
        (ALIAS + SIGNED + f"_25._tcp.mail.example.net. TLSA {RIGHT}\n;! AUTHENTIC *.example.net\n", "match", "mail.example.net"),
        (ALIAS + SIGNED + TLSA + ";! AUTHENTIC *.example.net\n", "match", "mx.example.com"),
        (ALIAS + SIGNED, "none", None),
        (ALIAS + TLSA, "not-secure", "mx.example.com"),
    ],
)  # fmt: skip
async def test_an_alias(zone: str, status: str, base: str | None) -> None:
    found = await evaluate(zone)
    assert (found.status, found.base_domain) == (status, base)


async def test_the_lookups_that_it_rests_on_are_named_in_order() -> None:
    resolver = zone_resolver(BASIC + SIGNED + TLSA)
    found = await dane.evaluate(resolver, "mx.example.com", 25, domain="example.com", chain=CHAIN, now=NOW)
    consumed = [(resolver.lookups[index].name, resolver.lookups[index].type) for index in found.lookups]
    assert consumed == [
        ("example.com", "MX"),
        ("mx.example.com", "A"),
        ("mx.example.com", "AAAA"),
        ("_25._tcp.mx.example.com", "TLSA"),
    ]
    await resolver.aclose()


async def test_records_that_bind_nobody_are_shown_all_the_same() -> None:
    found = await evaluate(BASIC + TLSA)
    assert [each.status for each in found.records] == ["not-compared"]
    assert not found.binds
