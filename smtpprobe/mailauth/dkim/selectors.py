"""Selectors as they are given, those that an SPF record shows to be worth a guess, and those that DNS gave no answer for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from smtpprobe.mailauth.dkim.key import key_question
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.dkim import DkimKey, KeyStatus, UnansweredSelectors
from smtpprobe.model.texts.language import say

MAX_NAMED = 5  # selectors with the same reason


class Asked(msgspec.Struct, frozen=True):
    """The domains to ask, and the selectors to ask each of them for, with what was given for that."""

    domains: tuple[str, ...]
    names: Mapping[tuple[str, str], str]  # as given, by selector and domain

    def selectors(self, domain: str) -> tuple[str, ...]:
        """The selectors that the domain is to be asked for."""
        return tuple(selector for selector, each in self.names if each == domain)

    def as_given(self, key: DkimKey) -> DkimKey:
        """The key with the name that was given in place of its selector, if one was."""
        given = self.names.get((key.selector, key.domain), key.selector)
        return key if given == key.selector else msgspec.structs.replace(key, given_as=given)


def asked(domain: str | Sequence[str] | None, selectors: Iterable[str]) -> Asked:
    """What is to be asked. A selector is one of every domain; a key record's name (RFC 6376 §3.6.2.1) of its own alone."""
    given = dict.fromkeys((domain,) if isinstance(domain, str) else domain or ())
    domains = tuple(dict.fromkeys(_parts(each)[1] or each for each in given))
    names: dict[tuple[str, str], str] = {}
    parts = [(*_parts(name), name) for name in (*selectors, *(each for each in given if _parts(each)[1] is not None))]
    for each in domains:
        # A name of another domain than those asked about can be meant for its selector alone.
        names |= {(selector, each): name for selector, own, name in parts if own == each or own not in domains}
    return Asked(domains, names)


def _parts(name: str) -> tuple[str, str | None]:
    """The selector in a name, and the domain behind it if it is the name of a key record."""
    selector, node, domain = name.partition("._domainkey")
    return (selector, domain.strip(".") or None) if node and domain[:1] in ("", ".") else (name, None)


def spf_targets(record: str) -> tuple[str, ...]:
    """The names that an SPF record includes or redirects to; none for another text."""
    terms = record.lower().split()
    if terms[:1] != ["v=spf1"]:
        return ()
    bare = (term.lstrip("+-?~") for term in terms[1:])
    return tuple(
        term.removeprefix("include:").removeprefix("redirect=")
        for term in bare
        if term[:8] == "include:" or term[:9] == "redirect="
    )


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
