"""What a record comes to for whole families of addresses: everyone passes, or one family alone cannot be evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smtpprobe.mailauth.spf.lint.walk import MAX_LINTS, Linted, lint
from smtpprobe.mailauth.spf.published import FAMILIES, evaluated_for_nobody
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfLint, SpfRecordEvidence, SpfStep
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import AuthResult

_ERRORS = (AuthResult.PERMERROR, AuthResult.TEMPERROR)
_NETWORKS = ("ip4", "ip6", "a", "mx")
_MAX_TOLD = 3  # networks that are named


async def lint_for_everyone(resolver: Resolver, domain: str) -> Linted:
    """Lint of the domain's record, and what it comes to for whole families of addresses."""
    domain = domain.removesuffix(".").lower()
    resolver.ahead(lint_families(resolver, domain))
    linted = await lint(resolver, domain)
    if linted.lookups_needed is None:
        return linted
    found, lookups = await lint_families(resolver, domain)
    # What a record's own text says is told there.
    told = {(each.id, each.domain) for each in linted.lint}
    new = [each for each in found if (each.id, each.host or each.domain) not in told]
    return Linted(
        (*linted.lint, *new)[:MAX_LINTS], linted.lookups_needed, tuple(dict.fromkeys(linted.lookups + lookups))
    )


async def lint_families(resolver: Resolver, domain: str) -> tuple[list[SpfLint], tuple[int, ...]]:
    """What is to say of an IPv4 and of an IPv6 address that nothing matches, and the lookups that this rests on."""
    resolver.ahead(evaluated_for_nobody(resolver, domain, is_ip4=False))
    by_family = [await evaluated_for_nobody(resolver, domain, is_ip4=is_ip4) for is_ip4 in (True, False)]
    found = [*_everyone(by_family), *_errors(by_family)]
    return found, tuple(index for each in by_family for index in each.lookups)


def _everyone(by_family: Sequence[SpfRecordEvidence]) -> Iterator[SpfLint]:
    """Who lets every address pass, wherever that is written."""
    paths = [_path(each.trace) if each.result is AuthResult.PASS else [] for each in by_family]
    told: list[list[SpfStep]] = []
    for family, evidence, path in zip(FAMILIES, by_family, paths, strict=True):
        if not path:
            yield from _together(evidence, family)
        elif [step.term for step in path] not in [[step.term for step in each] for each in told]:
            told.append(path)
            is_network = parse_term(path[-1].term).name in _NETWORKS
            both = all(paths) and not is_network
            yield SpfLint(
                id="spf-network-everything" if is_network else "spf-all-pass",
                domain=evidence.domain,
                message=say("{way} lets every address pass", way=_way(path))
                if both
                else say("{way} lets every {family} address pass", way=_way(path), family=family),
                term=path[0].term,
                host=None if len(path) == 1 else path[-1].domain,
            )


def _together(evidence: SpfRecordEvidence, family: str) -> Iterator[SpfLint]:
    """Networks that contain every address together, as 0.0.0.0/1 and 128.0.0.0/1 do."""
    width = 32 if family == FAMILIES[0] else 128
    ranges = sorted(_ranges(evidence.trace, "ip4" if width == 32 else "ip6"))
    end = 0
    for first, behind, _ in ranges:
        if first > end:
            return
        end = max(end, behind)
    if end == 1 << width:
        names = [text for _, _, text in ranges]
        more = say(" and {more} more", more=len(names) - _MAX_TOLD) if len(names) > _MAX_TOLD else ""
        told = ", ".join(names[:_MAX_TOLD]) + more
        message = say("{networks} together let every {family} address pass", networks=told, family=family)
        yield SpfLint(id="spf-network-everything", domain=evidence.domain, message=message, term=names[0])


def _ranges(steps: Iterable[SpfStep], name: str) -> Iterator[tuple[int, int, str]]:
    """The networks that pass, of a record and of what it includes."""
    for step in steps:
        term = parse_term(step.term)
        if term.name == name and term.qualifier == "+" and term.problem is None:
            yield term.network << term.shift, (term.network + 1) << term.shift, step.term
        elif term.name == "redirect" or (term.name == "include" and term.qualifier == "+"):
            yield from _ranges(step.children, name)


def _errors(by_family: Sequence[SpfRecordEvidence]) -> Iterator[SpfLint]:
    failed = [(family, each) for family, each in zip(FAMILIES, by_family, strict=True) if each.result in _ERRORS]
    if len(failed) == 1:
        [(family, evidence)] = failed
        message = say(
            "{family} gets {result}: {problem}", family=family, result=evidence.result, problem=evidence.problem
        )
        yield SpfLint(id="spf-one-family-fails", domain=evidence.domain, message=message)
    elif failed and all(each.fault is SpfFault.TOO_MANY_VOID_LOOKUPS for _, each in failed):
        message = say("later terms get permerror: {problem}", problem=failed[0][1].problem)
        yield SpfLint(id="spf-void-lookups-needed", domain=failed[0][1].domain, message=message)


def _path(steps: tuple[SpfStep, ...]) -> list[SpfStep]:
    """The terms that decided, from the record's own to the innermost."""
    path = []
    while step := next((each for each in steps if each.decided), None):
        path.append(step)
        steps = step.children
    return path


def _way(path: Sequence[SpfStep]) -> str:
    return " → ".join([step.term for step in path])
