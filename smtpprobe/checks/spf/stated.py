"""The findings that an evaluation of SPF and the lint of a record come to, each stated once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from smtpprobe.checks.spf.everyone_findings import NOBODY_PASSES
from smtpprobe.checks.spf.findings import (
    BY_FAULT,
    BY_ID,
    FAIL,
    HELO_FAIL,
    HELO_PERMERROR,
    NEAR_LOOKUP_LIMIT,
    NEUTRAL,
    NONE,
    NOT_CHECKABLE,
    SOFTFAIL,
    TEMPERROR,
    VOIDS_DIFFER,
)
from smtpprobe.checks.spf.made_up import RESOLVER_REWRITES, SHOWN
from smtpprobe.checks.spf.order import of_order
from smtpprobe.checks.spf.term_findings import HELO_DECIDES
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.mailauth.spf.macro import MAX_NAME
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.evidence.spf import (
    SpfEvidence,
    SpfFault,
    SpfIdentity,
    SpfLint,
    SpfOtherCount,
    SpfRecordEvidence,
    SpfStep,
    SpfStepResult,
)
from smtpprobe.model.quoting import cut
from smtpprobe.model.report import Finding
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import AuthResult

NEAR_LIMIT = 8  # lookups; RFC 7208 §4.6.4 allows ten
MAX_MESSAGE = 600  # leaves whole what is said of two names, the longest that there are
MAX_FAULT = 1200  # leaves whole why DNS gave no answer, with the names of an alias
# What networks in the place of names put right.
_FOR_NETWORKS = (SpfFault.TOO_MANY_LOOKUPS, SpfFault.TOO_MANY_MX)
# Results that do not hang on an address.
_WITHOUT_ADDRESS = (AuthResult.NONE, AuthResult.TEMPERROR, AuthResult.PERMERROR)
_LOOPS = frozenset(("spf-include-self", "spf-include-loop", "spf-redirect-loop"))
# What the finding about a result says already.
_SAID_BY = {
    "spf-neutral": {"spf-all-neutral", "spf-all-missing"},
    "spf-too-many-lookups": {"spf-lookups-needed"},
    "spf-too-many-void-lookups": {"spf-void-lookups-needed"},
}


def findings_of(evidence: SpfEvidence) -> Iterator[Finding]:
    """Those of both identities, and of the record of the reverse-path's."""
    identity, helo = evidence.identities.mailfrom, evidence.identities.helo
    of_result = _once(_of_result(identity, evidence.client_ip), evidence.lint)
    yield from of_result
    subject = identity.domain or ""
    yield from _of_count(subject, identity.other_count)
    yield from of_order(subject, identity.result, identity.other_order)
    yield from _of_lint(subject, evidence.result, evidence.lint, evidence.lookups_needed, of_result)
    if helo == identity:
        return
    yield from _of_helo_macro(subject, identity.trace)
    subject = helo.domain or "HELO"
    if helo.result is AuthResult.FAIL:
        yield HELO_FAIL(
            subject,
            cut(
                say(
                    "HELO name {subject} does not permit {client_ip}: {mechanism}",
                    subject=subject,
                    client_ip=evidence.client_ip,
                    mechanism=helo.mechanism,
                ),
                MAX_MESSAGE,
            ),
        )
    elif helo.result is AuthResult.PERMERROR:
        yield HELO_PERMERROR(
            subject, cut(say("HELO name {subject}: {problem}", subject=subject, problem=helo.problem), MAX_MESSAGE)
        )


def _once(of_result: Iterator[Finding], lint: Iterable[SpfLint]) -> list[Finding]:
    """The findings about a result; not that records lead in a circle, where the lint names the term that closes it."""
    is_told = any(each.id in _LOOPS for each in lint)
    return [each for each in of_result if not (is_told and each.id in _LOOPS)]


