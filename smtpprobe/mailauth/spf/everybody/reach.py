"""Every address that a record lets pass: the address space in spans whose addresses all get the same result."""

from __future__ import annotations

import ipaddress
from collections.abc import Coroutine, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from smtpprobe.mailauth.spf.client import Client, address_value, macro_values
from smtpprobe.mailauth.spf.evaluation import Evaluation
from smtpprobe.mailauth.spf.macro import domain_problem
from smtpprobe.mailauth.spf.record import Term
from smtpprobe.mailauth.spf.trace import Outcome
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.words import AuthResult

MAX_NETWORKS = 1000  # of one address family
_MAX_WORK = 200_000  # terms that one walk evaluates, and addresses that it compares
_OF_CLIENT = frozenset("ipc")  # macros that hold the client's address, or names that hang on it (RFC 7208 §7.2)
_OF_LOCAL_PART = frozenset("sl")
_OF_HELO = frozenset("hrt")  # the HELO name, and what is another thing for every receiver and at every time


class Span(msgspec.Struct, frozen=True):
    """Addresses that all get one result, from `first` to `last` as numbers."""

    first: int
    last: int
    result: AuthResult


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What every address of one family gets. `is_whole` is false where there were too many networks.

    `by_local_part`: a term hangs on the local part, so another sender may get another result; `by_helo`: on the HELO
    name, the receiver or the time. `not_followed` are terms that hang on each client's address or name: they cannot be
    listed, and count as if they did not match.
    """

    spans: tuple[Span, ...]
    is_whole: bool
    by_local_part: bool
    by_helo: bool = False
    not_followed: tuple[str, ...]


class _Observer(Client):
    """A client that notes every network that it is compared with: what it comes to hangs on these alone."""

    __slots__ = ("comparisons", "expects_the_worst", "letters", "networks", "not_followed")

    def __init__(self, ip: str, *, expects_the_worst: bool = False) -> None:
        super().__init__(ip)
        self.expects_the_worst = expects_the_worst
        self.networks: set[tuple[int, int]] = set()
        self.letters: set[str] = set()
        self.not_followed: list[str] = []
        self.comparisons = 0

    def decides(self, term: Term) -> bool | None:
        if term.name == self.network_name:
            self.networks.add((term.network, term.shift))
        return super().decides(term)

    def can_follow(self, term: Term) -> bool:
        letters = term.letters
        self.letters |= letters
        # Whatever HELO name is given, a record for it may be missing.
        by_helo = self.expects_the_worst and term.name in ("include", "redirect") and bool(letters & _OF_HELO)
        if term.name != "ptr" and not letters & _OF_CLIENT and not by_helo:
            return True
        self.not_followed.append(term.text)
        return False

    def is_among(self, addresses: Iterable[str], prefix4: int = 32, prefix6: int = 128) -> bool:
        addresses = tuple(addresses)
        shift = 32 - prefix4 if self.is_ip4 else 128 - prefix6
        for text in addresses:
            value = address_value(text)
            if value is not None:
                self.comparisons += 1
                self.networks.add((value >> shift, shift))
        return super().is_among(addresses, prefix4, prefix6)


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


async def reach(
    resolver: Resolver, domain: str, sender: str, helo: str, *, is_ip4: bool, expects_the_worst: bool = False
) -> Reach:
    """What each address of a family gets from check_host() for the domain.

    Each evaluation tells with which networks it compared its address: two addresses that are in the same ones of them
    take the same way through the records, so that one stands for both. `expects_the_worst`: a term that cannot be
    listed is void, and what it leads to missing.
    """
    walk = _Walk(resolver, domain, sender, helo, is_ip4=is_ip4, expects_the_worst=expects_the_worst)
    results: dict[frozenset[int], AuthResult] = {}
    pieces: list[tuple[int, frozenset[int]]] = []
    grown = True
    while grown:
        pieces = _pieces(sorted(walk.networks), walk.top)
        results = {}
        known = len(walk.networks)
        for first, inside in pieces:
            if inside not in results and (walk.has_time or not results):
                results[inside] = await walk.evaluated(first)
        grown = known < len(walk.networks) <= MAX_NETWORKS and walk.has_time
    nobody = results[frozenset()] if frozenset() in results else next(iter(results.values()))
    return Reach(
        spans=_spans([(first, results.get(inside, nobody)) for first, inside in pieces], walk.top),
        is_whole=walk.has_time and len(walk.networks) <= MAX_NETWORKS,
        by_local_part=bool(walk.letters & _OF_LOCAL_PART),
        by_helo=bool(walk.letters & _OF_HELO),
        not_followed=tuple(walk.not_followed),
    )


class _Walk:
    """The evaluations of one record for one family, and what they met."""

    def __init__(
        self, resolver: Resolver, domain: str, sender: str, helo: str, *, is_ip4: bool, expects_the_worst: bool
    ) -> None:
        self._resolver = _Remembered(resolver)
        self._expects_the_worst = expects_the_worst
        self._identity = domain, sender, helo
        self._address = ipaddress.IPv4Address if is_ip4 else ipaddress.IPv6Address
        self._work = 0
        self.top = (1 << (32 if is_ip4 else 128)) - 1
        self.networks: set[tuple[int, int]] = set()
        self.letters: set[str] = set()
        self.not_followed: dict[str, None] = {}

    @property
    def has_time(self) -> bool:
        """Whether there was not too much work yet."""
        return self._work < _MAX_WORK

    async def evaluated(self, address: int) -> AuthResult:
        """The result for one address; what its evaluation met is kept."""
        observer = _Observer(str(self._address(address)), expects_the_worst=self._expects_the_worst)
        outcome = await _evaluated(self._resolver, observer, *self._identity)
        self._resolver.is_warm = True
        self._work += observer.comparisons + _size(outcome)
        self.networks |= observer.networks
        self.letters |= observer.letters
        self.not_followed.update(dict.fromkeys(observer.not_followed))
        return outcome.result


def _pieces(networks: Sequence[tuple[int, int]], top: int) -> list[tuple[int, frozenset[int]]]:
    """Where the address space is divided, in order: from each address on, which of the networks hold it."""
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, (network, shift) in enumerate(networks[:MAX_NETWORKS]):
        begins.setdefault(network << shift, []).append(number)
        ends.setdefault((network + 1) << shift, []).append(number)
    inside: set[int] = set()
    made = []
    for first in sorted(each for each in {0, *begins, *ends} if each <= top):
        inside.difference_update(ends.get(first, ()))
        inside.update(begins.get(first, ()))
        made.append((first, frozenset(inside)))
    return made


class _Unlisted(_Observer):
    """A client that no network contains."""

    __slots__ = ()

    def decides(self, term: Term) -> bool | None:
        return False if term.name in ("ip4", "ip6") else super().decides(term)

    def is_among(self, addresses: Iterable[str], prefix4: int = 32, prefix6: int = 128) -> bool:
        return False


async def domains_read(resolver: Resolver, domain: str, sender: str, helo: str) -> frozenset[str]:
    """The domains whose records an address of either family reads that nothing matches."""
    clients = (_Unlisted("0.0.0.0"), _Unlisted("::"))  # noqa: S104
    return frozenset().union(*[_domains(await _evaluated(resolver, each, domain, sender, helo)) for each in clients])


async def _evaluated(resolver: Resolver, observer: _Observer, domain: str, sender: str, helo: str) -> Outcome:
    problem = domain_problem(domain)
    if problem:
        return Outcome(AuthResult.NONE, problem)
    evaluation = Evaluation(resolver, observer, macro_values(observer, sender, helo))
    outcome = await evaluation.host(domain)
    evaluation.end()
    return outcome


def _size(outcome: Outcome) -> int:
    """The terms of a record and of those that it leads to."""
    return len(outcome.nodes) + sum(_size(node.inner) for node in outcome.nodes if node.inner is not None)


def _domains(outcome: Outcome) -> set[str]:
    made: set[str] = set()
    for node in outcome.nodes:
        made.add(node.domain.lower())
        if node.inner is not None:
            made.add((node.expanded or "").lower())
            made |= _domains(node.inner)
    return made


def _spans(pieces: Sequence[tuple[int, AuthResult]], top: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    for (first, result), (behind, _) in pairwise([*pieces, (top + 1, AuthResult.NONE)]):
        if spans and spans[-1].result is result:
            spans[-1] = Span(spans[-1].first, behind - 1, result)
        else:
            spans.append(Span(first, behind - 1, result))
    return tuple(spans)
