"""A shorter record: what is dead and why, and that everybody gets the same result with it."""

from __future__ import annotations

import ipaddress
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.spf import check_host, published
from smtpprobe.mailauth.spf.edit.below import Below, audit_below
from smtpprobe.mailauth.spf.edit.repair import strings
from smtpprobe.mailauth.spf.edit.shorter import Audited, audit, proved
from smtpprobe.mailauth.spf.everybody.effect import contains
from smtpprobe.model.dns.zone_data import merged
from smtpprobe.model.evidence.spf import SpfFault
from smtpprobe.model.evidence.spf_dead import SpfDeadReason
from smtpprobe.model.words import AuthResult
from smtpprobe.net.zone import read_assumption
from smtpprobe.testing.zones import zone_resolver

EXAMPLES = int(os.environ.get("SMTPPROBE_EXAMPLES", "60"))
ZONE = """
example.org.x.example. A 192.0.2.15
example.org.inc.example. TXT "v=spf1 ip4:192.0.2.16 ip6:2001:db8:b::/48 ?all"
postmaster.inc.example. TXT "v=spf1 ip4:192.0.2.127 -all"
a.example. TXT "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:a::/48 -all"
b.example. TXT "v=spf1 ip4:198.51.100.0/25 include:a.example ~all"
c.example. TXT "v=spf1 -ip4:192.0.2.0/28 ip4:192.0.2.0/24 ?all"
nobody.example. TXT "v=spf1 -all"
open.example. TXT "v=spf1 +all"
shared.example. TXT "v=spf1 ip4:198.51.100.9 ip4:203.0.113.9 -all"
early.example. TXT "v=spf1 ?all ip4:198.51.100.0/24"
beside.example. TXT "v=spf1 -all redirect=a.example"
equals.example. TXT "v=spf1 ip4=192.0.2.5 -all"
over.example. TXT "v=spf1 include:early.example -all"
macro.example. TXT "v=spf1 exists:%{i}.x.example ip4:203.0.113.0/24 -all"
deep.example. TXT "v=spf1 include:a.example ip4:203.0.113.0/24 -all"
local.example. TXT "v=spf1 exists:%{l}.x.example -all"
postmaster.x.example. A 127.0.0.2
192.0.2.77.x.example. A 127.0.0.2
host.example. A 192.0.2.4
host.example. AAAA 2001:db8:a::4
four.example. A 192.0.2.5
example.org. MX 10 host.example.
example.org. A 192.0.2.9
"""


def zone(record: str) -> str:
    return f"example.org. TXT {' '.join(strings(record))}\n{ZONE}"