def _of_result(identity: SpfIdentity, ip: str) -> Iterator[Finding]:
    subject = identity.domain or identity.sender or "reverse-path"
    problem = identity.problem or ""
    match identity.result:
        case AuthResult.FAIL:
            yield FAIL(
                subject,
                cut(
                    say(
                        "{subject} does not permit {ip} to send for it: {mechanism}",
                        subject=subject,
                        ip=ip,
                        mechanism=identity.mechanism,
                    ),
                    MAX_MESSAGE,
                ),
            )
        case AuthResult.SOFTFAIL:
            yield SOFTFAIL(
                subject,
                cut(
                    say(
                        "{subject} probably does not permit {ip}: {mechanism}",
                        subject=subject,
                        ip=ip,
                        mechanism=identity.mechanism,
                    ),
                    MAX_MESSAGE,
                ),
            )
        case AuthResult.NEUTRAL:
            yield NEUTRAL(
                subject,
                cut(
                    say(
                        "{subject} says nothing about {ip}: {mechanism}",
                        subject=subject,
                        ip=ip,
                        mechanism=identity.mechanism,
                    ),
                    MAX_MESSAGE,
                ),
            )
        case AuthResult.NONE:
            spec = NONE if identity.fault is SpfFault.NO_RECORD else NOT_CHECKABLE
            # A name that is too long is not named.
            named = identity.domain is not None and len(identity.domain) <= MAX_NAME
            yield spec(subject, cut(problem, MAX_MESSAGE), names_subject=named)
        case AuthResult.TEMPERROR:
            yield TEMPERROR(
                subject,
                cut(
                    say("SPF of {subject} could not be evaluated: {problem}", subject=subject, problem=problem),
                    MAX_FAULT,
                ),
            )
        case AuthResult.PERMERROR if identity.fault is not None:
            yield BY_FAULT[identity.fault](subject, cut(problem, MAX_MESSAGE))
        case _:
            return


def _of_count(subject: str, other: SpfOtherCount | None) -> Iterator[Finding]:
    """What receivers come to that count void lookups the other way."""
    if other is not None:
        by = say(" by {mechanism}", mechanism=other.mechanism) if other.mechanism else ""
        text = say(
            "{subject}: receivers that count mx and ptr once, not by host, get {result}{by}",
            subject=subject,
            result=other.result,
            by=by,
        )
        yield VOIDS_DIFFER(subject, cut(text, MAX_MESSAGE))


def _of_helo_macro(subject: str, trace: tuple[SpfStep, ...]) -> Iterator[Finding]:
    """The first term that was reached and whose name hangs on the HELO name."""
    steps = list(trace)
    while steps:
        step = steps.pop(0)
        if step.result in (SpfStepResult.NOT_REACHED, SpfStepResult.IGNORED, SpfStepResult.USED):
            continue
        steps[:0] = step.children
        if "h" in parse_term(step.term).letters:
            text = say(
                "{subject}: the HELO name decides {term}, here {name}",
                subject=subject,
                term=step.term,
                name=step.expanded,
            )
            yield HELO_DECIDES(subject, cut(text, MAX_MESSAGE))
            return


def _of_lint(
    subject: str, result: AuthResult, lint: Iterable[SpfLint], needed: int | None, of_result: Iterable[Finding]
) -> Iterator[Finding]:
    """What the lint found, without what the result's own findings say already."""
    stated = {finding.id for finding in of_result}
    said = stated.union(*(_SAID_BY.get(each, set()) for each in stated))
    for each in lint:
        if each.id not in said:
            message = cut(f"{each.domain}: {each.message}", MAX_MESSAGE)
            yield BY_ID[each.id](each.domain, message, names_subject=True)
    if needed is not None and NEAR_LIMIT <= needed <= MAX_LOOKUPS and result is not AuthResult.PERMERROR:
        yield NEAR_LOOKUP_LIMIT(
            subject,
            say(
                "SPF of {subject} needs up to {needed} of {max_lookups} lookups",
                subject=subject,
                needed=needed,
                max_lookups=MAX_LOOKUPS,
            ),
        )


def findings_of_record(evidence: SpfRecordEvidence) -> Iterator[Finding]:
    """Those of a record by itself."""
    identity = SpfIdentity(
        domain=evidence.domain, sender=None, result=evidence.result, problem=evidence.problem, fault=evidence.fault
    )
    # To let nobody pass but those that it names is what a record is for.
    of_result = _once(_of_result(identity, ""), evidence.lint) if evidence.result in _WITHOUT_ADDRESS else []
    if evidence.fault in _FOR_NETWORKS and evidence.flattened is None:
        of_result = [msgspec.structs.replace(each, needs="flatten") for each in of_result]
    yield from of_result
    for term in evidence.made_up:
        text = say(
            "{subject}: {term} leads to an address that the resolver gives any name that does not exist",
            subject=evidence.domain,
            term=cut(term, SHOWN),
        )
        yield RESOLVER_REWRITES(evidence.domain, text)
    if evidence.passing_nobody:
        terms = ", ".join(evidence.passing_nobody)
        text = say("{subject}: nobody passes, though the record names {terms}", subject=evidence.domain, terms=terms)
        yield NOBODY_PASSES(evidence.domain, cut(text, MAX_MESSAGE))
    yield from _of_count(evidence.domain, evidence.other_count)
    yield from _of_lint(evidence.domain, evidence.result, evidence.lint, evidence.lookups_needed, of_result)
