"""DMARC for an author domain: the policy that applies, and whether authenticated identifiers align (RFC 9989 §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from smtpprobe.mailauth.dmarc.discovery import Discovery, ask_ahead, discover
from smtpprobe.mailauth.dmarc.record import Identifier
from smtpprobe.mailauth.dmarc.rfc7489 import compare
from smtpprobe.mailauth.dmarc.suppositions import organizational_domain, same_organization
from smtpprobe.mailauth.dmarc.walk import Walk, questions, walk
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.dmarc import AlignmentMode, DmarcAligned, DmarcEvidence, DmarcMechanism
from smtpprobe.model.names import a_labels
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import AuthResult

MAX_IDENTIFIERS = 50  # a message with more signatures gets no walk for the rest


async def evaluate(
    resolver: Resolver,
    author_domain: str,
    *,
    spf: Iterable[tuple[str, AuthResult]] = (),
    dkim: Iterable[tuple[str, AuthResult]] = (),
) -> DmarcEvidence:
    """DMARC's result for a message of this author domain, with the (domain, result) pairs of SPF and DKIM.

    `fail` where nothing aligned passed, also where nothing was given. Organizational domains of all identifiers come
    from walks of their own (RFC 9989 §4.10.2), which are made at the same time.
    """
    identifiers = [Identifier(DmarcMechanism.SPF, a_labels(domain), result) for domain, result in spf]
    identifiers += [Identifier(DmarcMechanism.DKIM, a_labels(domain), result) for domain, result in dkim]
    # RFC 9989 §4.4: the same signing domain counts once for each result.
    every = list(dict.fromkeys(identifiers))
    identifiers = every[:MAX_IDENTIFIERS]
    for domain in dict.fromkeys(each.domain for each in identifiers):
        ask_ahead(resolver, questions(domain))
    found = await discover(resolver, author_domain)
    walks = {domain: await walk(resolver, domain) for domain in dict.fromkeys(each.domain for each in identifiers)}
    aligned = [_aligned(each, found, walks[each.domain]) for each in identifiers]
    failures = dict(found.walk.failures)
    for walked in walks.values():
        failures |= walked.failures
    result, problem = _result(found, aligned)
    if result is AuthResult.TEMPERROR and failures and not found.failed and problem is None:
        problem = say("the organizational domain is unknown: {failures}", failures=next(iter(failures.values())))
    elif result in (AuthResult.PASS, AuthResult.FAIL) and failures:
        problem = say("{failures}, which does not change the result", failures="; ".join(failures.values()))
    older = await compare(resolver, found.author_domain, found.walk, identifiers, policy=found.policy, result=result)
    lookups = [*found.lookups, *(query.lookup for walked in walks.values() for query in walked.queries), *older[1]]
    record = found.record
    return DmarcEvidence(
        author_domain=found.author_domain,
        result=result,
        policy=found.policy,
        record=record.text if record else None,
        record_domain=found.record_domain,
        organizational_domain=None if found.failed else organizational_domain(found.walk),
        author_domain_exists=found.exists,
        queries=found.walk.queries,
        alignment=tuple(aligned),
        tags=dict(record.tags) if record else {},
        problem=problem,
        rfc7489=older[0],
        identifiers_left_out=len(every) - len(identifiers),
        lookups=tuple(dict.fromkeys(index for index in lookups if index >= 0)),
    )


def _aligned(identifier: Identifier, found: Discovery, walked: Walk) -> DmarcAligned:
    """The identifier beside the author domain; whether it aligns is None where that hangs on a query that failed."""
    mechanism, domain, result = identifier
    is_unread = found.failed and found.record is None
    mode = AlignmentMode.UNKNOWN if is_unread else AlignmentMode.RELAXED
    if found.record is not None:
        mode = found.record.mode(mechanism)
    aligned: bool | None = domain == found.author_domain
    if mode is not AlignmentMode.STRICT and not aligned:
        # RFC 9989 §4.4.1: relaxed alignment asks for the same organizational domain.
        aligned = same_organization(walked, found.walk)
        if aligned and mode is AlignmentMode.UNKNOWN:
            aligned = None
    return DmarcAligned(
        mechanism=mechanism,
        domain=domain,
        result=result,
        organizational_domain=organizational_domain(walked),
        mode=mode,
        aligned=aligned,
    )


def _result(found: Discovery, aligned: Sequence[DmarcAligned]) -> tuple[AuthResult, str | None]:
    """The result, and what is to be said of it."""
    if found.failed:
        return AuthResult.TEMPERROR, found.problem
    if found.record is None or not found.record.applies:
        return AuthResult.NONE, found.problem
    # RFC 9989 §4.4: one aligned identifier with a pass is enough.
    if any(one.aligned and one.result == AuthResult.PASS for one in aligned):
        return AuthResult.PASS, None
    if any(one.aligned is None and one.result == AuthResult.PASS for one in aligned):
        return AuthResult.TEMPERROR, None
    for one in aligned:
        if one.result == AuthResult.TEMPERROR and one.aligned:
            return AuthResult.TEMPERROR, say(
                "{mechanism} of {domain} has no result: {result}",
                mechanism=one.mechanism.upper(),
                domain=one.domain,
                result=one.result,
            )
    return AuthResult.FAIL, None
