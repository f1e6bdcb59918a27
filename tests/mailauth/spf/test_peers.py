"""Generated records evaluated by us and by pyspf; every difference is one that docs/peers.md explains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.evidence.spf import SpfIdentity
from smtpprobe.net.resolver import RunResolver

spf = pytest.importorskip("spf", reason="pyspf is not installed")

DOMAIN, HELO = "example.org", "mail.example.org"
ADDRESSES = ("192.0.2.1", "198.51.100.77", "2001:db8::1")
HOSTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("h.example.org", "A"): ("192.0.2.1",),
    ("h.example.org", "AAAA"): ("2001:db8::1",),
    ("other.example.org", "A"): ("203.0.113.9", "203.0.113.10"),
    ("m.example.org", "MX"): ("20 other.example.org", "10 h.example.org"),
    ("far.example.org", "MX"): ("10 other.example.org", "20 void.example.org"),
    ("example.org", "A"): ("203.0.113.1",),
    ("example.org", "MX"): ("10 other.example.org",),
    ("1.2.0.192.in-addr.arpa", "PTR"): ("h.example.org",),
    ("77.100.51.198.in-addr.arpa", "PTR"): ("other.example.org", "void.example.org"),
    ("why.example.org", "TXT"): ("%{i} is not one of %{d}'s",),
}
BROKEN = "broken.example.org"
RECORDS = (DOMAIN, "a.example.org", "b.example.org")

NAMES = """
    h.example.org other.example.org m.example.org far.example.org void.example.org broken.example.org example.org
    a.example.org b.example.org %{d} h.%{d2} %{ir}.%{v}.example.org %{l}.example.org H.Example.ORG. %{o} %{d1} %{p} %{h}
    %{l1r-}.%{d}
"""
NETWORKS = """
    ip4:192.0.2.0/24 ip4:192.0.2.1 ip4:198.51.100.0/26 ip4:0.0.0.0/0 ip6:2001:db8::/32 ip6:2001:db8::1
    ip6:::ffff:192.0.2.1 ip6:::/0
"""
FAULTS = """
    moo all:x a/33 a/024 ip4:192.0.2 ip4:192.0.2.256 ip6:192.0.2.1 include include: a:org exists:x redirect= a:%{x}.org
    a:% ip4:192.0.2.1/ ptr/24 mx:h.example.org/24/64 =a 1=a a:h.example.org, ip4 a:192.0.2.1 a:h.example.123
    include:h.example.org/24 -redirect=h.example.org
"""
_names = st.sampled_from(NAMES.split())
_faults = st.sampled_from(FAULTS.split())
_prefixes = st.sampled_from(["", "", "/24", "/0", "/32", "//64", "/24//64", "//128"])
_qualifiers = st.sampled_from(["", "", "", "+", "-", "~", "?"])
_mechanisms = st.one_of(
    st.builds("{}{}:{}{}".format, _qualifiers, st.sampled_from(["a", "mx", "A", "MX"]), _names, _prefixes),
    st.builds("{}{}{}".format, _qualifiers, st.sampled_from(["a", "mx"]), _prefixes),
    st.builds("{}{}:{}".format, _qualifiers, st.sampled_from(["include", "include", "exists", "ptr"]), _names),
    st.builds("{}ptr".format, _qualifiers),
    st.builds(
        "{}{}".format,
        _qualifiers,
        st.sampled_from(NETWORKS.split()),
    ),
    st.builds("{}all".format, _qualifiers),
)
_modifiers = st.one_of(
    st.builds("redirect={}".format, _names), st.sampled_from(["exp=why.example.org", "x-y=z", "exp=void.example.org"])
)
_records = st.builds(
    lambda terms, blank: "v=spf1 " + blank.join(terms),
    st.lists(st.one_of(_mechanisms, _mechanisms, _mechanisms, _mechanisms, _modifiers), max_size=7),
    st.sampled_from([" ", " ", "  "]),
)
_faulty = st.builds("{} {} -all".format, _records, _faults)
_any = st.one_of(_records, _records, _records, _faulty, st.just("unrelated"), st.just("v=spf10"))


class Zone:
    """The same DNS for both: three generated records, fixed hosts, one name whose name server fails."""

    def __init__(self, records: tuple[str, ...]) -> None:
        self._sets = HOSTS | {(name, "TXT"): (text,) for name, text in zip(RECORDS, records, strict=True)}
        self._names = {name for name, _ in self._sets}

    async def answer(self, question: Question) -> DnsLookup:
        if question.name == BROKEN:
            return DnsLookup(name=question.name, type=question.type, status=DnsStatus.SERVFAIL)
        found = self._sets.get((question.name, question.type), ())
        absent = DnsStatus.NODATA if question.name in self._names else DnsStatus.NXDOMAIN
        return DnsLookup(
            name=question.name, type=question.type, status=DnsStatus.ANSWER if found else absent, records=found
        )

    def lookup(self, name: str, rdtype: str, tcpfallback: bool = True, timeout: float = 30) -> list[Any]:
        name = name.rstrip(".").lower()
        if name == BROKEN:
            raise spf.TempError("DNS failure")
        found = self._sets.get((name, rdtype), ())
        if rdtype == "TXT":
            return [((name, rdtype), (text.encode(),)) for text in found]
        if rdtype == "MX":
            pairs = [text.split() for text in found]
            return [((name, rdtype), (int(preference), host)) for preference, host in pairs]
        return [((name, rdtype), text) for text in found]


def by_pyspf(zone: Zone, ip: str, sender: str = f"alice@{DOMAIN}") -> tuple[str, int]:
    """pyspf's result word and its count of lookups."""
    original, spf.DNSLookup = spf.DNSLookup, zone.lookup
    try:
        query = spf.query(ip, sender, HELO)
        return str(query.check()[0]), int(query.lookups)
    finally:
        spf.DNSLookup = original


