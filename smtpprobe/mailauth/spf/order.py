"""What follows where receivers take hosts of equal standing in another order (RFC 5321 §5.1, RFC 7208 §5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import groupby

from smtpprobe.mailauth.dns.mx_set import mx_set
from smtpprobe.mailauth.spf.client import Client
from smtpprobe.mailauth.spf.limits import MAX_PTR_NAMES, MAX_PTR_TOLD
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.record import Term
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.names import is_at_or_below


class Order(Enum):
    """Which of the hosts among which a receiver may choose come first: those that match, or those that lead nowhere."""

    BEST = "best"
    WORST = "worst"


def mx_groups(found: DnsLookup) -> list[list[str]]:
    """The MX hosts, those of equal preference together: a sender takes these in any order (RFC 5321 §5.1)."""
    return [[name for _, name in group] for _, group in groupby(mx_set(found).hosts, key=lambda host: host[0])]


async def arranged(
    resolver: Resolver,
    client: Client,
    term: Term,
    groups: Iterable[Sequence[str]],
    order: Order | None,
    within: str | None = None,
) -> list[str]:
    """The hosts in the order in which they are asked; as they stand where none is wanted. Only names in `within` match."""
    made: list[str] = []
    for group in groups:
        if order is None:
            made += group
            continue
        ranks = {host: await _rank(resolver, client, term, host, within) for host in group if can_be_asked(host)}
        made += sorted(ranks, key=lambda host: ranks[host], reverse=order is Order.WORST)
    return made


async def ten_of(
    resolver: Resolver, client: Client, names: Sequence[str], within: str, order: Order | None
) -> list[str]:
    """The ten PTR names that are looked at, of more than ten: all others are ignored (RFC 7208 §4.6.4).

    Those that match are taken last, so that what matches here does so whichever ten a receiver takes; with Order.BEST
    they are taken first. No more than MAX_PTR_TOLD are looked up to tell which they are.
    """
    told = [name for name in names[:MAX_PTR_TOLD] if can_be_asked(name)]
    ranks = {name: await _rank(resolver, client, None, name, within) for name in told}

    def place(name: str) -> tuple[bool, bool]:
        matches = ranks.get(name) == 0
        return matches, matches and is_at_or_below(name, within)

    return sorted(names, key=place, reverse=order is Order.BEST)[:MAX_PTR_NAMES]


async def _rank(resolver: Resolver, client: Client, term: Term | None, host: str, within: str | None) -> int:
    """How far a host is from a match: 0 matches, 1 does not, 2 is void, 3 fails, which for a PTR name is no more than 1."""
    found = await resolver.lookup(Question(host, client.address_type))
    if found.failed:
        return 3 if within is None else 1
    if found.is_void:
        return 2
    matches = client.is_among(found.records, term.prefix4, term.prefix6) if term else client.is_among(found.records)
    return 0 if matches and (within is None or is_at_or_below(host, within)) else 1
