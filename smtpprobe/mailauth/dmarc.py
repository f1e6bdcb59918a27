"""DMARC for an author domain: the policy that applies, and whether authenticated identifiers align (RFC 9989 §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from smtpprobe.mailauth import dmarc_rfc7489
from smtpprobe.mailauth.dkim_key import a_labels
from smtpprobe.mailauth.dmarc_record import DmarcRecord
from smtpprobe.mailauth.dmarc_walk import Walk, questions, walk
from smtpprobe.model.dmarc_evidence import DmarcAligned, DmarcEvidence
from smtpprobe.model.lookup import DnsStatus, Question, Resolver
from smtpprobe.model.words import AuthResult

MAX_IDENTIFIERS = 50  # a message with more signatures gets no walk for the rest


class Discovery(msgspec.Struct, frozen=True):
    """The record that applies to an author domain. `record` is None where none does; `problem` says why.

    `policy` is what applies to a failing message, None where it is unknown or there is none. `failed`: DNS gave no
    answer that the policy rests on. `exists` is None where it does not matter or is unknown.
    """

    author_domain: str
    walk: Walk
    record: DmarcRecord | None
    record_domain: str | None
    policy: str | None
    exists: bool | None
    problem: str | None
    failed: bool
    lookups: tuple[int, ...]


def normal_domain(domain: str) -> str:
    """The domain as it is compared and asked for: lower-case A-labels without trailing dot."""
    return a_labels(domain.strip())


async def discover(resolver: Resolver, author_domain: str) -> Discovery:
    """The DMARC record and policy for an author domain, with the walk that found it (RFC 9989 §4.10.1)."""
    domain = normal_domain(author_domain)
    _ask_ahead(resolver, [*questions(domain), Question(domain, "MX")])
    walked = await walk(resolver, domain)
    lookups = tuple(query.lookup for query in walked.queries)
    own, organizational = domain, walked.organizational_domain
    candidates = (own, organizational, walked.public_suffix_domain)
    record_domain = next((name for name in candidates if name is not None and name in walked.records), None)
    record = walked.records[record_domain] if record_domain is not None else None
    found = Discovery(domain, walked, None, None, None, None, None, False, lookups)
    replace = msgspec.structs.replace
    if walked.failed and record_domain != own:
        # RFC 9989 §4.10.1 leaves it to the receiver; most defer, since the failed name could hold the record.
        return replace(found, failed=True, problem=walked.failed)
    if record is None:
        return replace(found, problem=_why_none(walked))
    if not record.applies:
        problem = next(problem.message for problem in record.problems if problem.kind == "no-policy")
        return replace(found, record=record, record_domain=record_domain, problem=problem)
    found = replace(found, record=record, record_domain=record_domain, problem=walked.failed)
    if record_domain == own:
        return replace(found, exists=True, policy=record.policy(own=True, exists=True))
    return await _for_subdomain(resolver, found, record)


async def _for_subdomain(resolver: Resolver, found: Discovery, record: DmarcRecord) -> Discovery:
    replace = msgspec.structs.replace
    at_own = found.walk.queries[0].status
    if at_own in (DnsStatus.ANSWER, DnsStatus.NODATA):
        # RFC 8020: where _dmarc below it exists, the author domain exists.
        return replace(found, exists=True, policy=record.policy(own=False, exists=True))
    # RFC 9989 appendix A.4, RFC 8020: NXDOMAIN means that it does not exist; any record of any type that it does.
    lookup = await resolver.lookup(Question(found.author_domain, "MX"))
    lookups = (*found.lookups, lookup.index)
    if not lookup.failed:
        exists = lookup.status is not DnsStatus.NXDOMAIN
        return replace(found, exists=exists, policy=record.policy(own=False, exists=exists), lookups=lookups)
    policies = {record.policy(own=False, exists=exists) for exists in (True, False)}
    if len(policies) == 1:
        return replace(found, policy=policies.pop(), lookups=lookups)
    problem = f"{lookup.name} MX: {lookup.status.value}; whether np= applies rests on it"
    return replace(found, failed=True, problem=problem, lookups=lookups)


def _why_none(walked: Walk) -> str:
    several = [query.name for query in walked.queries if query.records > 1]
    if several:
        return f"several DMARC records at {', '.join(several)}: none of them counts"
    return "there is no DMARC record from the author domain up"


async def evaluate(
    resolver: Resolver,
    author_domain: str,
    *,
    spf: Iterable[tuple[str, str]] = (),
    dkim: Iterable[tuple[str, str]] = (),
) -> DmarcEvidence:
    """DMARC's result for a message of this author domain, with the (domain, result) pairs of SPF and DKIM.

    `fail` where nothing aligned passed, also where nothing was given. Organizational domains of all identifiers come
    from walks of their own (RFC 9989 §4.10.2), which are made at the same time.
    """
    identifiers = [("spf", normal_domain(domain), result) for domain, result in spf]
    identifiers += [("dkim", normal_domain(domain), result) for domain, result in dkim]
    # RFC 9989 §4.4: the same signing domain counts once for each result.
    identifiers = list(dict.fromkeys(identifiers))[:MAX_IDENTIFIERS]
    for domain in dict.fromkeys(domain for _, domain, _ in identifiers):
        _ask_ahead(resolver, questions(domain))
    found = await discover(resolver, author_domain)
    walks = {domain: await walk(resolver, domain) for domain in dict.fromkeys(domain for _, domain, _ in identifiers)}
    aligned = [_aligned(identifier, found, walks[identifier[1]]) for identifier in identifiers]
    result, problem = _result(found, aligned, walks)
    older = await dmarc_rfc7489.compare(resolver, found.author_domain, found.walk, found.policy, result, identifiers)
    lookups = [*found.lookups, *(query.lookup for walked in walks.values() for query in walked.queries), *older[1]]
    record = found.record
    return DmarcEvidence(
        found.author_domain,
        result,
        found.policy,
        record.text if record else None,
        found.record_domain,
        None if found.failed else found.walk.organizational_domain,
        found.exists,
        found.walk.queries,
        tuple(aligned),
        dict(record.tags) if record else {},
        problem,
        older[0],
        tuple(dict.fromkeys(index for index in lookups if index >= 0)),
    )


def _aligned(identifier: tuple[str, str, str], found: Discovery, walked: Walk) -> DmarcAligned:
    mechanism, domain, result = identifier
    mode = "r" if found.record is None else found.record.aspf if mechanism == "spf" else found.record.adkim
    organizational = walked.organizational_domain
    same = domain == found.author_domain
    if mode == "r" and not same and not walked.failed and not found.walk.failed:
        # RFC 9989 §4.4.1: relaxed alignment asks for the same organizational domain.
        same = organizational == found.walk.organizational_domain
    known = None if walked.failed and mode == "r" and not same else organizational
    return DmarcAligned(mechanism, domain, result, known, mode, same)


def _result(found: Discovery, aligned: Sequence[DmarcAligned], walks: dict[str, Walk]) -> tuple[AuthResult, str | None]:
    if found.failed:
        return AuthResult.TEMPERROR, found.problem
    if found.record is None or not found.record.applies:
        return AuthResult.NONE, found.problem
    # RFC 9989 §4.4: one aligned identifier with a pass is enough.
    if any(one.aligned and one.result == AuthResult.PASS for one in aligned):
        return AuthResult.PASS, None
    for one in aligned:
        if one.mode == "s":
            failed = None
        else:
            failed = walks[one.domain].failed or found.walk.failed
        if one.result == AuthResult.PASS and failed:
            return AuthResult.TEMPERROR, f"the organizational domain is unknown: {failed}"
    for one in aligned:
        if one.result == AuthResult.TEMPERROR and one.aligned:
            return AuthResult.TEMPERROR, f"{one.mechanism.upper()} of {one.domain} has no result: {one.result}"
    return AuthResult.FAIL, None


def _ask_ahead(resolver: Resolver, asked: Iterable[Question]) -> None:
    for question in asked:
        resolver.ahead(resolver.lookup(question))
