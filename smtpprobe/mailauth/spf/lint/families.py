"""What a record comes to for whole families of addresses: everyone passes, or one family alone cannot be evaluated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from smtpprobe.mailauth.spf.everybody.matched import Ranges, covers, union
from smtpprobe.mailauth.spf.everybody.reach import reach
from smtpprobe.mailauth.spf.limits import MAX_MX_HOSTS
from smtpprobe.mailauth.spf.lint.strangers import for_everybody, path
from smtpprobe.mailauth.spf.lint.terms import exceptions
from smtpprobe.mailauth.spf.lint.walk import MAX_LINTS, Linted, lint
from smtpprobe.mailauth.spf.published import ERRORS, FAMILIES, evaluated_for_nobody
from smtpprobe.mailauth.spf.record import Term, parse_term
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfLint, SpfRecordEvidence, SpfStep, SpfStepResult
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_NETWORKS = ("ip4", "ip6", "a", "mx")
_NETWORK_OF = dict(zip(FAMILIES, ("ip4", "ip6"), strict=True))
_EVERYONE = ("spf-all-pass", "spf-network-everything")
ALIASES = ("spf-domain-is-alias", "spf-alias-of-another")
OPEN = (*_EVERYONE, "spf-open-by-macro")  # anybody can pass
_MAX_TOLD = 3  # networks that are named
_WIDE = 9  # a prefix length up to which a network is named among those that contain everything
_MAX_HOSTS = 10  # addresses of one name that are reckoned with
# What is routed at all (RFC 6890 §2.2; RFC 4291 §2.4), without what is set aside for private networks.
_ROUTABLE4: Ranges = tuple(
    (first << 24, ((last + 1) << 24) - 1)
    for first, last in ((1, 9), (11, 99), (101, 126), (128, 168), (173, 191), (193, 197), (199, 202), (204, 223))
)
_ROUTABLE6: Ranges = (((0x2000 << 112), (0x4000 << 112) - 1),)


class _OfFamily(msgspec.Struct, frozen=True):
    """What nobody's address of a family gets, and what every address does that is not decided before."""

    name: str
    nobody: SpfRecordEvidence
    everybody: SpfRecordEvidence

    @property
    def way(self) -> list[SpfStep]:
        """The terms that let every address pass, from the record's own to the innermost; empty where none does."""
        return path(self.everybody.trace) if self.everybody.result is AuthResult.PASS else []

    @property
    def decider(self) -> tuple[str, str] | None:
        """The record and the term that lets every address pass."""
        return (self.way[-1].domain.lower(), self.way[-1].term) if self.way else None


async def lint_for_everyone(resolver: Resolver, domain: str) -> Linted:
    """Lint of the domain's record, and what it comes to for whole families of addresses."""
    domain = domain.removesuffix(".").lower()
    resolver.ahead(_families_once(resolver, domain))
    linted = await lint(resolver, domain)
    if linted.lookups_needed is None:
        return linted
    families = await _families_once(resolver, domain)
    # What a record's own text says is told there, if it is so: an earlier term may match everybody first.
    kept = [each for each in linted.lint if _is_so(each, families, domain)]
    told = {(each.id, each.domain, each.term) for each in kept}
    found = [*_everyone(families, told), *await _together(resolver, families), *_behind(families), *_errors(families)]
    owner = next((each.host for each in linted.lint if each.id in ALIASES), None)
    kept, found = [[_whose(each, domain, owner) for each in some] for some in (kept, found)]
    is_open = any(each.id in OPEN for each in (*kept, *found))
    lookups = (index for each in families for index in each.everybody.lookups)
    once = tuple(dict.fromkeys((*linted.lookups, *lookups)))
    return Linted(lint=(*kept, *found)[:MAX_LINTS], lookups_needed=linted.lookups_needed, lookups=once, is_open=is_open)


async def _families_once(resolver: Resolver, domain: str) -> list[_OfFamily]:
    return await resolver.once(("families", domain), lambda: _of_families(resolver, domain))


