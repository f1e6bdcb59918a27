"""Selectors that no name server answered for: they are not selectors without a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from smtpprobe.mailauth.dkim.key import key_question
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.dkim import DkimKey, KeyStatus, UnansweredSelectors
from smtpprobe.model.texts.language import say

MAX_NAMED = 5  # selectors with the same reason


async def unanswered(resolver: Resolver, keys: Iterable[DkimKey]) -> tuple[UnansweredSelectors, ...]:
    """The selectors of the keys that could not be looked up, those with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for key in keys:
        question = key_question(key.selector, key.domain)
        if key.status is KeyStatus.TEMPERROR and question is not None:
            found = await resolver.lookup(question)
            by_reason.setdefault(found.failure_reason, []).append(key.selector)
    return tuple(UnansweredSelectors(reason, tuple(selectors)) for reason, selectors in by_reason.items())


def none_answered(because: Sequence[UnansweredSelectors]) -> str:
    """That no selector at all was answered for, for a message."""
    why = because[0].reason if len(because) == 1 else "; ".join(map(_because, because))
    return say("no selector could be looked up: {why}", why=why)


def some_unanswered(because: Iterable[UnansweredSelectors]) -> str:
    """Which selectors were not answered for beside others, for a message."""
    return say("no answer for {selectors}", selectors="; ".join(map(_because, because)))


def _because(each: UnansweredSelectors) -> str:
    names, more = ", ".join(each.selectors[:MAX_NAMED]), len(each.selectors) - MAX_NAMED
    if more > 0:
        names = say("{names} and {more} more", names=names, more=more)
    return f"{names}: {each.reason}"
