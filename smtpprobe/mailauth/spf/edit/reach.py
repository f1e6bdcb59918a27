"""Every address that a record lets pass: the address space in spans whose addresses all get the same result."""

from __future__ import annotations

import ipaddress
from collections.abc import Coroutine, Hashable, Iterable
from itertools import pairwise
from typing import Any

import msgspec

from smtpprobe.mailauth.spf.client import Client, address_value
from smtpprobe.mailauth.spf.evaluation import Evaluation, macro_values
from smtpprobe.mailauth.spf.macro import domain_problem
from smtpprobe.mailauth.spf.record import Term
from smtpprobe.mailauth.spf.trace import Outcome
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.words import AuthResult

MAX_SPANS = 2000  # of one address family, each an evaluation
_OF_CLIENT = frozenset("ipc")  # macros that hold the client's address, or names that hang on it (RFC 7208 §7.2)
_OF_LOCAL_PART = frozenset("sl")


class Span(msgspec.Struct, frozen=True):
    """Addresses that all get one result, from `first` to `last` as numbers."""

    first: int
    last: int
    result: AuthResult


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What every address of one family gets. `is_whole` is false where there were more than MAX_SPANS spans.

    `by_local_part`: a term hangs on the local part, so another sender may get another result. `not_followed` are terms
    that hang on each client's address or name: they cannot be listed, and count as if they did not match.
    `domains` are those whose records were read.
    """

    spans: tuple[Span, ...]
    is_whole: bool
    by_local_part: bool
    not_followed: tuple[str, ...]
    domains: frozenset[str]


class _Observer(Client):
    """A client that notes at which addresses a comparison comes out differently than for itself."""

    __slots__ = ("edges", "letters", "not_followed")

    def __init__(self, ip: str) -> None:
        super().__init__(ip)
        self.edges: set[int] = set()
        self.letters: set[str] = set()
        self.not_followed: list[str] = []

    def decides(self, term: Term) -> bool | None:
        if term.name == self.network_name:
            self._edge(term.network, term.shift)
        return super().decides(term)

    def can_follow(self, term: Term) -> bool:
        letters = {part.letter for part in term.target.parts if not isinstance(part, str)} if term.target else set()
        self.letters |= letters
        if term.name != "ptr" and not letters & _OF_CLIENT:
            return True
        self.not_followed.append(term.text)
        return False

    def is_among(self, addresses: Iterable[str], prefix4: int = 32, prefix6: int = 128) -> bool:
        addresses = tuple(addresses)
        shift = 32 - prefix4 if self.is_ip4 else 128 - prefix6
        for text in addresses:
            value = address_value(text)
            if value is not None:
                self._edge(value >> shift, shift)
        return super().is_among(addresses, prefix4, prefix6)

    def _edge(self, network: int, shift: int) -> None:
        self.edges.update((network << shift, (network + 1) << shift))


class _Remembered:
    """A Resolver that keeps the answers of one walk, and asks nothing ahead once the first evaluation is done."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._answers: dict[Question, DnsLookup] = {}
        self.is_warm = False

    async def lookup(self, question: Question) -> DnsLookup:
        found = self._answers.get(question)
        if found is None:
            found = self._answers[question] = await self._resolver.lookup(question)
        return found

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        if self.is_warm:
            work.close()
        else:
            self._resolver.ahead(work)

    async def once(self, key: Hashable, work: Any) -> Any:
        return await self._resolver.once(key, work)


async def reach(resolver: Resolver, domain: str, sender: str, helo: str, *, is_ip4: bool) -> Reach:
    """What each address of a family gets from check_host() for the domain.

    Each evaluation tells at which addresses its comparisons would come out differently: there a new span begins, until
    none is left. So every address of a span takes the same way through the records.
    """
    remembered = _Remembered(resolver)
    top = (1 << (32 if is_ip4 else 128)) - 1
    results: dict[int, AuthResult] = {}
    waiting, known = [0], {0}
    letters: set[str] = set()
    not_followed: dict[str, None] = {}
    domains: set[str] = set()
    while waiting and len(results) < MAX_SPANS:
        start = waiting.pop()
        observer = _Observer(str(ipaddress.IPv4Address(start) if is_ip4 else ipaddress.IPv6Address(start)))
        outcome = await _evaluated(remembered, observer, domain, sender, helo)
        remembered.is_warm = True
        results[start] = outcome.result
        new = {edge for edge in observer.edges if edge <= top} - known
        known |= new
        waiting += sorted(new, reverse=True)
        letters |= observer.letters
        not_followed.update(dict.fromkeys(observer.not_followed))
        domains |= _domains(outcome)
    return Reach(
        spans=_spans(results, top),
        is_whole=not waiting,
        by_local_part=bool(letters & _OF_LOCAL_PART),
        not_followed=tuple(not_followed),
        domains=frozenset(domains | {domain.lower()}),
    )


async def domains_read(resolver: Resolver, domain: str, sender: str, helo: str) -> frozenset[str]:
    """The domains whose records an address reads that nothing matches."""
    return frozenset(_domains(await _evaluated(resolver, _Observer("0.0.0.0"), domain, sender, helo)))  # noqa: S104


async def _evaluated(resolver: Resolver, observer: _Observer, domain: str, sender: str, helo: str) -> Outcome:
    problem = domain_problem(domain)
    if problem:
        return Outcome(AuthResult.NONE, problem)
    evaluation = Evaluation(resolver, observer, macro_values(observer, sender, helo))
    outcome = await evaluation.host(domain)
    evaluation.end()
    return outcome


def _domains(outcome: Outcome) -> set[str]:
    made: set[str] = set()
    for node in outcome.nodes:
        made.add(node.domain.lower())
        if node.inner is not None:
            made.add((node.expanded or "").lower())
            made |= _domains(node.inner)
    return made


def _spans(results: dict[int, AuthResult], top: int) -> tuple[Span, ...]:
    starts = [*sorted(results), top + 1]
    spans: list[Span] = []
    for first, behind in pairwise(starts):
        if spans and spans[-1].result is results[first]:
            spans[-1] = Span(spans[-1].first, behind - 1, results[first])
        else:
            spans.append(Span(first, behind - 1, results[first]))
    return tuple(spans)
