"""Generated records evaluated by us and by pyspf; every difference is one that docs/peers.md explains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf_record import is_spf_record, parse_record, parse_term
from smtpprobe.model.evidence import SpfIdentity, SpfStep
from smtpprobe.model.lookup import DnsLookup, DnsStatus, Question
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

_names = st.sampled_from(
    ["h.example.org", "other.example.org", "m.example.org", "far.example.org", "void.example.org", BROKEN, *RECORDS]
    + ["%{d}", "h.%{d2}", "%{ir}.%{v}.example.org", "%{l}.example.org", "H.Example.ORG.", "%{o}"]
)
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
        st.sampled_from(
            ["ip4:192.0.2.0/24", "ip4:192.0.2.1", "ip4:198.51.100.0/26", "ip4:0.0.0.0/0", "ip6:2001:db8::/32"]
            + ["ip6:2001:db8::1", "ip6:::ffff:192.0.2.1", "ip6:::/0"]
        ),
    ),
    st.builds("{}all".format, _qualifiers),
)
_modifiers = st.one_of(
    st.builds("redirect={}".format, _names), st.sampled_from(["exp=why.example.org", "x-y=z", "exp=void.example.org"])
)
_faults = st.sampled_from(
    ["moo", "all:x", "a/33", "a/024", "ip4:192.0.2", "ip4:192.0.2.256", "ip6:192.0.2.1", "include", "include:", "a:org"]
    + ["exists:x", "redirect=", "a:%{x}.org", "a:%", "ip4:192.0.2.1/", "ptr/24", "mx:h.example.org/24/64", "=a", "1=a"]
    + ["a:h.example.org,", "ip4", "a:192.0.2.1", "a:h.example.123", "include:h.example.org/24", "-redirect=h.example.org"]
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
            return DnsLookup(question.name, question.type, DnsStatus.SERVFAIL)
        found = self._sets.get((question.name, question.type), ())
        absent = DnsStatus.NODATA if question.name in self._names else DnsStatus.NXDOMAIN
        return DnsLookup(question.name, question.type, DnsStatus.ANSWER if found else absent, found)

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


def by_pyspf(zone: Zone, ip: str) -> str:
    """pyspf's result word; `raised` where it gives none."""
    original, spf.DNSLookup = spf.DNSLookup, zone.lookup
    try:
        return str(spf.query(ip, f"alice@{DOMAIN}", HELO).check()[0])
    except Exception:
        return "raised"
    finally:
        spf.DNSLookup = original


async def by_us(zone: Zone, ip: str) -> SpfIdentity:
    resolver = RunResolver(zone.answer)
    try:
        return await check_host(resolver, ip, DOMAIN, f"alice@{DOMAIN}", HELO)
    finally:
        await resolver.aclose()
