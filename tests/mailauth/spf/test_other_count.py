"""Void lookups inside mx and ptr: what receivers come to that count the terms, not each host (RFC 7208 §4.6.4)."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf import check_host, published
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver

DOMAIN = "example.org"
MX = "\n".join(f"{DOMAIN}. MX {number} h{number}.example.net." for number in range(3))
PTR = "\n".join(f"1.2.0.192.in-addr.arpa. PTR h{number}.example.net." for number in range(3))


@pytest.mark.parametrize(
    ("record", "zone", "ours", "theirs", "mechanism"),
    [
        ("v=spf1 mx ip4:192.0.2.1 -all", MX, AuthResult.PERMERROR, AuthResult.PASS, "ip4:192.0.2.1"),
        ("v=spf1 mx -all", MX, AuthResult.PERMERROR, AuthResult.FAIL, "-all"),
        ("v=spf1 ptr ~all", PTR, AuthResult.PERMERROR, AuthResult.SOFTFAIL, "~all"),
        ("v=spf1 exists:%{p}.example.net ?all", PTR, AuthResult.PERMERROR, AuthResult.NEUTRAL, "?all"),
        # A term with hosts that have no address counts once, too: one and one, or two and one.
        ("v=spf1 a:a.example mx -all", MX, AuthResult.PERMERROR, AuthResult.FAIL, "-all"),
        ("v=spf1 a:a.example a:b.example mx -all", MX, AuthResult.PERMERROR, None, None),
        (
            "v=spf1 mx mx:b.example -all",
            MX + "\nb.example. MX 1 x.example.",
            AuthResult.PERMERROR,
            AuthResult.FAIL,
            "-all",
        ),
        ("v=spf1 mx ptr a:b.example -all", MX + "\n" + PTR, AuthResult.PERMERROR, None, None),
        ("v=spf1 a:a.example a:b.example -all", MX, AuthResult.FAIL, None, None),
        # No difference: too many either way, or not too many.
        ("v=spf1 mx a:a.example a:b.example a:c.example -all", MX, AuthResult.PERMERROR, None, None),
        ("v=spf1 a:a.example a:b.example a:c.example -all", "", AuthResult.PERMERROR, None, None),
        ("v=spf1 mx -all", MX.partition("\n")[0], AuthResult.FAIL, None, None),
    ],
)
async def test_what_follows_either_way(
    record: str, zone: str, ours: AuthResult, theirs: AuthResult | None, mechanism: str | None
) -> None:
    resolver = zone_resolver(f'{DOMAIN}. TXT "{record}"\n{zone}\n')
    found = await check_host(resolver, "192.0.2.1", DOMAIN, f"alice@{DOMAIN}", DOMAIN)
    await resolver.aclose()
    assert found.result is ours
    other = found.other_count
    assert (
        (theirs, mechanism) == (None, None) if other is None else (other.result, other.mechanism) == (theirs, mechanism)
    )


async def test_a_record_by_itself_says_it_too() -> None:
    resolver = zone_resolver(f'{DOMAIN}. TXT "v=spf1 mx -all"\n{MX}\n')
    found = await published(resolver, DOMAIN)
    await resolver.aclose()
    assert found.result is AuthResult.PERMERROR
    assert found.other_count is not None
    assert found.other_count.result is AuthResult.FAIL
