"""Wildcard records, which answer for every selector that has no record of its own (RFC 4592 §3.3)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.dkim.key import is_key_like
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.evidence.dkim import DkimKey, KeyOrigin, KeyStatus
from smtpprobe.model.names import a_labels
from smtpprobe.model.texts.language import say

SELECTOR = "*"


def question(domain: str) -> Question:
    """What to ask for the wildcard that answers below _domainkey, be it there or above."""
    return Question(f"{SELECTOR}._domainkey.{a_labels(domain)}", "TXT")


async def said_of_wildcard(resolver: Resolver, key: DkimKey, answer: DnsLookup) -> DkimKey:
    """The key with that a wildcard gave the answer, where something other than a key stands at the selector."""
    if key.status is not KeyStatus.BROKEN or any(map(is_key_like, answer.records)):
        return key
    wild = await resolver.lookup(question(key.domain))
    if not answers(wild, answer):
        return key
    return msgspec.structs.replace(of_wildcard(key), lookups=(*key.lookups, wild.index))


def of_wildcard(key: DkimKey) -> DkimKey:
    """The key with that a wildcard gives it as its problem."""
    said = say("a wildcard record gives this answer for every selector without a record of its own")
    return msgspec.structs.replace(key, problem=f"{key.problem}; {said}" if key.problem else said)


def answers(wild: DnsLookup, answer: DnsLookup) -> bool:
    """Whether the answer at a name is that of the wildcard."""
    return bool(wild.records or wild.cname) and (sorted(wild.records), wild.cname) == (
        sorted(answer.records),
        answer.cname,
    )


async def own_text(resolver: Resolver, domain: str, at_node: DnsLookup) -> str | None:
    """A text at _domainkey itself; None where there is none, or a wildcard gives it."""
    if not at_node.records or answers(await resolver.lookup(question(domain)), at_node):
        return None
    return min(at_node.records)


async def other_text(resolver: Resolver, domain: str) -> str | None:
    """What a wildcard gives for every selector, where that is no key record; None where there is none."""
    texts = (await resolver.lookup(question(domain))).records
    return None if not texts or any(map(is_key_like, texts)) else min(texts)


def once(keys: Sequence[DkimKey], wildcards: Sequence[DkimKey]) -> list[DkimKey]:
    """The keys, those that were guessed and are a wildcard's replaced with one for the wildcard itself."""
    made = {(key.domain, key.record, key.cname) for key in wildcards if key.record or key.cname}
    own = [
        key for key in keys if key.origin is not KeyOrigin.GUESSED or (key.domain, key.record, key.cname) not in made
    ]
    return [*own, *(key for key in wildcards if (key.domain, key.record, key.cname) in made)]