async def _of_families(resolver: Resolver, domain: str) -> list[_OfFamily]:
    resolver.ahead(evaluated_for_nobody(resolver, domain, is_ip4=False))
    made = []
    for family, is_ip4 in zip(FAMILIES, (True, False), strict=True):
        nobody = await evaluated_for_nobody(resolver, domain, is_ip4=is_ip4)
        made.append(_OfFamily(family, nobody, await for_everybody(resolver, nobody, is_ip4=is_ip4)))
    return made


def _whose(lint: SpfLint, domain: str, owner: str | None) -> SpfLint:
    """What lets anybody pass, with the name that has the record where the domain is an alias of it."""
    if owner is None or lint.id not in _EVERYONE or lint.domain.lower() != domain:
        return lint
    message = say("{message}: so says the record of {owner}", message=lint.message, owner=owner)
    return msgspec.structs.replace(lint, message=message)


def _is_so(lint: SpfLint, families: Sequence[_OfFamily], domain: str) -> bool:
    """Whether every address passes by the term, where that is what the lint of its text says.

    Of a record below, it is told by the way from the domain's own.
    """
    if lint.id not in _EVERYONE:
        return True
    if lint.domain.lower() != domain:
        return False
    passing = [each for each in families if each.decider == (lint.domain.lower(), lint.term)]
    return bool(passing) if lint.id == "spf-network-everything" else len(passing) == len(families)


def _everyone(families: Sequence[_OfFamily], told: Collection[tuple[str, str, str | None]]) -> Iterator[SpfLint]:
    """Who lets every address pass, wherever that is written."""
    ways: list[list[str]] = []
    for each in families:
        if not each.way or each.decider is None:
            continue
        terms = [step.term for step in each.way]
        is_network = parse_term(terms[-1]).name in _NETWORKS
        name = "spf-network-everything" if is_network else "spf-all-pass"
        if terms in ways or (name, *each.decider) in told:
            continue
        ways.append(terms)
        both = not is_network and all(terms == [step.term for step in other.way] for other in families)
        way = " → ".join(terms)
        message = (
            say("{way} lets every address pass", way=way)
            if both
            else say("{way} lets every {family} address pass", way=way, family=each.name)
        )
        yield SpfLint(
            id=name,
            domain=each.nobody.domain,
            message=message
            + exceptions(_before(each.everybody.trace), *(("ip4", "ip6") if both else (_NETWORK_OF[each.name],))),
            term=terms[0],
            host=None if len(terms) == 1 else each.way[-1].domain,
        )


def _behind(families: Sequence[_OfFamily]) -> Iterator[SpfLint]:
    """What stands in the record behind a term that leads to everybody."""
    decided = [next((at for at, step in enumerate(each.everybody.trace) if step.decided), None) for each in families]
    at = decided[0]
    if at is None or any(each != at for each in decided):
        return
    first, *later = families[0].everybody.trace[at:]
    if any(each.everybody.trace[at].result is not SpfStepResult.MATCH for each in families):
        return
    if parse_term(first.term).name not in ("include", "exists", "ptr"):
        return
    for step in later:
        term = parse_term(step.term)
        if term.qualifier and term.name != "all":
            message = say("{first} matches every address: {term} is never reached", first=first.term, term=step.term)
            yield SpfLint(id="spf-after-everything", domain=families[0].nobody.domain, message=message, term=step.term)
            return


def _before(steps: Sequence[SpfStep]) -> list[Term]:
    """The terms that stand before the ones that let everybody pass."""
    made: list[Term] = []
    while step := next((each for each in steps if each.decided), None):
        made += [parse_term(each.term) for each in steps[: steps.index(step)]]
        steps = step.children
    return made


