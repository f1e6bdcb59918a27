"""What the names in a record come to: which terms can permit nobody, and what was meant by a name that is wrong."""

from __future__ import annotations

import ipaddress

from smtpprobe.mailauth.dns.mx_set import both_families, host_addresses
from smtpprobe.mailauth.spf.limits import MAX_MX_HOSTS
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.prefetch import mx_hosts
from smtpprobe.mailauth.spf.record import MECHANISMS, QUERYING, Record, Term, is_spf_record, parse_record
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.evidence.spf import SpfDead, SpfDeadReason
from smtpprobe.model.texts.language import say

_MAX_RECORDS = 12  # that are looked at
_MAX_NAMES = 40  # whose addresses are looked up
_FAMILIES = ("A", "AAAA")


async def dead_terms(resolver: Resolver, record: str, domain: str) -> dict[int, str]:
    """The places of terms that cost lookups and add nothing, and why: without an address, repeated, or leading back.

    A term with macros is never one: what it leads to is another thing for another client.
    """
    terms = [term for term in parse_record(record).terms if term.name in QUERYING and term.problem is None]
    names = _Names(resolver)
    for term in terms:
        names.ahead(term, domain)
    dead: dict[int, str] = {}
    seen: set[str] = set()
    for term in terms:
        text = term.text.lower().removeprefix("+")
        # A term that leads to its own record costs all ten.
        leads_back = term.name in ("include", "redirect") and term.name_literal == domain.lower()
        if leads_back:
            dead[term.position] = say("it leads back to its own record")
        elif text in seen:
            dead[term.position] = say("it is there twice")
        elif await names.is_dead(term, domain):
            dead[term.position] = say("nothing that it names has an address")
        seen.add(text)
    return dead


async def meant_instead(resolver: Resolver, term: Term, domain: str) -> str | None:
    """The term that was meant by an include of a name without a record, or an mx of one without MX hosts.

    An underscore is often forgotten; a host below the domain itself is meant for `a`.
    """
    name = term.name_literal
    if name is None or not can_be_asked(name):
        return None
    qualifier = term.text[: len(term.text) - len(term.text.lstrip("+-~?"))]
    if term.name == "include" and not name.startswith("_") and can_be_asked(f"_{name}"):
        found = await resolver.lookup(Question(f"_{name}", "TXT"))
        if any(is_spf_record(text) for text in found.records):
            return f"{qualifier}include:_{name}"
    if not name.endswith(f".{domain.lower()}"):
        return None
    if term.name == "mx" and not (await resolver.lookup(Question(name, "MX"))).is_void:
        return None
    addresses = [await resolver.lookup(Question(name, rdtype)) for rdtype in _FAMILIES]
    if not any(found.records for found in addresses):
        return None
    lengths = term.text.partition("/")
    return f"{qualifier}a:{name}{lengths[1]}{lengths[2]}"


async def networks_of_hosts(resolver: Resolver, term: Term, domain: str) -> tuple[str, ...]:
    """The networks that an mx term stands for, host by host; none where they cannot all be told."""
    name = _name(term, domain)
    if name is None or not can_be_asked(name):
        return ()
    found = await resolver.lookup(Question(name, "MX"))
    hosts = [host for host in mx_hosts(found) if can_be_asked(host)]
    if found.failed or len(hosts) > _MAX_NAMES // 2:
        return ()
    for host in hosts:
        for rdtype in _FAMILIES:
            resolver.ahead(resolver.lookup(Question(host, rdtype)))
    networks: tuple[list[ipaddress.IPv4Network], list[ipaddress.IPv6Network]] = [], []
    for host in hosts:
        for rdtype, prefix in zip(_FAMILIES, (term.prefix4, term.prefix6), strict=True):
            answer = await resolver.lookup(Question(host, rdtype))
            if answer.failed:
                return ()
            for network in [ipaddress.ip_network(f"{address}/{prefix}", strict=False) for address in answer.records]:
                if isinstance(network, ipaddress.IPv4Network):
                    networks[0].append(network)
                else:
                    networks[1].append(network)
    qualifier = term.qualifier.removeprefix("+")
    made = [f"{qualifier}ip4:{each}".removesuffix("/32") for each in ipaddress.collapse_addresses(networks[0])]
    made += [f"{qualifier}ip6:{each}".removesuffix("/128") for each in ipaddress.collapse_addresses(networks[1])]
    return tuple(made) if len(made) <= _MAX_NAMES else ()


