"""What an address gets that nobody sends from, where terms hang on the client: wildcards answer for every client."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.mailauth.spf.check_host import check_host
from smtpprobe.mailauth.spf.everybody.wildcard import stranger_at, stranger_host, strangers
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfIdentity, SpfRecordEvidence, SpfStep


async def for_everybody(resolver: Resolver, nobody: SpfRecordEvidence, *, is_ip4: bool) -> SpfRecordEvidence:
    """The evidence for an address that nothing matches, with the terms that hang on the client followed.

    They are followed as far as two addresses that nobody has come to the same term; else they stay unfollowed. A name
    that only the resolver gives an address matches nobody.
    """
    evidence = nobody
    if any(parse_term(term).name != "ptr" for term in nobody.not_followed):
        evidence = await _followed(resolver, nobody, is_ip4=is_ip4)
    lookups = evidence.lookups
    for step in path(evidence.trace):
        if parse_term(step.term).name == "exists" and step.expanded:
            asked = await rewriting(resolver)
            found = await resolver.lookup(Question(step.expanded.lower(), "A"))
            lookups += tuple(each.index for each in asked.lookups if each.index >= 0)
            if asked.made_up(found.records):
                return msgspec.structs.replace(nobody, result=evidence.result, trace=(), lookups=lookups)
    return msgspec.structs.replace(evidence, lookups=lookups)


async def _followed(resolver: Resolver, nobody: SpfRecordEvidence, *, is_ip4: bool) -> SpfRecordEvidence:
    found = [await _stranger(resolver, nobody.domain, ip) for ip in strangers(is_ip4=is_ip4)]
    ways = [[step.term for step in path(each.trace)] for each in found]
    lookups = tuple(dict.fromkeys((*nobody.lookups, *found[0].lookups, *found[1].lookups)))
    if ways[0] != ways[1] or not any(term in nobody.not_followed for term in ways[0]):
        return msgspec.structs.replace(nobody, lookups=lookups)
    result = found[0].result or nobody.result
    return msgspec.structs.replace(nobody, result=result, trace=found[0].trace, lookups=lookups)


async def _stranger(resolver: Resolver, domain: str, ip: str) -> SpfIdentity:
    return await check_host(resolver, ip, domain, stranger_at(domain), stranger_host(domain))


def path(steps: tuple[SpfStep, ...]) -> list[SpfStep]:
    """The terms that decided, from the record's own to the innermost."""
    made = []
    while step := next((each for each in steps if each.decided), None):
        made.append(step)
        steps = step.children
    return made