async def audited(record: str) -> Audited:
    resolver = zone_resolver(zone(record))
    made = await audit(resolver, "example.org", (await published(resolver, "example.org")).fault)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("record", "dead", "shorter"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", [], None),
        ("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all", [], "v=spf1 ip4:192.0.2.0/24 -all"),
        ("v=spf1 ~ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all", [], None),
        ("v=spf1 ip4:192.0.2.0/25 exists:%{i}.x.example ip4:192.0.2.128/25 -all", [], None),
        ("v=spf1 a:gone.example ip4:192.0.2.1 -all", [("a:gone.example", "no-address")], "v=spf1 ip4:192.0.2.1 -all"),
        ("v=spf1 include:nobody.example mx -all", [("include:nobody.example", "passes-nobody")], "v=spf1 mx -all"),
        ("v=spf1 mx -all a ip4:192.0.2.1", [("a", "after-all"), ("ip4:192.0.2.1", "after-all")], None),
        ("v=spf1 mx -all ~all", [("~all", "after-all")], "v=spf1 mx -all"),
        ("v=spf1 mx ~all -all include:a.example", [("-all", "after-all"), ("include:a.example", "after-all")],
         "v=spf1 mx ~all include:a.example"),
        ("v=spf1 mx -all redirect=a.example", [("redirect=a.example", "beside-all")], None),
        # What a fault keeps from matching was meant to send.
        ("v=spf1 mx:host.example ip4:192.0.2.1 -all", [("mx:host.example", "no-address")], None),
        ("v=spf1 include:early.example ip4:192.0.2.1 -all", [("include:early.example", "passes-nobody")], None),
        ("v=spf1 include:beside.example ip4:192.0.2.1 -all", [("include:beside.example", "passes-nobody")], None),
        ("v=spf1 include:equals.example ip4:192.0.2.1 -all", [("include:equals.example", "passes-nobody")], None),
        ("v=spf1 include:over.example ip4:192.0.2.1 -all", [("include:over.example", "passes-nobody")], None),
        ("v=spf1 include:a.example include:b.example -all", [("include:b.example", "covered")],
         "v=spf1 include:a.example -all"),
        ("v=spf1 a ip4:192.0.2.0/24 -all", [("a", "covered")], "v=spf1 ip4:192.0.2.0/24 -all"),
        ("v=spf1 a -ip4:192.0.2.7 ip4:192.0.2.0/24 -all", [], None),
        ("v=spf1 ip4:192.0.2.7 exists:%{i}.x.example ip4:192.0.2.0/24 -all", [], None),
        ("v=spf1 -ip4:192.0.2.0/24 include:c.example -all", [("include:c.example", "covered")], None),
        ("v=spf1 ?mx ?all", [("?mx", "covered")], "v=spf1 ?all"),
        ("v=spf1 mx +all", [], None),
        ("v=spf1 include:macro.example include:local.example exists:%{h}.x.example ptr ip4:203.0.113.1 -all", [], None),
        ("v=spf1 a:four.example -all", [], None),
    ],
)  # fmt: skip
async def test_what_is_dead_and_what_is_left(record: str, dead: list[tuple[str, str]], shorter: str | None) -> None:
    made = await audited(record)
    assert {(each.term, each.reason) for each in made.dead if each.family is None} == set(dead)
    assert (made.shorter.records[0].record if made.shorter else None) == shorter


async def test_a_name_with_one_family_is_told_and_stays() -> None:
    [dead] = (await audited("v=spf1 a:four.example -all")).dead
    assert (dead.reason, dead.family) == (SpfDeadReason.NO_ADDRESS, "IPv6")


async def test_what_a_limit_keeps_out_may_begin_to_pass_and_is_told() -> None:
    made = await audited("v=spf1 " + "a:gone.example " * 3 + "ip4:203.0.113.4 -all")
    assert made.shorter is not None
    assert made.shorter.records[0].record == "v=spf1 ip4:203.0.113.4 -all"
    assert [each.addresses for each in made.shorter.begins] == ["203.0.113.4"]
    made = await audited("v=spf1 " + "a:gone.example " * 3 + "include:a.example -all")
    assert made.shorter is not None
    assert [each.addresses for each in made.shorter.begins] == ["198.51.100.0/24", "2001:db8:a::/48"]


@pytest.mark.parametrize(
    ("record", "terms"),
    [
        ("v=spf1 a:gone.example ip4:192.0.2.1 -all", ("a:gone.example",)),
        # What another term still leads to is not missing.
        ("v=spf1 include:a.example include:a.example -all", ()),
        ("v=spf1 include:a.example ip4:198.51.100.0/24 ip6:2001:db8:a::/48 -all", ("include:a.example",)),
        ("v=spf1 include:a.example include:deep.example -all", ()),
        ("v=spf1 +a a ip4:192.0.2.1 -all", ()),
        ("v=spf1 a a ip4:192.0.2.9 -all", ("a",)),
    ],
)
async def test_what_would_be_missing_with_another_answer(record: str, terms: tuple[str, ...]) -> None:
    made = await audited(record)
    assert made.shorter is not None
    assert made.shorter.as_dns_is == terms


