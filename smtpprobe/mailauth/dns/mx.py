"""Where mail for a domain goes: MX, implicit MX, null MX (RFC 5321 §5.1, RFC 7505)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

import msgspec

from smtpprobe.mailauth.dns.mx_set import both_families, host_addresses, meant_host, mx_set, null_text
from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
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


async def evaluate(resolver: Resolver, domains: Sequence[tuple[str, MxRole]], *, doubting: bool = False) -> MxEvidence:
    """Where mail for each domain goes, in the order given; each is a domain and its role.

    `doubting`: where hosts have addresses, see too whether the resolver makes addresses up.
    """
    for domain, role in domains:
        resolver.ahead(mail_hosts(resolver, domain, role))
        if doubting:
            resolver.ahead(_doubt(resolver, domain))
    found = [await mail_hosts(resolver, domain, role) for domain, role in domains]
    if doubting:
        found = [await _without_made_up(resolver, each) for each in found]
    return MxEvidence(tuple(found), tuple(dict.fromkeys(index for entry in found for index in entry.lookups)))


async def mail_hosts(resolver: Resolver, domain: str, role: MxRole = MxRole.FORWARD_PATH) -> MxDomain:
    """The hosts that take mail for the domain, best preference first, equal ones by name, with their addresses.

    `hosts` is empty for null-mx, nxdomain, nothing and temperror. A host with a problem may still have addresses.
    """
    name = domain.rstrip(".").lower()
    found = await resolver.lookup(Question(name, "MX"))
    told = MxDomain(domain=name, role=role, status=MxStatus.MX, hosts=(), lookups=(found.index,), alias=found.cname)
    replace = msgspec.structs.replace
    if found.status is DnsStatus.NXDOMAIN:
        return replace(told, status=MxStatus.NXDOMAIN, problem=found.void_text(name))
    if found.failed:
        return replace(told, status=MxStatus.TEMPERROR, problem=found.failure_text)
    records = mx_set(found)
    if records.is_null:
        return replace(told, status=MxStatus.NULL_MX, problem=null_text(name))
    named = records.hosts
    if not named:
        return await _implicit(resolver, told, found)
    beyond = max(len(named) - MAX_HOSTS, 0)
    problems = [say("a null MX coexists with other MX records (RFC 7505 §3)")] if records.null_among_others else []
    if beyond:
        problems.append(
            say("{count} MX records; the first {max_hosts} were looked at", count=len(named), max_hosts=MAX_HOSTS)
        )
    hosts, lookups = await _hosts(resolver, name, named[:MAX_HOSTS])
    return replace(
        told,
        hosts=hosts,
        problem="; ".join(problems) or None,
        lookups=_indexes((found, *lookups)),
        null_among_others=records.null_among_others,
        not_looked_at=beyond,
    )


async def _hosts(
    resolver: Resolver, domain: str, exchanges: Sequence[tuple[int, str]]
) -> tuple[tuple[MxHost, ...], tuple[DnsLookup, ...]]:
    for _, exchange in exchanges:
        if not is_ip_address(exchange):
            resolver.ahead(_host_lookups(resolver, domain, exchange))
    hosts: list[MxHost] = []
    consumed: list[DnsLookup] = []
    for preference, exchange in exchanges:
        if is_ip_address(exchange):
            # RFC 5321 §5.1: the exchange is a domain name, never an address.
            hosts.append(MxHost(preference=preference, name=exchange, addresses=(), problem=MxProblem.ADDRESS_LITERAL))
            continue
        lookups, meant, asked = await _host_lookups(resolver, domain, exchange)
        consumed.extend((*lookups, *asked))
        addresses = host_addresses(lookups)
        failed = next((lookup.failure_text for lookup in lookups if lookup.failed), None)
        hosts.append(
            MxHost(
                preference=preference,
                name=exchange,
                addresses=addresses,
                problem=MxProblem.FINAL_DOT if meant else _problem(lookups, addresses),
                alias=next((lookup.cname for lookup in lookups if lookup.cname), None),
                meant=meant,
                unanswered=failed,
            )
        )
    return tuple(hosts), tuple(consumed)


async def _host_lookups(
    resolver: Resolver, domain: str, exchange: str
) -> tuple[list[DnsLookup], str | None, list[DnsLookup]]:
    """The lookups of an exchange's addresses, the name that it was meant to be, and the lookups that show that."""
    lookups = await both_families(resolver, exchange)
    return (lookups, *await meant_host(resolver, exchange, domain, host_addresses(lookups)))


def _problem(lookups: Sequence[DnsLookup], addresses: Sequence[str]) -> MxProblem | None:
    if not addresses:
        failures = [lookup.status for lookup in lookups if lookup.failed]
        if failures:
            is_loop = all(status is DnsStatus.ALIAS_LOOP for status in failures)
            return MxProblem.ALIAS_LOOP if is_loop else MxProblem.TEMPERROR
        missing = any(lookup.status is DnsStatus.NXDOMAIN and not lookup.cname for lookup in lookups)
        return MxProblem.NXDOMAIN if missing else MxProblem.NO_ADDRESS
    # RFC 2181 §10.3, RFC 5321 §5.1: an MX record must not point to an alias.
    if any(lookup.cname for lookup in lookups):
        return MxProblem.CNAME
    if any(is_private(address) for address in addresses):
        return MxProblem.PRIVATE_ADDRESS
    return None


async def _implicit(resolver: Resolver, told: MxDomain, found: DnsLookup) -> MxDomain:
    """The domain's own addresses, which take its mail where it has no MX record (RFC 5321 §5.1)."""
    name, replace = told.domain, msgspec.structs.replace
    lookups = await both_families(resolver, name)
    told, addresses = replace(told, lookups=_indexes((found, *lookups))), host_addresses(lookups)
    failed = next((lookup.failure_text for lookup in lookups if lookup.failed), None)
    if addresses:
        private = MxProblem.PRIVATE_ADDRESS if any(map(is_private, addresses)) else None
        host = MxHost(preference=0, name=name, addresses=addresses, problem=private, unanswered=failed)
        return replace(told, status=MxStatus.IMPLICIT, hosts=(host,))
    if failed is not None:
        return replace(told, status=MxStatus.TEMPERROR, problem=failed)
    missing = say("{name} has neither MX nor address records", name=name)
    if told.alias:
        missing = say(
            "{name} is an alias (CNAME) of {alias}, which has neither MX nor address records",
            name=name,
            alias=told.alias,
        )
    return replace(told, status=MxStatus.NOTHING, problem=missing)


async def _doubt(resolver: Resolver, domain: str) -> None:
    """Ask what the resolver makes up as soon as the domain's MX records, or that there are none, are known."""
    found = await resolver.lookup(Question(domain.rstrip(".").lower(), "MX"))
    if found.status in (DnsStatus.ANSWER, DnsStatus.NODATA):
        await rewriting(resolver)


async def _without_made_up(resolver: Resolver, domain: MxDomain) -> MxDomain:
    """The domain with those hosts marked whose addresses the resolver gives for names that do not exist, too."""
    if not any(host.addresses for host in domain.hosts):
        return domain
    found = await rewriting(resolver)
    hosts = tuple(
        msgspec.structs.replace(host, problem=MxProblem.MADE_UP) if found.made_up(host.addresses) else host
        for host in domain.hosts
    )
    return msgspec.structs.replace(domain, hosts=hosts, lookups=(*domain.lookups, *_indexes(found.lookups)))


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
    return tuple(dict.fromkeys(mx_set(lookup).names))


def _indexes(lookups: Iterable[DnsLookup]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(lookup.index for lookup in lookups))
