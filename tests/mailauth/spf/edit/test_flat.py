"""A flattened record: networks instead of names, what stays, and that everybody gets the same result with it."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.spf import check_host, published
from smtpprobe.mailauth.spf.edit.flat import flattened
from smtpprobe.mailauth.spf.edit.repair import strings
from smtpprobe.mailauth.spf.edit.shorter import audit
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.lint.terms import MAX_RECORD
from smtpprobe.model.evidence.spf import SpfRewrite
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.edit.test_shorter import ADDRESSES, EXAMPLES, TERMS, zone

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANY = "".join(
    f"many{number}.example. TXT {' '.join(strings(f'v=spf1 {networks} -all'))}\n"
    for number in range(30)
    for networks in [" ".join(f"ip4:100.{number}.{octet}.1" for octet in range(0, 40, 2))]
)


async def flat(record: str) -> SpfRewrite:
    resolver = zone_resolver(zone(record) + MANY)
    fault = (await published(resolver, "example.org")).fault
    audited = await audit(resolver, "example.org", fault)
    assert audited is not None
    return await flattened(resolver, audited, fault, NOW)


@pytest.mark.parametrize(
    ("record", "flattened_record"),
    [
        ("v=spf1 include:a.example mx ~all",
         "v=spf1 ip4:192.0.2.4 ip4:198.51.100.0/24 ip6:2001:db8:a::/48 ~all"),
        ("v=spf1 a -mx include:a.example ?all",
         "v=spf1 ip4:192.0.2.9 -ip4:192.0.2.4 -ip6:2001:db8:a::4 ip4:198.51.100.0/24 ip6:2001:db8:a::/48 ?all"),
        ("v=spf1 a redirect=b.example",
         "v=spf1 ip4:192.0.2.9 ip4:198.51.100.0/24 ip6:2001:db8:a::/48 ~all"),
        ("v=spf1 redirect=a.example -a", "v=spf1 -ip4:192.0.2.9 ip4:198.51.100.0/24 ip6:2001:db8:a::/48 -all"),
        ("v=spf1 redirect=a.example a", "v=spf1 ip4:192.0.2.9 ip4:198.51.100.0/24 ip6:2001:db8:a::/48 -all"),
    ],
)  # fmt: skip
async def test_names_become_networks(record: str, flattened_record: str) -> None:
    assert [each.record for each in (await flat(record)).records] == [flattened_record]


async def test_what_hangs_on_each_client_stays_and_is_named() -> None:
    made = await flat("v=spf1 a include:macro.example include:local.example redirect=c.example")
    assert [each.record for each in made.records] == [
        "v=spf1 ip4:192.0.2.9 include:macro.example include:local.example redirect=c.example"
    ]
    assert [(each.term, each.because) for each in made.kept] == [
        ("include:macro.example", ("exists:%{i}.x.example",)),
        ("include:local.example", ("include:local.example",)),
        ("redirect=c.example", ("redirect=c.example",)),
    ]


@pytest.mark.parametrize("record", ["v=spf1 ip4:192.0.2.1 -all", "v=spf1 include:macro.example ptr -all"])
async def test_nothing_to_replace_is_said(record: str) -> None:
    made = await flat(record)
    assert not made.records
    assert made.reason


async def test_a_long_record_is_split_over_includes() -> None:
    made = await flat("v=spf1 include:many1.example include:many2.example a ~all")
    assert [each.owner for each in made.records] == ["example.org", "_flat1.example.org", "_flat2.example.org"]
    assert made.records[0].record == "v=spf1 include:_flat1.example.org include:_flat2.example.org ~all"
    assert all(each.octets <= MAX_RECORD for each in made.records)
    assert made.lookups_needed == 2


async def test_what_does_not_fit_is_not_proposed() -> None:
    made = await flat("v=spf1 " + " ".join(f"include:many{number}.example" for number in range(1, 30)) + " ~all")
    assert not made.records
    assert made.reason


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(("", "", "", "-", "~", "?")), st.sampled_from(TERMS)), max_size=6),
    st.sampled_from(
        ("-all", "~all", "?all", "", "redirect=a.example", "redirect=c.example", "redirect=%{d}.inc.example")
    ),
)
async def test_everybody_gets_the_same_result(terms: list[tuple[str, str]], end: str) -> None:
    record = " ".join(("v=spf1", *(qualifier + term for qualifier, term in terms), end)).rstrip()
    made = await flat(record)
    if not made.records:
        return
    below = [f"{each.owner}. TXT {' '.join(each.strings)}" for each in made.records[1:]]
    assert made.lookups_needed <= MAX_LOOKUPS
    before = zone_resolver(zone(record))
    after = zone_resolver("\n".join((zone(made.records[0].record), *below)))
    began = [(ipaddress.ip_address(each.first), ipaddress.ip_address(each.last)) for each in made.begins]
    for ip in ADDRESSES:
        for local in ("postmaster", "someone"):
            one, two = [
                (await check_host(each, ip, "example.org", f"{local}@example.org", "host.example")).result
                for each in (before, after)
            ]
            if one is AuthResult.PERMERROR:
                address = ipaddress.ip_address(ip)
                is_told = any(int(first) <= int(address) <= int(last) for first, last in began)
                assert two is not AuthResult.PASS or is_told or made.not_compared
            else:
                assert one is two, (ip, local, made)