@pytest.mark.parametrize("fault", [None, SpfFault.TOO_MANY_LOOKUPS])
async def test_what_would_silence_anybody_is_not_proposed(fault: SpfFault | None) -> None:
    made = await audited("v=spf1 ip4:192.0.2.1 -all")
    resolver = zone_resolver(zone("v=spf1 ip4:192.0.2.1 -all"))
    assert await proved(resolver, made.place, [("example.org", "v=spf1 -all")], fault) is None
    wider = await proved(resolver, made.place, [("example.org", "v=spf1 ip4:192.0.2.0/31 -all")], fault)
    assert (wider is None) is (fault is None)


async def test_a_record_that_cannot_be_read_is_left_alone() -> None:
    assert await audit(zone_resolver(zone("v=spf1 ipv4:192.0.2.1 -all")), "example.org", None) is None
    assert await audit(zone_resolver(""), "example.org", None) is None


TERMS = (
    "a", "mx", "a:gone.example", "a:four.example", "a/24", "mx/28//48", "include:a.example", "include:b.example",
    "include:c.example", "include:nobody.example", "include:macro.example", "include:local.example",
    "exists:%{i}.x.example", "exists:gone.%{d}", "exists:%{l}.x.example", "ptr", "all",
    "exists:%{d}.x.example", "include:%{d}.inc.example", "a:%{d2}.x.example", "include:%{l}.inc.example", "mx:gone.example",
    "ip4:192.0.2.0/25", "ip4:192.0.2.128/25", "ip4:192.0.2.0/24", "ip4:192.0.2.7", "ip4:198.51.100.0/23",
    "ip4:203.0.113.0/24", "ip6:2001:db8:a::/48", "ip6:2001:db8:a::/49", "ip6:2001:db8:a:8000::/49",
)  # fmt: skip
ADDRESSES = (
    *(f"192.0.2.{last}" for last in (0, 1, 4, 5, 7, 9, 15, 16, 77, 127, 128, 255)),
    "198.51.100.0", "198.51.100.200", "198.51.101.1", "203.0.113.4", "8.8.8.8",
    "2001:db8:a::", "2001:db8:a::4", "2001:db8:a:8000::1", "2001:db8:b::1",
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(("", "", "", "-", "~", "?", "+")), st.sampled_from(TERMS)), max_size=8),
    st.sampled_from(("-all", "~all", "?all", "", "redirect=c.example", "redirect=%{d}.inc.example")),
)
async def test_everybody_gets_the_same_result(terms: list[tuple[str, str]], end: str) -> None:
    record = " ".join(("v=spf1", *(qualifier + term for qualifier, term in terms), end)).rstrip()
    made = await audited(record)
    if made.shorter is None or not made.shorter.records:
        return
    shorter = made.shorter.records[0].record
    assert len(shorter) < len(record)
    began = [
        (int(ipaddress.ip_address(each.first)), int(ipaddress.ip_address(each.last))) for each in made.shorter.begins
    ]
    before, after = zone_resolver(zone(record)), zone_resolver(zone(shorter))
    others = [str(ipaddress.IPv4Address(random.Random(record).getrandbits(32))) for _ in range(5)]
    for ip in (*ADDRESSES, *others):
        for local in ("postmaster", "someone"):
            one, two = [
                (await check_host(each, ip, "example.org", f"{local}@example.org", "host.example")).result
                for each in (before, after)
            ]
            if one is AuthResult.PERMERROR:
                # Within the limits everybody gets what the record says.
                number = int(ipaddress.ip_address(ip))
                is_told = any(first <= number <= last for first, last in began)
                assert two is not AuthResult.PASS or is_told or made.shorter.not_compared
            else:
                assert one is two, (ip, local, shorter)


BELOW = """
_spf.example.org. TXT "v=spf1 a:gone.example a:four.example ip4:192.0.2.0/25 ip4:192.0.2.128/25 include:b.example -all ~all"
b.example. TXT "v=spf1 ip4:198.51.100.0/25 a:gone.example a:four.example include:deep.example.org ~all"
deep.example.org. TXT "v=spf1 a:gone.example ip4:203.0.113.7 -all"
"""
FOUR = "four.example. A 192.0.2.5\n"


