"""A record by itself: what it says to an address that nothing in it matches, and what it costs (RFC 7208 §4.6.4)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from smtpprobe.mailauth.spf.client import Nobody
from smtpprobe.mailauth.spf.evaluation import Evaluation
from smtpprobe.mailauth.spf.macro import domain_problem
from smtpprobe.mailauth.spf.other_count import other_count
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.mailauth.spf.trace import deciding_term, steps
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfRecordEvidence, SpfStep, SpfStepResult
from smtpprobe.model.words import AuthResult

_WITH_PROBLEM = (AuthResult.NONE, AuthResult.TEMPERROR, AuthResult.PERMERROR)
# An error for one family of addresses is one of the record.
ERRORS = (AuthResult.PERMERROR, AuthResult.TEMPERROR)
FAMILIES = ("IPv4", "IPv6")


async def published(resolver: Resolver, domain: str) -> SpfRecordEvidence:
    """The evaluation for an address that nothing matches, of the family, IPv4 or IPv6, for which it costs more.

    Lint and what the whole record needs are not in it.
    """
    domain = domain.removesuffix(".").lower()
    resolver.ahead(evaluated_for_nobody(resolver, domain, is_ip4=False))
    by_family = [await evaluated_for_nobody(resolver, domain, is_ip4=is_ip4) for is_ip4 in (True, False)]
    costs = [(each.result in ERRORS, each.void_lookups_used, each.lookups_used) for each in by_family]
    if costs[0] == costs[1]:
        return by_family[0]
    worse = costs.index(max(costs))
    return msgspec.structs.replace(by_family[worse], family=FAMILIES[worse])


async def evaluated_for_nobody(resolver: Resolver, domain: str, *, is_ip4: bool) -> SpfRecordEvidence:
    """The evaluation for an address of a family that nothing matches; of each domain and family once in a run."""
    return await resolver.once(("spf-nobody", domain, is_ip4), lambda: _for_nobody(resolver, domain, is_ip4=is_ip4))


async def _for_nobody(resolver: Resolver, domain: str, *, is_ip4: bool) -> SpfRecordEvidence:
    problem = domain_problem(domain)
    if problem:
        return SpfRecordEvidence(domain=domain, result=AuthResult.NONE, problem=problem, fault=SpfFault.NO_DOMAIN)
    client = Nobody(is_ip4=is_ip4)
    values = nobody_values(domain, is_ip4=is_ip4)
    evaluation = Evaluation(resolver, client, values)
    outcome = await evaluation.host(domain)
    evaluation.end()
    other = await other_count(resolver, client, values, domain, outcome) if evaluation.void_hosts else None
    trace = steps(outcome)
    with_problem = outcome.result in _WITH_PROBLEM
    return SpfRecordEvidence(
        domain=domain,
        result=outcome.result,
        mechanism=deciding_term(outcome),
        problem=outcome.reason if with_problem else None,
        fault=outcome.fault if with_problem else None,
        record=outcome.record,
        lookups_used=evaluation.lookups_used,
        void_lookups_used=evaluation.void_lookups_used,
        not_followed=not_followed(client, trace),
        trace=trace,
        lookups=tuple(dict.fromkeys(evaluation.consumed)),
        other_count=other,
    )


def nobody_values(domain: str, *, is_ip4: bool) -> dict[str, str]:
    """The values of the macros by letter that are known of a client without an address."""
    return {"o": domain, "v": "in-addr" if is_ip4 else "ip6"}


def not_followed(client: Nobody, trace: tuple[SpfStep, ...]) -> tuple[str, ...]:
    """The terms of a trace that were counted and hang on the client's address or name."""
    return tuple(
        step.term
        for step in _every(trace)
        if step.lookups_used and step.result is not SpfStepResult.MATCH and _hangs_on_client(client, step)
    )


def _hangs_on_client(client: Nobody, step: SpfStep) -> bool:
    return not client.can_follow(parse_term(step.term, 0))


def _every(trace: tuple[SpfStep, ...]) -> Iterator[SpfStep]:
    for step in trace:
        yield step
        yield from _every(step.children)
