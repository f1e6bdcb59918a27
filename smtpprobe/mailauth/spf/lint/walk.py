"""Lint of a published SPF record: its text, and everything it leads to whichever address asks."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from smtpprobe.mailauth.dns.final_dot import final_dot_hint
from smtpprobe.mailauth.spf.alias import Alias, End, alias_of
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS, MAX_MX_HOSTS
from smtpprobe.mailauth.spf.lint.elsewhere import elsewhere
from smtpprobe.mailauth.spf.lint.mx_faults import mx_faults
from smtpprobe.mailauth.spf.lint.terms import lint_included, lint_of_another, lint_record, lint_texts, positions
from smtpprobe.mailauth.spf.macro import can_be_asked, domain_problem
from smtpprobe.mailauth.spf.of_domain import of_domain
from smtpprobe.mailauth.spf.prefetch import mx_hosts
from smtpprobe.mailauth.spf.record import Record, Term, is_spf_record, parse_record
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence.spf import SpfLint
from smtpprobe.model.names import is_at_or_below, is_ip_address
from smtpprobe.model.texts.language import mark, say, say_counted

MAX_RECORDS = 40  # records that one walk reads
MAX_LINTS = 100
MAX_ADDRESSES = 30  # names whose addresses one walk looks up
_MAX_AHEAD = 60  # questions that are asked before their turn
# What matters only where a record stands for the domain itself, not where it is included.
_OF_THE_WHOLE = frozenset(("spf-all-missing", "spf-all-neutral", "spf-parked"))

_ALIASES = {
    End.OWN: (
        "spf-domain-is-alias",
        mark("a CNAME can have no TXT record: its SPF record is the one at {target}"),
    ),
    End.ANOTHERS: (
        "spf-alias-of-another",
        mark(
            "a CNAME can have no TXT record, and {target} is another domain's: only its operator changes the record there; "
            "otherwise send as another name"
        ),
    ),
    End.NOWHERE: (
        "spf-alias-leads-nowhere",
        mark("a CNAME to {target}, which does not exist: no record can be published there"),
    ),
    End.CIRCLE: ("spf-alias-leads-nowhere", mark("a CNAME that leads in a circle: no record can be published there")),
}


class Linted(msgspec.Struct, frozen=True, kw_only=True):
    """What the lint came to. `lookups_needed` is the cost for an address that nothing matches, None without a record.

    `lookups` are the indexes of everything that was asked, in order. `is_open`: a finding says that anybody can pass.
    """

    lint: tuple[SpfLint, ...] = ()
    lookups_needed: int | None = None
    lookups: tuple[int, ...] = ()
    is_open: bool = False


async def lint(resolver: Resolver, domain: str) -> Linted:
    """Lint of the domain's SPF record and of those that it includes or redirects to; each id and term once."""
    domain = domain.removesuffix(".").lower()
    if domain_problem(domain):
        return Linted()
    walk = _Walk(resolver, domain)
    needed = await walk.start()
    once = {(each.id, each.domain, each.term, each.host): each for each in reversed(walk.found)}
    return Linted(
        lint=tuple(reversed(once.values()))[:MAX_LINTS],
        lookups_needed=needed,
        lookups=tuple(dict.fromkeys(walk.lookups)),
    )


