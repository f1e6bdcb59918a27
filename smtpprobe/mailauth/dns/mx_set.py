"""A domain's MX records as a set: the hosts, a null MX alone or among others, and names without their final dot."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.dns.final_dot import without_zone
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver, mx_records
from smtpprobe.model.evidence.mx import MxHost, MxProblem
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.texts.language import mark, say

_SHOWN = 3
_WORDS = {
    MxProblem.NO_ADDRESS: mark("{host} has no address record"),
    MxProblem.NXDOMAIN: mark("{host} does not exist"),
    MxProblem.TEMPERROR: mark("{host} could not be looked up: {why}"),
    MxProblem.ALIAS_LOOP: mark("{host} leads nowhere: {why}"),
    MxProblem.ADDRESS_LITERAL: mark("{host} is an IP address instead of a name"),
}


class MxSet(msgspec.Struct, frozen=True):
    """Preference and name of each mail host, best first; `has_null` where a record has no exchange (RFC 7505 §3)."""

    hosts: tuple[tuple[int, str], ...]
    has_null: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts' names, in the same order."""
        return tuple(name for _, name in self.hosts)

    @property
    def is_null(self) -> bool:
        """Whether it says that the domain accepts no mail."""
        return self.has_null and not self.hosts

    @property
    def null_among_others(self) -> bool:
        """Whether it says so beside other records, which RFC 7505 §3 forbids."""
        return self.has_null and bool(self.hosts)


def mx_set(found: DnsLookup) -> MxSet:
    """The set of an MX answer, empty where it is none."""
    records = mx_records(found)
    return MxSet(tuple(record for record in records if record[1]), any(not exchange for _, exchange in records))


async def meant_host(
    resolver: Resolver, exchange: str, domain: str, addresses: Sequence[str]
) -> tuple[str | None, list[DnsLookup]]:
    """The name that an exchange had before the zone's was appended to it, and the lookups that show it; else None.

    A name with addresses is what was meant, unless it ends in the domain twice. A host of another domain has to exist.
    """
    meant = without_zone(exchange, domain)
    is_doubled = meant is not None and exchange.endswith(f".{domain}.{domain}")
    if meant is None or (addresses and not is_doubled):
        return None, []
    lookups = await both_families(resolver, meant)
    return (meant if host_addresses(lookups) else None), lookups


async def both_families(resolver: Resolver, name: str) -> list[DnsLookup]:
    """The answers about both kinds of address, asked for at the same time."""
    questions = [Question(name, rdtype) for rdtype in ("A", "AAAA")]
    resolver.ahead(resolver.lookup(questions[1]))
    return [await resolver.lookup(question) for question in questions]


def host_addresses(lookups: Sequence[DnsLookup]) -> tuple[str, ...]:
    """The addresses in the answers, each once."""
    answers = (lookup for lookup in lookups if lookup.status is DnsStatus.ANSWER)
    return tuple(dict.fromkeys(record for lookup in answers for record in lookup.records if is_ip_address(record)))


def host_text(host: MxHost) -> str:
    """What is wrong with a mail host that has no address; an alias is named with where it leads."""
    if host.meant:
        return final_dot_text(host.name, host.meant)
    name = say("{name} (an alias (CNAME) of {alias})", name=host.name, alias=host.alias) if host.alias else host.name
    words = _WORDS.get(host.problem or MxProblem.NO_ADDRESS, _WORDS[MxProblem.NO_ADDRESS])
    return say(words, host=name, why=host.unanswered or "")


def null_text(name: str) -> str:
    """That a domain has a null MX and no other."""
    return say("{name} accepts no mail (null MX)", name=name)


def null_among_others_text(what: str, hosts: Sequence[str]) -> str:
    """That a domain has a null MX and others."""
    return say("{what} has a null MX beside {others}", what=what, others=", ".join(hosts[:_SHOWN]))


def final_dot_text(name: str, meant: str | None) -> str:
    """That the zone's name was appended to a host's."""
    return say("{name} was meant to be {meant}: its final dot is missing in the zone file", name=name, meant=meant)
