"""Resolvers that answer for names that do not exist, mostly with the address of a page of advertisements."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver

# RFC 2606 §2: nobody can register a name below .example; RFC 6761 §6.5: resolvers ask for it as for any other.
NO_SUCH_NAME = "no-such-name.smtpprobe.example"


class Rewriting(msgspec.Struct, frozen=True):
    """The addresses that the resolver gives for a name that cannot exist; empty if it says that there is none."""

    addresses: frozenset[str]
    lookups: tuple[DnsLookup, ...]

    def made_up(self, addresses: Iterable[str]) -> bool:
        """Whether all of the addresses, one at least, are those that every name has that does not exist."""
        given = set(addresses)
        return bool(given) and given <= self.addresses


async def rewriting(resolver: Resolver) -> Rewriting:
    """What the resolver answers for a name that cannot exist, asked for once a run."""
    resolver.ahead(resolver.lookup(_QUESTIONS[1]))
    return rewriting_seen([await resolver.lookup(question) for question in _QUESTIONS])


def rewriting_seen(lookups: Iterable[DnsLookup]) -> Rewriting:
    """The same from the lookups of a run, among which those of such a name may be."""
    asked = tuple(each for each in lookups if each.name == NO_SUCH_NAME)
    given = (record for found in asked if found.status is DnsStatus.ANSWER for record in found.records)
    return Rewriting(frozenset(given), asked)


_QUESTIONS = (Question(NO_SUCH_NAME, "A"), Question(NO_SUCH_NAME, "AAAA"))
