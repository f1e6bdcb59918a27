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
from smtpprobe.model.evidence.spf import SpfFault, SpfRewrite
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


HOSTS = "".join(
    f"many.example. MX {number} m{number}.example.\nm{number}.example. A 203.0.113.{number}\n"
    for number in range(16, 32)
)


async def test_hosts_of_an_mx_become_networks_however_many_they_are() -> None:
    resolver = zone_resolver(zone("v=spf1 mx:many.example -all") + HOSTS)
    fault = (await published(resolver, "example.org")).fault
    audited = await audit(resolver, "example.org", fault)
    assert (fault, audited is not None) == (SpfFault.TOO_MANY_MX, True)
    assert audited is not None
    made = await flattened(resolver, audited, fault, NOW)
    assert [each.record for each in made.records] == ["v=spf1 ip4:203.0.113.16/28 -all"]
    assert [each.addresses for each in made.begins] == ["203.0.113.16/28"]


async def test_void_lookups_of_an_mx_are_none_of_its_networks() -> None:
    hosts = "".join(f"few.example. MX {n} f{n}.example.\nf{n}.example. A 203.0.113.{n}\n" for n in range(4))
    resolver = zone_resolver(zone("v=spf1 mx:few.example -all") + hosts)
    fault = (await published(resolver, "example.org")).fault
    audited = await audit(resolver, "example.org", fault)
    assert audited is not None
    made = await flattened(resolver, audited, fault, NOW)
    assert [each.record for each in made.records] == ["v=spf1 ip4:203.0.113.0/30 -all"]


@pytest.mark.parametrize(
    ("record", "target", "flattened_record", "changes"),
    [
        ("v=spf1 redirect=r.example", "v=spf1 a:four.example -all exp=why.%{d}",
         "v=spf1 ip4:192.0.2.5 -all exp=why.r.example", 1),
        ("v=spf1 redirect=r.example exp=own.example", "v=spf1 a:four.example -all exp=why.example",
         "v=spf1 ip4:192.0.2.5 -all exp=why.example", 2),
        ("v=spf1 redirect=r.example exp=own.example", "v=spf1 a:four.example -all", "v=spf1 ip4:192.0.2.5 -all", 1),
        ("v=spf1 -a redirect=r.example exp=own.example", "v=spf1 a:four.example -all exp=why.example",
         "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.5 -all exp=own.example", 1),
        ("v=spf1 redirect=r.example", "v=spf1 a:four.example -all exp=%{l}.%{d}", "v=spf1 ip4:192.0.2.5 -all", 1),
        ("v=spf1 redirect=r.example", "v=spf1 a:four.example ~all exp=why.%{d}", "v=spf1 ip4:192.0.2.5 ~all", 0),
    ],
)  # fmt: skip
async def test_the_explanation_that_applies_stays_or_is_said_to_go(
    record: str, target: str, flattened_record: str, changes: int
) -> None:
    resolver = zone_resolver(zone(record) + f'r.example. TXT "{target}"\n')
    audited = await audit(resolver, "example.org", None)
    assert audited is not None
    made = await flattened(resolver, audited, None, NOW)
    assert [each.record for each in made.records] == [flattened_record]
    assert len(made.changes) == changes


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 a:host.example a:gone.example a:void.example a:v.example include:macro.example -all",
        "v=spf1 include:eleven.example a:host.example -all",
    ],
)
async def test_what_would_still_end_in_an_error_is_not_proposed(record: str) -> None:
    eleven = "eleven.example. TXT " + " ".join(
        strings("v=spf1 " + "a:host.example " * 11 + "exists:%{i}.x.example -all")
    )
    resolver = zone_resolver(zone(record) + eleven + "\n")
    fault = (await published(resolver, "example.org")).fault
    audited = await audit(resolver, "example.org", fault)
    assert audited is not None
    made = await flattened(resolver, audited, fault, NOW)
    for proposal in (made, audited.shorter):
        assert proposal is None or not proposal.records or proposal.nobody is AuthResult.FAIL


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


