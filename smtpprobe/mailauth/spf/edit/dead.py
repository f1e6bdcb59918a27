"""Which terms of a record can permit nobody, whichever address asks."""

from __future__ import annotations

from smtpprobe.mailauth.spf.limits import MAX_MX_HOSTS
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.prefetch import mx_hosts
from smtpprobe.mailauth.spf.record import QUERYING, Term, parse_record
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver

_MAX_NAMES = 40  # whose addresses are looked up
_FAMILIES = ("A", "AAAA")


async def dead_terms(resolver: Resolver, record: str, domain: str) -> set[int]:
    """The places of terms that cost lookups and add nothing: without address in either family, repeated, or leading back.

    A term with macros is never one: what it leads to is another thing for another client.
    """
    terms = [term for term in parse_record(record).terms if term.name in QUERYING and term.problem is None]
    names = _Names(resolver)
    for term in terms:
        names.ahead(term, domain)
    dead: set[int] = set()
    seen: set[str] = set()
    for term in terms:
        text = term.text.lower().removeprefix("+")
        # A term that leads to its own record costs all ten.
        leads_back = term.name in ("include", "redirect") and term.name_literal == domain.lower()
        if text in seen or leads_back or await names.is_dead(term, domain):
            dead.add(term.position)
        seen.add(text)
    return dead


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