class _Walk:
    """A walk through a record and all that it includes, bounded by MAX_RECORDS and MAX_ADDRESSES.

    `found` is in order of the records.
    """

    def __init__(self, resolver: Resolver, domain: str) -> None:
        self._resolver = resolver
        self._domain = domain
        self._read = 0
        self._names = 0
        self._started: set[Question] = set()
        self._costs: dict[str, int] = {}
        self.found: list[SpfLint] = []
        self.lookups: list[int] = []

    async def start(self) -> int | None:
        """Lint the domain; what its record needs, None where it has none or several."""
        for rdtype in ("SPF", "CNAME"):
            self._ahead(self._domain, rdtype)
        found = await self._ask(self._domain, "TXT")
        alias = alias_of(found)
        if alias is not None:
            self._alias(alias)
        if found.failed:
            return None
        self.found += lint_texts(self._domain, sorted(found.records))
        records = [text for text in found.records if is_spf_record(text)]
        await self._other_types(found, records)
        if not records:
            stated, asked = await elsewhere(self._resolver, self._domain, found)
            self.lookups += [each.index for each in asked if each.index >= 0]
            for name, message, host in stated:
                self._state(name, self._domain, message, host=host)
        if len(records) != 1:
            return None
        return await self._record(self._domain, records[0], (self._domain,), own=True)

    def _alias(self, alias: Alias) -> None:
        """What follows from it that the domain is an alias.

        RFC 1034 §3.6.2: an alias has no other records; what is asked of it is answered by its target.
        """
        name, message = _ALIASES[alias.end]
        self._state(name, self._domain, say(message, target=alias.target), host=alias.target)

    async def _other_types(self, found: DnsLookup, records: list[str]) -> None:
        """The obsolete SPF type, and a CNAME where no other type may stand."""
        spf = await self._ask(self._domain, "SPF")
        if spf.status is DnsStatus.ANSWER and spf.cname is None:
            same = "" if sorted(spf.records) == sorted(records) else say(", and it differs from the TXT record")
            self._state(
                "spf-rr-type", self._domain, say("a record of the obsolete type SPF is published{same}", same=same)
            )
        cname = await self._ask(self._domain, "CNAME")
        # RFC 1034 §3.6.2: where a CNAME is present, no other data should be.
        if cname.status is DnsStatus.ANSWER and found.records and found.cname is None:
            self._state(
                "spf-cname-beside-txt",
                self._domain,
                say("a CNAME to {records} coexists with TXT records", records=cname.records[0]),
            )

    async def _record(
        self, domain: str, text: str, chain: tuple[str, ...], *, own: bool, included: bool = False
    ) -> int:
        """Lint one record and what it leads to; the lookups that it costs. `included`: not by redirect= alone."""
        if own:
            self.found += [each for each in lint_record(domain, text) if not (included and each.id in _OF_THE_WHOLE)]
        else:
            self.found += lint_of_another(domain, text)
        if included:
            self.found += lint_included(domain, text)
        record = parse_record(text)
        if record.faulty is not None:
            return 0
        terms = [term for term in _querying(record) if term.name_literal is None or term.askable]
        if own:
            self._addresses_ahead(terms, domain)
        for term in terms:
            target = of_domain(term, domain)
            if term.name in ("include", "redirect") and target is not None:
                self._ahead(target, "TXT")
        at = positions(text)
        needed = 0
        for term in terms:
            needed += 1
            if term.name in ("include", "redirect"):
                needed += await self._leads_to(term, at[term.position], domain, chain, own=own, included=included)
            elif own and term.name in ("a", "mx"):
                await self._has_address(term, at[term.position], domain)
        if own and domain == self._domain and needed > MAX_LOOKUPS:
            message = say("an address that nothing matches needs {needed} lookups, ten are allowed", needed=needed)
            self._state("spf-lookups-needed", domain, message)
        return needed

    async def _leads_to(
        self, term: Term, at: int, domain: str, chain: tuple[str, ...], *, own: bool, included: bool
    ) -> int:
        """What an include or a redirect= costs below itself."""
        target = of_domain(term, domain)
        if target is None:
            return 0
        if target in chain:
            self._state(*self._loop(term, target, domain, chain), term.text, at)
            return 0
        if target in self._costs:
            below = self._costs[target]
            message = say_counted(
                "{text} is reached a second time: its {count} lookup counts again",
                "{text} is reached a second time: its {count} lookups count again",
                below + 1,
                text=term.text,
            )
            self._state("spf-include-repeated", domain, message, term.text, at)
            return below
        self._costs[target] = 0
        if self._read >= MAX_RECORDS or domain_problem(target):
            return 0
        found = await self._ask(target, "TXT")
        if found.failed:
            return 0
        records = [text for text in found.records if is_spf_record(text)]
        if len(records) != 1:
            self._state(*_missing(term, target, domain, len(records)), term.text, at)
            return 0
        problem = parse_record(records[0]).problem
        own_below = own and (term.name == "redirect" or is_at_or_below(target, self._domain))
        if problem is not None:
            self._state(
                "spf-syntax-error",
                target,
                say("syntax error in the record of {target}: {problem}", target=target, problem=problem),
            )
        included = included or term.name == "include"
        below = await self._record(target, records[0], (*chain, target), own=own_below, included=included)
        self._costs[target] = below
        return below

    def _loop(self, term: Term, target: str, domain: str, chain: tuple[str, ...]) -> tuple[str, str, str]:
        way = " → ".join((*chain[chain.index(target) :], target))
        if target == chain[-1]:
            name = "spf-include-self" if term.name == "include" else "spf-redirect-loop"
            return name, domain, say("{text} leads to its own record", text=term.text)
        name = "spf-include-loop" if term.name == "include" else "spf-redirect-loop"
        return name, domain, say("{text} closes a loop: {way}", text=term.text, way=way)

    def _addresses_ahead(self, terms: list[Term], domain: str) -> None:
        for term in terms:
            if term.name in ("a", "mx") and (term.name_literal or term.target is None):
                for rdtype in ("MX",) if term.name == "mx" else ("A", "AAAA"):
                    self._ahead(term.name_literal or domain, rdtype)

    async def _has_address(self, term: Term, at: int, domain: str) -> None:
        """Whether an `a` or `mx` term can match any address at all, and its MX hosts keep to the limit."""
        if term.target is not None and term.name_literal is None:
            return
        name = term.name_literal or domain
        if self._names >= MAX_ADDRESSES:
            return
        if term.name == "a":
            if await self._is_without_address(name):
                message = f"{term.text}: {await self._without_address(name)}"
                self._state("spf-no-address", domain, message, term.text, at)
            return
        self._names += 1
        found = await self._ask(name, "MX")
        if found.failed:
            return
        hosts = mx_hosts(found)
        stated, asked = await mx_faults(self._resolver, found, domain)
        self.lookups += [each.index for each in asked if each.index >= 0]
        for fault, message, host in stated:
            self._state(fault, domain, f"{term.text}: {message}", term.text, at, host=host)
        # RFC 7208 §4.6.4: more than ten MX hosts are a permerror.
        if len(hosts) > MAX_MX_HOSTS:
            message = say("{name} has {count} MX hosts, at most 10 are allowed", name=name, count=len(hosts))
            self._state("spf-too-many-mx-hosts", domain, message, term.text, at)
            return
        for host in hosts:
            for rdtype in ("A", "AAAA"):
                self._ahead(host, rdtype)
        told = {host for _, _, host in stated}
        for host in hosts:
            if host not in told and can_be_asked(host) and await self._is_without_address(host):
                message = f"{term.text}: {await self._without_address(host)}"
                self._state("spf-no-address", domain, message, term.text, at, host=host)

    async def _without_address(self, name: str) -> str:
        """What is said of a name without addresses; an alias is named with where it leads."""
        found = await self._ask(name, "A")
        if is_ip_address(name):
            return say("{name} is an address, not a host name (RFC 1035 §3.3.9)", name=name)
        hint = final_dot_hint(found)
        if found.status is DnsStatus.NXDOMAIN:
            return found.void_text(name) + hint
        if found.cname is None:
            return say("{name} has no address", name=name)
        return say("{name} is an alias (CNAME) of {target}, which has no address", name=name, target=found.cname) + hint

    async def _is_without_address(self, name: str) -> bool:
        """Whether the name has neither an IPv4 nor an IPv6 address; False once MAX_ADDRESSES names were asked."""
        self._names += 1
        if self._names > MAX_ADDRESSES:
            return False
        return (await self._ask(name, "A")).is_void and (await self._ask(name, "AAAA")).is_void

    def _state(
        self,
        name: str,
        domain: str,
        message: str,
        term: str | None = None,
        at: int | None = None,
        *,
        host: str | None = None,
    ) -> None:
        self.found.append(SpfLint(id=name, domain=domain, message=message, term=term, position=at, host=host))

    def _ahead(self, name: str, rdtype: str) -> None:
        question = Question(name, rdtype)
        if question not in self._started and len(self._started) < _MAX_AHEAD and can_be_asked(name):
            self._started.add(question)
            self._resolver.ahead(self._resolver.lookup(question))

    async def _ask(self, name: str, rdtype: str) -> DnsLookup:
        self._read += rdtype == "TXT"
        found = await self._resolver.lookup(Question(name, rdtype))
        if found.index >= 0:
            self.lookups.append(found.index)
        return found


def _querying(record: Record) -> Iterator[Term]:
    """The terms that cost a lookup, in order."""
    for term in record.directives:
        if term.name in ("include", "a", "mx", "ptr", "exists"):
            yield term
    if record.redirect is not None:
        yield record.redirect


def _missing(term: Term, target: str, domain: str, count: int) -> tuple[str, str, str]:
    if count:
        return (
            "spf-multiple-records",
            domain,
            say("{text}: {target} has {count} SPF records", text=term.text, target=target, count=count),
        )
    name = "spf-include-missing" if term.name == "include" else "spf-redirect-missing"
    return name, domain, say("{text}: {target} has no SPF record", text=term.text, target=target)
