"""The DMARC record that applies to an author domain, and the policy it gives (RFC 9989 §4.10.1)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.mailauth.dmarc.record import DmarcRecord, RecordFault
from smtpprobe.mailauth.dmarc.suppositions import record_domain
from smtpprobe.mailauth.dmarc.walk import Walk, questions, walk
from smtpprobe.mailauth.dns.final_dot import final_dot_hint
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence.dmarc import DmarcPolicy
from smtpprobe.model.names import a_labels
from smtpprobe.model.texts.language import say


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """The record that applies to an author domain. `record` is None where none does; `problem` says why.

    `policy` is what applies to a failing message, None where it is unknown or there is none. `failed`: DNS gave no
    answer that the policy rests on. `exists` is None where it does not matter or is unknown.
    """

    author_domain: str
    walk: Walk
    record: DmarcRecord | None
    record_domain: str | None
    policy: DmarcPolicy | None
    exists: bool | None
    problem: str | None
    failed: bool
    lookups: tuple[int, ...]


async def discover(resolver: Resolver, author_domain: str) -> Discovery:
    """The DMARC record and policy for an author domain, with the walk that found it (RFC 9989 §4.10.1)."""
    domain = a_labels(author_domain)
    ask_ahead(resolver, [*questions(domain), Question(domain, "MX")])
    walked = await walk(resolver, domain)
    lookups = tuple(query.lookup for query in walked.queries)
    place, is_certain = record_domain(walked)
    record = walked.records[place] if place is not None else None
    found = Discovery(
        author_domain=domain,
        walk=walked,
        record=None,
        record_domain=None,
        policy=None,
        exists=None,
        problem=None,
        failed=False,
        lookups=lookups,
    )
    replace = msgspec.structs.replace
    if not is_certain:
        # RFC 9989 §4.10.1 leaves it to the receiver; most defer, since the failed name could hold the record.
        return replace(found, failed=True, problem=walked.failed)
    if record is None:
        return replace(found, problem=_why_none(walked))
    if not record.applies:
        problem = next(problem.message for problem in record.problems if problem.fault is RecordFault.NO_POLICY)
        return replace(found, record=record, record_domain=place, problem=problem)
    found = replace(found, record=record, record_domain=place)
    if place == domain:
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
    problem = say("{failure_text}; whether np= applies depends on it", failure_text=lookup.failure_text)
    return replace(found, failed=True, problem=problem, lookups=lookups)


def _why_none(walked: Walk) -> str:
    several = [query.name for query in walked.queries if query.records > 1]
    if several:
        return say("several DMARC records at {several}: none of them counts", several=", ".join(several))
    none = say("there is no DMARC record at the author domain or above it")
    own = walked.queries[0]
    if own.alias is None or own.status is DnsStatus.ANSWER:
        return none
    found = DnsLookup(name=own.name, type="TXT", status=own.status, cname=own.alias)
    return f"{none}; {found.void_text(own.name)}{final_dot_hint(found)}"


def ask_ahead(resolver: Resolver, asked: Iterable[Question]) -> None:
    for question in asked:
        resolver.ahead(resolver.lookup(question))
