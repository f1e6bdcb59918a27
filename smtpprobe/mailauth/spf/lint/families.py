"""What a record comes to for whole families of addresses: everyone passes, or one family alone cannot be evaluated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from smtpprobe.mailauth.spf.edit.reach import reach
from smtpprobe.mailauth.spf.lint.strangers import for_everybody, path
from smtpprobe.mailauth.spf.lint.walk import MAX_LINTS, Linted, lint
from smtpprobe.mailauth.spf.published import FAMILIES, evaluated_for_nobody
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfLint, SpfRecordEvidence, SpfStep
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import AuthResult

_ERRORS = (AuthResult.PERMERROR, AuthResult.TEMPERROR)
_NETWORKS = ("ip4", "ip6", "a", "mx")
_EVERYONE = ("spf-all-pass", "spf-network-everything")
_MAX_TOLD = 3  # networks that are named


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
    resolver.ahead(_of_families(resolver, domain))
    linted = await lint(resolver, domain)
    if linted.lookups_needed is None:
        return linted
    families = await _of_families(resolver, domain)
    # What a record's own text says is told there, if it is so: an earlier term may match everybody first.
    kept = [each for each in linted.lint if _is_so(each, families)]
    told = {(each.id, each.domain, each.term) for each in kept}
    found = [*_everyone(families, told), *await _together(resolver, families), *_behind(families), *_errors(families)]
    lookups = (index for each in families for index in each.everybody.lookups)
    once = tuple(dict.fromkeys((*linted.lookups, *lookups)))
    return Linted((*kept, *found)[:MAX_LINTS], linted.lookups_needed, once)


async def _of_families(resolver: Resolver, domain: str) -> list[_OfFamily]:
    resolver.ahead(evaluated_for_nobody(resolver, domain, is_ip4=False))
    made = []
    for family, is_ip4 in zip(FAMILIES, (True, False), strict=True):
        nobody = await evaluated_for_nobody(resolver, domain, is_ip4=is_ip4)
        made.append(_OfFamily(family, nobody, await for_everybody(resolver, nobody, is_ip4=is_ip4)))
    return made


def _is_so(lint: SpfLint, families: Sequence[_OfFamily]) -> bool:
    """Whether every address passes by the term, where that is what the lint of its text says."""
    if lint.id not in _EVERYONE:
        return True
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
        yield SpfLint(
            id=name,
            domain=each.nobody.domain,
            message=say("{way} lets every address pass", way=way)
            if both
            else say("{way} lets every {family} address pass", way=way, family=each.name),
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
    if parse_term(first.term).name not in ("include", "exists", "ptr"):
        return
    for step in later:
        term = parse_term(step.term)
        if term.qualifier and term.name != "all":
            message = say("{first} matches every address: {term} is never reached", first=first.term, term=step.term)
            yield SpfLint(id="spf-after-everything", domain=families[0].nobody.domain, message=message, term=step.term)
            return


async def _together(resolver: Resolver, families: Sequence[_OfFamily]) -> list[SpfLint]:
    """Networks that contain every address together, as 0.0.0.0/1 and 128.0.0.0/1 do."""
    made = []
    for each in families:
        names = [] if each.way else _that_contain_all(each.nobody.trace, is_ip4=each.name == FAMILIES[0])
        if not names or not await _all_pass(resolver, each.nobody.domain, is_ip4=each.name == FAMILIES[0]):
            continue
        more = say(" and {more} more", more=len(names) - _MAX_TOLD) if len(names) > _MAX_TOLD else ""
        told = ", ".join(names[:_MAX_TOLD]) + more
        message = say("{networks} together let every {family} address pass", networks=told, family=each.name)
        made.append(SpfLint(id="spf-network-everything", domain=each.nobody.domain, message=message, term=names[0]))
    return made


async def _all_pass(resolver: Resolver, domain: str, *, is_ip4: bool) -> bool:
    """Whether every address of the family passes: what fails before the networks is not let in by them."""
    found = await reach(resolver, domain, f"postmaster@{domain}", domain, is_ip4=is_ip4)
    return all(span.result is AuthResult.PASS for span in found.spans)


def _that_contain_all(trace: Iterable[SpfStep], *, is_ip4: bool) -> list[str]:
    """The networks of a record and of what it includes, where they contain every address."""
    end = 0
    ranges = sorted(_ranges(trace, "ip4" if is_ip4 else "ip6"))
    for first, behind, _ in ranges:
        if first > end:
            return []
        end = max(end, behind)
    return [text for _, _, text in ranges] if end == 1 << (32 if is_ip4 else 128) else []


def _ranges(steps: Iterable[SpfStep], name: str) -> Iterator[tuple[int, int, str]]:
    """The networks that pass, of a record and of what it includes."""
    for step in steps:
        term = parse_term(step.term)
        if term.name == name and term.qualifier == "+" and term.problem is None:
            yield term.network << term.shift, (term.network + 1) << term.shift, step.term
        elif term.name == "redirect" or (term.name == "include" and term.qualifier == "+"):
            yield from _ranges(step.children, name)


def _errors(families: Sequence[_OfFamily]) -> Iterator[SpfLint]:
    failed = [(each.name, each.nobody) for each in families if each.nobody.result in _ERRORS]
    if len(failed) == 1:
        [(family, evidence)] = failed
        message = say(
            "{family} gets {result}: {problem}", family=family, result=evidence.result, problem=evidence.problem
        )
        yield SpfLint(id="spf-one-family-fails", domain=evidence.domain, message=message)
    elif failed and all(each.fault is SpfFault.TOO_MANY_VOID_LOOKUPS for _, each in failed):
        message = say("later terms get permerror: {problem}", problem=failed[0][1].problem)
        yield SpfLint(id="spf-void-lookups-needed", domain=failed[0][1].domain, message=message)
