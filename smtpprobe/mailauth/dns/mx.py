"""Where mail for a domain goes: MX, implicit MX, null MX (RFC 5321 §5.1, RFC 7505)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver, mx_records
from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxRole, MxStatus
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.texts.language import say

MAX_HOSTS = 20  # MX hosts whose addresses are asked for, best preference first

_PRIVATE = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "::/128", "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


async def evaluate(resolver: Resolver, domains: Sequence[tuple[str, MxRole]]) -> MxEvidence:
    """Where mail for each domain goes, in the order given; each is a domain and its role."""
    for domain, role in domains:
        resolver.ahead(mail_hosts(resolver, domain, role))
    found = [await _mail_hosts(resolver, domain, role) for domain, role in domains]
    return MxEvidence(tuple(found), tuple(dict.fromkeys(index for entry in found for index in entry.lookups)))


async def mail_hosts(resolver: Resolver, domain: str, role: MxRole = MxRole.FORWARD_PATH) -> MxDomain:
    """The hosts that take mail for the domain, best preference first, equal ones by name, with their addresses.

    `hosts` is empty for null-mx, nxdomain, nothing and temperror. A host with a problem may still have addresses.
    """
    name = domain.rstrip(".").lower()
    found = await resolver.lookup(Question(name, "MX"))
    exchanges = [exchange for _, exchange in mx_records(found)[:MAX_HOSTS] if exchange and not is_ip_address(exchange)]
    for exchange in exchanges or ([name] if found.status is DnsStatus.NODATA else []):
        for rdtype in ("A", "AAAA"):
            resolver.ahead(resolver.lookup(Question(exchange, rdtype)))
    return await _mail_hosts(resolver, domain, role)


async def _mail_hosts(resolver: Resolver, domain: str, role: MxRole) -> MxDomain:
    name = domain.rstrip(".").lower()
    found = await resolver.lookup(Question(name, "MX"))
    if found.status is DnsStatus.NXDOMAIN:
        return MxDomain(
            domain=name,
            role=role,
            status=MxStatus.NXDOMAIN,
            hosts=(),
            problem=say("{name} does not exist", name=name),
            lookups=(found.index,),
        )
    if found.failed:
        return MxDomain(
            domain=name,
            role=role,
            status=MxStatus.TEMPERROR,
            hosts=(),
            problem=found.failure_text,
            lookups=(found.index,),
        )
    records = mx_records(found)
    if not records:
        return await _implicit(resolver, name, role, found)
    # RFC 7505 §3: one record with an empty exchange, and no other.
    named = [(preference, exchange) for preference, exchange in records if exchange]
    if not named:
        return MxDomain(
            domain=name,
            role=role,
            status=MxStatus.NULL_MX,
            hosts=(),
            problem=say("{name} accepts no mail (null MX)", name=name),
            lookups=(found.index,),
        )
    problem = say("a null MX coexists with other MX records (RFC 7505 §3)") if len(named) < len(records) else None
    if len(named) > MAX_HOSTS:
        problem = say("{count} MX records; the first {max_hosts} were looked at", count=len(named), max_hosts=MAX_HOSTS)
    hosts, lookups = await _hosts(resolver, named[:MAX_HOSTS])
    return MxDomain(
        domain=name, role=role, status=MxStatus.MX, hosts=hosts, problem=problem, lookups=_indexes((found, *lookups))
    )


async def _hosts(
    resolver: Resolver, exchanges: Sequence[tuple[int, str]]
) -> tuple[tuple[MxHost, ...], tuple[DnsLookup, ...]]:
    hosts: list[MxHost] = []
    consumed: list[DnsLookup] = []
    for preference, exchange in exchanges:
        if is_ip_address(exchange):
            # RFC 5321 §5.1: the exchange is a domain name, never an address.
            hosts.append(MxHost(preference=preference, name=exchange, addresses=(), problem=MxProblem.ADDRESS_LITERAL))
            continue
        lookups = [await resolver.lookup(Question(exchange, rdtype)) for rdtype in ("A", "AAAA")]
        consumed.extend(lookups)
        addresses = _addresses(lookups)
        hosts.append(
            MxHost(preference=preference, name=exchange, addresses=addresses, problem=_problem(lookups, addresses))
        )
    return tuple(hosts), tuple(consumed)


def _problem(lookups: Sequence[DnsLookup], addresses: Sequence[str]) -> MxProblem | None:
    if not addresses:
        return MxProblem.TEMPERROR if any(lookup.failed for lookup in lookups) else MxProblem.NO_ADDRESS
    # RFC 2181 §10.3, RFC 5321 §5.1: an MX record must not point to an alias.
    if any(lookup.cname for lookup in lookups):
        return MxProblem.CNAME
    if any(is_private(address) for address in addresses):
        return MxProblem.PRIVATE_ADDRESS
    return None


async def _implicit(resolver: Resolver, name: str, role: MxRole, found: DnsLookup) -> MxDomain:
    """The domain's own addresses, which take its mail where it has no MX record (RFC 5321 §5.1)."""
    lookups = [await resolver.lookup(Question(name, rdtype)) for rdtype in ("A", "AAAA")]
    consumed, addresses = _indexes((found, *lookups)), _addresses(lookups)
    if addresses:
        private = MxProblem.PRIVATE_ADDRESS if any(map(is_private, addresses)) else None
        return MxDomain(
            domain=name,
            role=role,
            status=MxStatus.IMPLICIT,
            hosts=(MxHost(preference=0, name=name, addresses=addresses, problem=private),),
            problem=None,
            lookups=consumed,
        )
    failed = next((lookup for lookup in lookups if lookup.failed), None)
    if failed is not None:
        problem = failed.failure_text
        return MxDomain(domain=name, role=role, status=MxStatus.TEMPERROR, hosts=(), problem=problem, lookups=consumed)
    return MxDomain(
        domain=name,
        role=role,
        status=MxStatus.NOTHING,
        hosts=(),
        problem=say("{name} has neither MX nor address records", name=name),
        lookups=consumed,
    )


def is_private(address: str) -> bool:
    """Whether mail from the Internet cannot reach the address: private, shared, loopback or link-local."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in block for block in _PRIVATE if block.version == parsed.version)


def mx_names(lookup: DnsLookup) -> tuple[str, ...]:
    """The mail hosts that an MX answer names, best preference first; the domain itself where there is no MX record.

    Empty where the domain does not exist, takes no mail, or DNS failed (RFC 5321 §5.1, RFC 7505 §3).
    """
    if lookup.status is DnsStatus.NODATA:
        return (lookup.name,)
    return tuple(dict.fromkeys(exchange for _, exchange in mx_records(lookup) if exchange))


def _addresses(lookups: Iterable[DnsLookup]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            record
            for lookup in lookups
            if lookup.status is DnsStatus.ANSWER
            for record in lookup.records
            if is_ip_address(record)
        )
    )


def _indexes(lookups: Iterable[DnsLookup]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(lookup.index for lookup in lookups))