async def below(record: str, zone: str) -> Below:
    resolver = zone_resolver(f"example.org. TXT {' '.join(strings(record))}\n{zone}{FOUR}")
    fault = (await published(resolver, "example.org")).fault
    made = await audit(resolver, "example.org", fault)
    assert made is not None
    found = await audit_below(resolver, made, fault)
    for each in found.shorter:
        # Whoever passed passes, of the record asked about and of the one that is replaced.
        assumed = [read_assumption(f"{one.owner}. TXT {' '.join(one.strings)}") for one in each.records]
        after = Overlay(resolver, merged(assumed))
        for domain in ("example.org", each.records[0].owner):
            for ip in (*ADDRESSES, "203.0.113.7"):
                one, two = [
                    (await check_host(dns, ip, domain, f"a@{domain}", domain)).result is AuthResult.PASS
                    for dns in (resolver, after)
                ]
                assert two >= one
                told = any(contains(shift, ip) for shift in each.begins)
                assert one is two or each.not_compared or told or domain != "example.org"
    await resolver.aclose()
    return found


@pytest.mark.parametrize(
    ("record", "zone", "dead", "shorter"),
    [
        ("v=spf1 include:_spf.example.org ~all", BELOW,
         [("_spf.example.org", "a:gone.example", None, True), ("_spf.example.org", "a:four.example", None, True),
          ("_spf.example.org", "~all", None, True), ("b.example", "a:gone.example", None, False),
          ("b.example", "a:four.example", "IPv6", False), ("deep.example.org", "a:gone.example", None, True)],
         [("_spf.example.org", "v=spf1 ip4:192.0.2.0/24 include:b.example -all"),
          ("deep.example.org", "v=spf1 ip4:203.0.113.7 -all")]),
        ("v=spf1 redirect=_spf.example.org", '_spf.example.org. TXT "v=spf1 a:gone.example ip4:192.0.2.1 -all"\n',
         [("_spf.example.org", "a:gone.example", None, True)], [("_spf.example.org", "v=spf1 ip4:192.0.2.1 -all")]),
        ("v=spf1 include:b.example -all", 'b.example. TXT "v=spf1 a:gone.example ip4:192.0.2.1 -all"\n',
         [("b.example", "a:gone.example", None, False)], []),
        ("v=spf1 include:%{d}._spf.example.org -all", "", [], []),
        ("v=spf1 include:_spf.example.org -all", '_spf.example.org. TXT "v=spf1 ip4:192.0.2.1 include:example.org -all"\n',
         [], []),
    ],
)  # fmt: skip
async def test_what_is_dead_in_the_records_below(
    record: str, zone: str, dead: list[tuple[str, str, str | None, bool]], shorter: list[tuple[str, str]]
) -> None:
    found = await below(record, zone)
    assert [(each.domain, each.term, each.family, each.is_own) for each in found.dead] == dead
    assert [(one.owner, one.record) for each in found.shorter for one in each.records] == shorter


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.sampled_from(("v=spf1 include:_spf.example.org mx -all", "v=spf1 -include:_spf.example.org +all",
                     "v=spf1 redirect=_spf.example.org", "v=spf1 include:b.example include:_spf.example.org ?all")),
    st.lists(st.tuples(st.sampled_from(("", "", "-", "~", "?", "+")), st.sampled_from(TERMS)), max_size=6),
    st.sampled_from(("-all", "~all", "", "redirect=c.example")),
)  # fmt: skip
async def test_everybody_passes_above_who_passed_before(above: str, terms: list[tuple[str, str]], end: str) -> None:
    record = " ".join(("v=spf1", *(qualifier + term for qualifier, term in terms), end)).rstrip()
    others = "\n".join(line for line in ZONE.splitlines() if not line.startswith("four.example."))
    await below(above, f"_spf.example.org. TXT {' '.join(strings(record))}\n{others}\n")