@pytest.mark.parametrize(
    ("record", "dropped"),
    [
        ("v=spf1 a:gone.example include:a.example ~all", ["a:gone.example dropped: no address today"]),
        ("v=spf1 mx:gone.example/28 exists:gone.example a ~all",
         ["mx:gone.example/28 dropped: no address today", "exists:gone.example dropped: no address today"]),
        ("v=spf1 include:nobody.example a ~all", ["include:nobody.example dropped: lets nobody pass"]),
        ("v=spf1 ip4:192.0.2.9 a include:a.example ~all", ["a dropped: covered by ip4:192.0.2.9"]),
        ("v=spf1 a ~all -all", ["-all dropped: never evaluated, after ~all"]),
        ("v=spf1 a redirect=r.example exp=own.example", ["exp=own.example dropped: it explains nothing"]),
        ("v=spf1 a include:a.example ~all", []),
    ],
)  # fmt: skip
async def test_every_term_that_disappears_is_named(record: str, dropped: list[str]) -> None:
    resolver = zone_resolver(zone(record) + 'r.example. TXT "v=spf1 a:four.example ~all"\n')
    fault = (await published(resolver, "example.org")).fault
    audited = await audit(resolver, "example.org", fault)
    assert audited is not None
    made = await flattened(resolver, audited, fault, NOW)
    assert made.records
    assert list(made.changes) == dropped
    # Each word of the record is there still, has become networks, or is named.
    kept = made.records[0].record.split()
    for word in record.split()[1:]:
        told = " ".join(made.changes)
        assert word in kept or word in made.replaced or f"{word} dropped" in told or word.startswith("ip")


async def test_what_has_no_address_today_is_upkeep() -> None:
    made = await flat("v=spf1 a:gone.example include:nobody.example include:a.example ~all")
    assert made.as_dns_is == ("a:gone.example", "include:nobody.example")


@pytest.mark.parametrize(
    ("record", "is_cheaper"),
    [
        ("v=spf1 include:many1.example include:many2.example -all", False),
        ("v=spf1 include:many1.example include:many2.example a ~all", True),
        ("v=spf1 a ~all", True),
        ("v=spf1 include:a.example include:macro.example ~all", True),
    ],
)
async def test_a_record_that_costs_no_less_is_known(record: str, is_cheaper: bool) -> None:
    made = await flat(record)
    assert made.records
    assert made.is_cheaper is is_cheaper


UPKEEP = """
_n.example.org. TXT "v=spf1 ip4:192.0.2.32/28 a:web.example.org include:a.example include:_m.example.org -all"
_m.example.org. TXT "v=spf1 mx:mail.example.org redirect=b.example"
web.example.org. A 192.0.2.80
cdn.example.org. CNAME host.cdn.example.
host.cdn.example. A 192.0.2.81
mail.example.org. MX 10 web.example.org.
hosted.example.org. MX 10 mx.provider.example.
mx.provider.example. A 192.0.2.82
"""


@pytest.mark.parametrize(
    ("record", "own", "others"),
    [
        ("v=spf1 include:a.example -all", [], ["include:a.example"]),
        ("v=spf1 a:web.example.org -all", ["a:web.example.org"], []),
        ("v=spf1 a:cdn.example.org -all", [], ["a:cdn.example.org"]),
        ("v=spf1 mx:mail.example.org -all", ["mx:mail.example.org"], []),
        ("v=spf1 mx:hosted.example.org -all", [], ["mx:hosted.example.org"]),
        ("v=spf1 a -all", ["a"], []),
        ("v=spf1 a:%{d} exists:gone.example -all", ["a:%{d}"], ["exists:gone.example"]),
        ("v=spf1 include:_n.example.org -all",
         ["include:_n.example.org", "a:web.example.org", "include:_m.example.org", "mx:mail.example.org"],
         ["include:a.example", "redirect=b.example"]),
        ("v=spf1 redirect=_m.example.org", ["redirect=_m.example.org", "mx:mail.example.org"], ["redirect=b.example"]),
    ],
)  # fmt: skip
async def test_whose_names_change_without_notice(record: str, own: list[str], others: list[str]) -> None:
    resolver = zone_resolver(zone(record) + UPKEEP)
    fault = (await published(resolver, "example.org")).fault
    audited = await audit(resolver, "example.org", fault)
    assert audited is not None
    made = await flattened(resolver, audited, fault, NOW)
    assert made.records
    assert (list(made.own_names), list(made.others_names)) == (own, others)