async def _together(resolver: Resolver, families: Sequence[_OfFamily]) -> list[SpfLint]:
    """Networks that contain every routable address together, as 0.0.0.0/1 and 128.0.0.0/1 do."""
    made = []
    for each in families:
        is_ip4 = each.name == FAMILIES[0]
        terms = [] if each.way else _that_may_contain_all(each.nobody.trace, is_ip4=is_ip4)
        passing = await _passing(resolver, each.nobody.domain, is_ip4=is_ip4) if terms else ()
        if not covers(passing, _ROUTABLE4 if is_ip4 else _ROUTABLE6):
            continue
        more = say(" and {more} more", more=len(terms) - _MAX_TOLD) if len(terms) > _MAX_TOLD else ""
        told = ", ".join([_placed(step, each.nobody.domain) for step in terms[:_MAX_TOLD]]) + more
        is_every = covers(passing, ((0, (1 << (32 if is_ip4 else 128)) - 1),))
        template = mark("{networks} together let every {family} address pass")
        if not is_every:
            template = (
                mark("{networks} lets every routable {family} address pass")
                if len(terms) == 1
                else mark("{networks} together let every routable {family} address pass")
            )
        message = say(template, networks=told, family=each.name)
        made.append(
            SpfLint(id="spf-network-everything", domain=each.nobody.domain, message=message, term=terms[0].term)
        )
    return made


def _placed(step: SpfStep, domain: str) -> str:
    """The term, with the record that has it where that is another domain's."""
    if step.domain.lower() == domain.lower():
        return step.term
    return say("{term} of {domain}", term=step.term, domain=step.domain)


async def _passing(resolver: Resolver, domain: str, *, is_ip4: bool) -> Ranges:
    """The addresses of the family that pass: what fails before the networks is not let in by them."""
    found = await reach(resolver, domain, f"postmaster@{domain}", domain, is_ip4=is_ip4)
    return union((span.first, span.last) for span in found.spans if span.result is AuthResult.PASS)


def _that_may_contain_all(trace: Sequence[SpfStep], *, is_ip4: bool) -> list[SpfStep]:
    """The wide networks of a record and of what it includes, where there are enough to contain every routable address."""
    found = sorted(_widths(trace, is_ip4=is_ip4), key=lambda each: -each[0])
    routable = sum(last - first + 1 for first, last in (_ROUTABLE4 if is_ip4 else _ROUTABLE6))
    if sum(size for size, _ in found) < routable:
        return []
    width = 32 if is_ip4 else 128
    return [step for size, step in found if size >= 1 << (width - _WIDE)] or [step for _, step in found]


def _widths(steps: Iterable[SpfStep], *, is_ip4: bool) -> Iterator[tuple[int, SpfStep]]:
    """How many addresses each term can let pass at most, of a record and of what it includes."""
    for step in steps:
        term = parse_term(step.term)
        if term.problem is not None or term.qualifier not in ("+", ""):
            continue
        if term.name == ("ip4" if is_ip4 else "ip6"):
            yield 1 << term.shift, step
        elif term.name in ("a", "mx"):
            hosts = _MAX_HOSTS * (MAX_MX_HOSTS if term.name == "mx" else 1)
            yield hosts << (32 - term.prefix4 if is_ip4 else 128 - term.prefix6), step
        elif term.name in ("redirect", "include"):
            yield from _widths(step.children, is_ip4=is_ip4)


def _errors(families: Sequence[_OfFamily]) -> Iterator[SpfLint]:
    failed = [(each.name, each.nobody) for each in families if each.nobody.result in ERRORS]
    if len(failed) == 1:
        [(family, evidence)] = failed
        message = say(
            "{family} gets {result}: {problem}", family=family, result=evidence.result, problem=evidence.problem
        )
        yield SpfLint(id="spf-one-family-fails", domain=evidence.domain, message=message)
    elif failed and all(each.fault is SpfFault.TOO_MANY_VOID_LOOKUPS for _, each in failed):
        message = say("later terms get permerror: {problem}", problem=failed[0][1].problem)
        yield SpfLint(id="spf-void-lookups-needed", domain=failed[0][1].domain, message=message)
