"""Prints how many SPF evaluations a second we and pyspf do on one record: `spf_rate.py [-n EVALUATIONS]`.

The record is like those of two large providers together: six lookups, some forty networks, a fail at -all. All DNS is in
memory. Ours runs over a plain Resolver, over a run's resolver whose answers are there at once (as in a replay), over one
that is shared by all evaluations, and over one whose every answer is a task of its own (as with a network). Runs alternate,
and the figure is the median of five ratios of CPU time. Exits 1 below the goal, which the first two must reach.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import spf

from smtpprobe.mailauth.spf import check_host
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.words import AuthResult
from smtpprobe.net.resolver import RunResolver

GOAL = 3.0
RUNS = 5
IP, SENDER, HELO, DOMAIN = "192.0.2.1", "alice@example.org", "mail.example.org", "example.org"
LOOKUPS = 6


def networks(form: str, count: int) -> str:
    return " ".join(form.format(number) for number in range(count))


RECORDS = {
    "example.org": "v=spf1 include:_spf.one.example include:spf.two.example ip4:198.51.100.0/24 -all",
    "_spf.one.example": "v=spf1 include:_n1.one.example include:_n2.one.example include:_n3.one.example ~all",
    "_n1.one.example": f"v=spf1 {networks('ip4:203.0.113.{}', 12)} ~all",
    "_n2.one.example": f"v=spf1 {networks('ip6:2001:db8:{:x}::/48', 6)} ~all",
    "_n3.one.example": f"v=spf1 {networks('ip4:198.51.100.{}/31', 8)} ~all",
    "spf.two.example": f"v=spf1 {networks('ip4:203.0.113.{}/32', 10)} include:spfd.two.example -all",
    "spfd.two.example": "v=spf1 ip4:198.51.100.0/25 ip6:2001:db8:ffff::/48 -all",
}


def found(question: Question) -> DnsLookup:
    record = RECORDS.get(question.name) if question.type == "TXT" else None
    status = DnsStatus.ANSWER if record else DnsStatus.NXDOMAIN
    return DnsLookup(name=question.name, type=question.type, status=status, records=(record,) if record else ())


async def answer(question: Question) -> DnsLookup:
    return found(question)


class Plain:
    """The least that a Resolver can be."""

    async def lookup(self, question: Question) -> DnsLookup:
        return found(question)

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        work.close()


async def evaluate(resolver: Resolver) -> None:
    identity = await check_host(resolver, IP, DOMAIN, SENDER, HELO)
    assert identity.result is AuthResult.FAIL
    assert identity.lookups_used == LOOKUPS
    assert len(identity.trace) == 4


async def plain(count: int) -> None:
    for _ in range(count):
        await evaluate(Plain())


async def at_once(count: int) -> None:
    for _ in range(count):
        resolver = RunResolver(answer, from_memory=found)
        await evaluate(resolver)
        await resolver.aclose()


async def shared(count: int) -> None:
    resolver = RunResolver(answer)
    for _ in range(count):
        await evaluate(resolver)
    await resolver.aclose()


async def tasks(count: int) -> None:
    for _ in range(count):
        resolver = RunResolver(answer)
        await evaluate(resolver)
        await resolver.aclose()


OURS = {
    "plain Resolver": plain,
    "RunResolver, answers at once": at_once,
    "RunResolver, shared": shared,
    "RunResolver, a task an answer": tasks,
}
MUST = ("plain Resolver", "RunResolver, answers at once")


def pyspf_lookup(name: str, rdtype: str, tcpfallback: bool = True, timeout: float = 30) -> list[Any]:
    record = RECORDS.get(name.rstrip(".").lower()) if rdtype == "TXT" else None
    return [((name, "TXT"), (record.encode(),))] if record else []


def theirs(count: int) -> None:
    for _ in range(count):
        result, code, _ = spf.query(IP, SENDER, HELO).check()
        assert (result, code) == ("fail", 550)


def rate(work: Callable[[int], None], count: int) -> float:
    """Evaluations in a second of CPU."""
    gc.collect()
    before = time.process_time()
    work(count)
    return count / (time.process_time() - before)


def running(coroutine: Callable[[int], Coroutine[Any, Any, None]]) -> Callable[[int], None]:
    return lambda count: asyncio.run(coroutine(count))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=1000, metavar="EVALUATIONS", help="evaluations in one run")
    count = parser.parse_args().n
    spf.DNSLookup = pyspf_lookup
    theirs(count // 10)
    reached = True
    for name, coroutine in OURS.items():
        ours = running(coroutine)
        ours(count // 10)
        pairs = [(rate(ours, count), rate(theirs, count)) for _ in range(RUNS)]
        ratio = statistics.median(a / b for a, b in pairs)
        ours_s, theirs_s = (statistics.median(column) for column in zip(*pairs, strict=True))
        goal = f" (goal at least {GOAL:g})" if name in MUST else ""
        print(f"{name:<30} {ratio:.1f} × pyspf{goal}: {ours_s:.0f} against {theirs_s:.0f} a second")
        reached = reached and (name not in MUST or ratio >= GOAL)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