class _Names:
    """What the terms of one record name, looked up in both families."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._asked = 0

    def ahead(self, term: Term, domain: str) -> None:
        """Start the first lookups of a term."""
        name = _name(term, domain)
        if name is not None and can_be_asked(name):
            for rdtype in {"mx": ("MX",), "a": _FAMILIES, "exists": ("A",)}.get(term.name, ()):
                self._resolver.ahead(self._resolver.lookup(Question(name, rdtype)))

    async def is_dead(self, term: Term, domain: str) -> bool:
        """Whether nothing that the term names has an address."""
        name = _name(term, domain)
        if name is None or not can_be_asked(name):
            return False
        if term.name == "exists":
            return (await self._ask(name, "A")).is_void
        if term.name == "a":
            return await self._has_no_address(name)
        if term.name != "mx":
            return False
        found = await self._ask(name, "MX")
        hosts = [host for host in mx_hosts(found) if can_be_asked(host)]
        if found.failed or len(hosts) > MAX_MX_HOSTS:
            return False
        for host in hosts:
            for rdtype in _FAMILIES:
                self._resolver.ahead(self._resolver.lookup(Question(host, rdtype)))
        return all([await self._has_no_address(host) for host in hosts])

    async def _has_no_address(self, name: str) -> bool:
        self._asked += 1
        if self._asked > _MAX_NAMES:
            return False
        return (await self._ask(name, "A")).is_void and (await self._ask(name, "AAAA")).is_void

    async def _ask(self, name: str, rdtype: str) -> DnsLookup:
        return await self._resolver.lookup(Question(name, rdtype))


def _name(term: Term, domain: str) -> str | None:
    return domain.lower() if term.target is None else term.name_literal


async def was_meant(resolver: Resolver, domain: str, term: Term, dead: SpfDead) -> bool:
    """Whether the term would match somebody, were it not for a fault that a finding names."""
    match dead.reason:
        case SpfDeadReason.AFTER_ALL:
            return term.name != "all"
        case SpfDeadReason.BESIDE_ALL:
            return True
        case SpfDeadReason.NO_ADDRESS:
            return dead.family is None and await _is_host(resolver, domain, term)
        case SpfDeadReason.PASSES_NOBODY:
            return await _hides_senders(resolver, term.name_literal)
        case _:
            return False


async def _is_host(resolver: Resolver, domain: str, term: Term) -> bool:
    """Whether an mx term names a host: it has addresses, and no MX records."""
    name = domain if term.target is None else term.name_literal
    if term.name != "mx" or name is None or name == domain.lower() or not can_be_asked(name):
        return False
    found = await resolver.lookup(Question(name, "MX"))
    if found.failed or found.records or mx_hosts(found):
        return False
    return bool(host_addresses(await both_families(resolver, name)))


async def _hides_senders(resolver: Resolver, name: str | None) -> bool:
    """Whether a record, or one that it includes, has terms that its own fault keeps from being evaluated."""
    names, seen = [name], set[str]()
    while names and len(seen) < _MAX_RECORDS:
        target = names.pop(0)
        if target is None or target in seen or not can_be_asked(target):
            continue
        seen.add(target)
        found = await resolver.lookup(Question(target, "TXT"))
        for text in (text for text in found.records if is_spf_record(text)):
            record = parse_record(text)
            if _has_hidden(record):
                return True
            for term in record.directives:
                if await _is_host(resolver, target, term):
                    return True
                if term.name == "include":
                    names.append(term.name_literal)
            if record.redirect is not None:
                names.append(record.redirect.name_literal)
    return False


def _has_hidden(record: Record) -> bool:
    """Whether terms stand after all, a redirect= beside it, or mechanisms are written as modifiers."""
    if record.ignored_redirect is not None or record.faulty is not None:
        return True
    reached = {term.position for term in record.directives}
    return any(
        term.name in MECHANISMS and (not term.qualifier or (term.position not in reached and term.name != "all"))
        for term in record.terms
    )