async def by_us(zone: Zone, ip: str) -> SpfIdentity:
    resolver = RunResolver(zone.answer)
    try:
        return await check_host(resolver, ip, DOMAIN, f"alice@{DOMAIN}", HELO)
    finally:
        await resolver.aclose()


def repeats_an_unknown_modifier(name: str, record: str) -> bool:
    """RFC 7208 §6: unrecognized modifiers must be ignored, however often they appear; pyspf gives permerror."""
    modifiers = [term.name for term in parse_record(record).terms if not term.qualifier]
    return any(modifiers.count(each) > 1 for each in modifiers if each not in ("redirect", "exp"))


def includes_itself(name: str, record: str) -> bool:
    """pyspf finds an include of the same domain while it parses: permerror, even where it is not reached."""
    targets = (name, "%{d}", "%{o}")
    terms = parse_record(record).terms
    return any(term.name == "include" and term.text.lower().partition(":")[2] in targets for term in terms)


def validates_for_redirect(name: str, record: str) -> bool:
    """pyspf expands redirect= while it parses: with %{p} it asks DNS and may find void lookups, reached or not."""
    return any(term.name == "redirect" and "%{p" in term.text.lower() for term in parse_record(record).terms)


def redirects(name: str, record: str) -> bool:
    """pyspf counts a redirect= while it parses, whether it is followed or not: counts differ, results do not."""
    return any(term.name == "redirect" for term in parse_record(record).terms)


Predicate = Callable[[str, str], bool]
OF_RESULT: tuple[Predicate, ...] = (repeats_an_unknown_modifier, includes_itself, validates_for_redirect)


def holds_anywhere(predicates: tuple[Predicate, ...], records: tuple[str, ...]) -> bool:
    return any(
        predicate(name, record)
        for predicate in predicates
        for name, record in zip(RECORDS, records, strict=True)
        if is_spf_record(record)
    )


@settings(max_examples=400, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.tuples(_any, _any, _any), st.sampled_from(ADDRESSES))
async def test_generated_records_come_out_alike(records: tuple[str, str, str], ip: str) -> None:
    assume(not holds_anywhere(OF_RESULT, records))
    zone = Zone(records)
    ours = await by_us(zone, ip)
    theirs, lookups = by_pyspf(zone, ip)
    assert ours.result is not None
    assert ours.result.value == theirs, ours.problem
    if ours.result.value not in ("permerror", "temperror") and not holds_anywhere((redirects,), records):
        assert ours.lookups_used == lookups


@pytest.mark.parametrize(
    ("predicate", "record", "ours", "theirs"),
    [
        (repeats_an_unknown_modifier, "v=spf1 x-y=z x-y=z ~all", "softfail", "permerror"),
        (includes_itself, "v=spf1 all include:%{d}", "pass", "permerror"),
        (validates_for_redirect, "v=spf1 redirect=%{p} -a:v1.example.org -a:v2.example.org all", "pass", "permerror"),
    ],
)
async def test_known_differences(predicate: Predicate, record: str, ours: str, theirs: str) -> None:
    zone = Zone((record, "unrelated", "unrelated"))
    ip = "198.51.100.77"
    identity = await by_us(zone, ip)
    assert predicate(DOMAIN, record)
    assert (identity.result, by_pyspf(zone, ip)[0]) == (ours, theirs)


@pytest.mark.parametrize("domain", ["localhost", "a." * 127 + "org"])
async def test_names_that_cannot_be_checked_are_none_for_us_alone(domain: str) -> None:
    class Everything(Zone):
        def lookup(self, name: str, rdtype: str, tcpfallback: bool = True, timeout: float = 30) -> list[Any]:
            return [((name, rdtype), (b"v=spf1 +all",))]

    zone = Everything(("v=spf1 +all", "", ""))
    resolver = RunResolver(zone.answer)
    identity = await check_host(resolver, ADDRESSES[0], domain, f"alice@{domain}", HELO)
    # RFC 7208 §4.3: a malformed domain, or no multi-label one, gives none.
    assert identity.result == "none"
    assert by_pyspf(zone, ADDRESSES[0], f"alice@{domain}")[0] == "pass"
