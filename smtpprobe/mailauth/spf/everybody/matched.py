"""What each term of a record matches by itself: addresses of both families, as numbers."""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable, Iterator

import msgspec

from smtpprobe.mailauth.dns.mx_set import both_families, host_addresses
from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.spf.everybody.reach import MAX_NETWORKS, Reach, reach
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.prefetch import mx_hosts
from smtpprobe.mailauth.spf.record import QUERYING, Term
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.dns.zone_data import ASSUMED, ZoneData
from smtpprobe.model.evidence.spf import SpfTxt
from smtpprobe.model.words import AuthResult

Ranges = tuple[tuple[int, int], ...]  # from the first address to the last, in order, apart from one another
_EVERYBODY: tuple[Ranges, Ranges] = ((0, (1 << 32) - 1),), ((0, (1 << 128) - 1),)
_MAX_HOSTS = 60  # of one mx term
_LISTED = frozenset((AuthResult.PASS, AuthResult.NEUTRAL))


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record is published: `owner` has the TXT records, `others` are those that are not SPF."""

    domain: str
    owner: str
    others: tuple[str, ...]
    is_anothers: bool = False  # the domain is an alias, and the owner a name of another registered domain

    def with_records(self, resolver: Resolver, records: Iterable[tuple[str, str]]) -> Overlay:
        """DNS as it would be with records at their owners; what is at the domain's own beside SPF stays."""
        answers = [
            DnsLookup(
                name=owner,
                type="TXT",
                status=DnsStatus.ANSWER,
                records=(*(self.others if owner == self.owner else ()), text),
            )
            for owner, text in records
        ]
        return Overlay(resolver, ZoneData(answers, server=ASSUMED))

    def with_proposed(self, resolver: Resolver, records: Iterable[SpfTxt]) -> Overlay:
        """DNS as it would be with the records that are proposed."""
        return self.with_records(resolver, [(each.owner, each.record) for each in records])


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """What one term matches. `is_listed`: that is all, for every sender and HELO name; else `because` are the terms why.

    `otherwise` is what all other addresses get: neutral, but for redirect=.
    """

    term: Term
    is_listed: bool
    because: tuple[str, ...] = ()
    ip4: Ranges = ()
    ip6: Ranges = ()
    otherwise: AuthResult = AuthResult.NEUTRAL

    @property
    def is_empty(self) -> bool:
        """Whether it matches nobody."""
        return not self.ip4 and not self.ip6

    @property
    def is_everybody(self) -> bool:
        """Whether it matches every address of a family."""
        return self.ip4 == _EVERYBODY[0] or self.ip6 == _EVERYBODY[1]


async def matched(resolver: Resolver, place: Place, term: Term) -> Matched:
    """What the term matches by itself, as DNS answers now."""
    if term.name in ("ip4", "ip6"):
        ranges = ((term.network << term.shift, ((term.network + 1) << term.shift) - 1),)
        return Matched(
            term=term,
            is_listed=True,
            ip4=ranges if term.name == "ip4" else (),
            ip6=ranges if term.name == "ip6" else (),
        )
    if term.name == "all":
        return Matched(term=term, is_listed=True, ip4=_EVERYBODY[0], ip6=_EVERYBODY[1])
    if term.name not in QUERYING:
        return Matched(term=term, is_listed=False)
    if term.name == "mx":
        hosts = await _of_hosts(resolver, place.domain, term)
        if hosts is not None:
            return hosts
    alone = place.with_records(resolver, [(place.owner, f"v=spf1 {term.text.lstrip('+-~?')}")])
    sender = f"postmaster@{place.domain}"
    four, six = [await reach(alone, place.domain, sender, place.domain, is_ip4=is_ip4) for is_ip4 in (True, False)]
    others = {span.result for each in (four, six) for span in each.spans} - {AuthResult.PASS}
    may_be = _LISTED if term.qualifier else _LISTED | {AuthResult.FAIL, AuthResult.SOFTFAIL}
    because = tuple(dict.fromkeys(four.not_followed + six.not_followed))
    return Matched(
        term=term,
        is_listed=not because and len(others) <= 1 and others <= may_be and _is_for_everybody(four, six),
        because=because or (term.text,),
        ip4=_passing(four),
        ip6=_passing(six),
        otherwise=min(others, default=AuthResult.NEUTRAL),
    )


async def _of_hosts(resolver: Resolver, domain: str, term: Term) -> Matched | None:
    """The addresses of the hosts that an mx term leads to, whatever the limits say of their number (RFC 7208 §4.6.4).

    None where they cannot all be listed.
    """
    name = domain if term.target is None else term.name_literal
    if name is None or not can_be_asked(name):
        return None
    found = await resolver.lookup(Question(name, "MX"))
    hosts = [host for host in mx_hosts(found) if can_be_asked(host)]
    if found.failed or len(hosts) > _MAX_HOSTS:
        return None
    for host in hosts:
        for rdtype in ("A", "AAAA"):
            resolver.ahead(resolver.lookup(Question(host, rdtype)))
    answers = [answer for host in hosts for answer in await both_families(resolver, host)]
    if any(answer.failed for answer in answers):
        return None
    if sum(len(answer.records) for answer in answers) > MAX_NETWORKS:
        return None
    networks = [
        ipaddress.ip_network(f"{address}/{term.prefix6 if ':' in address else term.prefix4}", strict=False)
        for address in host_addresses(answers)
    ]
    spans = {
        version: union((int(each[0]), int(each[-1])) for each in networks if each.version == version)
        for version in (4, 6)
    }
    return Matched(term=term, is_listed=True, ip4=spans[4], ip6=spans[6])


def _is_for_everybody(*reaches: Reach) -> bool:
    return all(each.is_whole and not each.by_local_part and not each.by_helo for each in reaches)


def _passing(found: Reach) -> Ranges:
    return tuple((span.first, span.last) for span in found.spans if span.result is AuthResult.PASS)


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The ranges in order, those that touch together."""
    made: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if made and first <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], last))
        else:
            made.append((first, last))
    return tuple(made)


def covers(all_of: Ranges, ranges: Ranges) -> bool:
    """Whether every one of the ranges is in one of `all_of`, which are a union."""
    at = [bisect_right(all_of, one, key=lambda span: span[0]) - 1 for one, _ in ranges]
    return all(place >= 0 and last <= all_of[place][1] for place, (_, last) in zip(at, ranges, strict=True))


def words(ip4: Ranges, ip6: Ranges) -> Iterator[str]:
    """The terms ip4 and ip6 that match these addresses and no others, as few as can be."""
    for name, address, ranges, width in (
        ("ip4", ipaddress.IPv4Address, ip4, 32),
        ("ip6", ipaddress.IPv6Address, ip6, 128),
    ):
        for first, last in ranges:
            for network in ipaddress.summarize_address_range(address(first), address(last)):
                length = "" if network.prefixlen == width else f"/{network.prefixlen}"
                yield f"{name}:{network.network_address}{length}"
