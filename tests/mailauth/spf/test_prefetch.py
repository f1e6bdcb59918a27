"""What is asked ahead: the terms up to the first that matches, within the limit, and what follows from the answers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any

import pytest

from smtpprobe.mailauth.spf.client import Client
from smtpprobe.mailauth.spf.prefetch import Ahead
from smtpprobe.mailauth.spf.record import parse_record
from smtpprobe.model.dns.lookup import DnsLookup, Question
from smtpprobe.testing.zones import zone_resolver

HOSTS = " ".join(f"a:h{number}.example.org" for number in range(1, 13))
PTR = "1.2.0.192.in-addr.arpa"


class Asked:
    """A resolver that notes each question, and does what is ahead once it is drained."""

    def __init__(self, zone: str) -> None:
        self._zone = zone_resolver(zone)
        self._work: list[Coroutine[Any, Any, Any]] = []
        self.questions: list[str] = []

    async def lookup(self, question: Question) -> DnsLookup:
        self.questions.append(f"{question.name} {question.type}")
        return await self._zone.lookup(question)

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work.append(work)

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return await work()

    async def drained(self) -> list[str]:
        while self._work:
            await self._work.pop(0)
        return self.questions


def hosts(first: int, last: int) -> list[str]:
    return [f"h{number}.example.org A" for number in range(first, last + 1)]


@pytest.mark.parametrize(
    ("record", "used", "first_is_next", "zone", "asked"),
    [
        ("v=spf1 ip4:192.0.2.1 a -all", 0, False, "", []),
        ("v=spf1 ip4:192.0.2.2 a -all", 0, False, "", ["example.org A"]),
        ("v=spf1 ip6:::/0 A:Host.example.org -all mx", 0, False, "", ["host.example.org A"]),
        ("v=spf1 a a exists:example.org -all", 0, False, "", ["example.org A"]),
        ("v=spf1 exists:%{d}.%{i}.example.net -all", 0, False, "", ["example.org.192.0.2.1.example.net A"]),
        ("v=spf1 exists:%{p}.example.net a -all", 0, False, "", ["example.org A"]),
        ("v=spf1 exists:%{d}..example.net a:b..example.org mx -all", 0, False, "", ["example.org MX"]),
        (f"v=spf1 {HOSTS} -all", 0, False, "", hosts(1, 10)),
        (f"v=spf1 {HOSTS} -all", 8, False, "", hosts(1, 2)),
        (f"v=spf1 {HOSTS} -all", 9, False, "", hosts(1, 1)),
        (f"v=spf1 {HOSTS} -all", 10, False, "", []),
        (f"v=spf1 {HOSTS} -all", 0, True, "", hosts(2, 10)),
        (f"v=spf1 {HOSTS} -all", 8, True, "", hosts(2, 2)),
        ("v=spf1 a -all", 0, True, "", []),
        ("v=spf1 -all", 0, False, "", []),
        ("v=spf1 a redirect=b.example.net", 0, False, "", ["example.org A", "b.example.net TXT"]),
        ("v=spf1 redirect=b.example.net", 0, False, "", ["b.example.net TXT"]),
        ("v=spf1 a redirect=b.example.net", 0, True, "", ["b.example.net TXT"]),
        ("v=spf1 ip4:192.0.2.1 redirect=b.example.net", 0, False, "", []),
        (
            "v=spf1 include:b.example.net mx ~all", 0, False,
            'b.example.net. TXT "v=spf1 a mx:example.net include:example.org -all"',
            ["b.example.net TXT", "example.org MX", "b.example.net A", "example.net MX", "example.org TXT"],
        ),
        ("v=spf1 include:b.example.net -all", 0, False, 'b.example.net. TXT "v=spf1 a moo -all"', ["b.example.net TXT"]),
        (
            "v=spf1 redirect=b.example.net", 0, False,
            'b.example.net. TXT "v=spf1 a -all"\nb.example.net. TXT "v=spf1 mx"', ["b.example.net TXT"],
        ),
        (
            "v=spf1 redirect=b.example.net", 0, False,
            'b.example.net. TXT "v=spf1 a -all"\nb.example.net. TXT "mx"', ["b.example.net TXT", "b.example.net A"],
        ),
        ("v=spf1 a:b.example.net -all", 0, False, 'b.example.net. TXT "v=spf1 mx"', ["b.example.net A"]),
        (
            "v=spf1 mx mx:b.example.net -all", 0, False,
            "example.org. MX 2 m2.example.org.\nexample.org. MX 1 m1.example.org.\nb.example.net. MX 1 m2.example.org.",
            ["example.org MX", "b.example.net MX", "m1.example.org A", "m2.example.org A"],
        ),
        (
            "v=spf1 mx -all", 0, False,
            "\n".join(f"example.org. MX {number} h{number}.example.org." for number in range(1, 12)),
            ["example.org MX", *hosts(1, 10)],
        ),
        ("v=spf1 mx -all", 0, False, "example.org. MX 0 .", ["example.org MX"]),
        ("v=spf1 mx -all", 0, False, ";! SERVFAIL example.org MX", ["example.org MX"]),
        (
            "v=spf1 ptr ptr:b.example.net -all", 0, False, f"{PTR}. PTR P1.example.org.\n{PTR}. PTR p2.example.org.",
            [f"{PTR} PTR", "p1.example.org A", "p2.example.org A"],
        ),
    ],
)  # fmt: skip
async def test_what_is_asked_ahead(record: str, used: int, first_is_next: bool, zone: str, asked: list[str]) -> None:
    resolver = Asked(zone + "\n")
    ahead = Ahead(resolver, Client("192.0.2.1"), {"i": "192.0.2.1"})
    ahead.record(parse_record(record), "example.org", used=used, first_is_next=first_is_next)
    assert await resolver.drained() == asked


async def test_an_ipv6_client_asks_for_its_own_addresses() -> None:
    resolver = Asked("example.org. MX 1 m.example.org.\n")
    ahead = Ahead(resolver, Client("2001:db8::1"), {})
    ahead.record(parse_record("v=spf1 a mx exists:x.example.org -all"), "Example.ORG")
    ahead.addresses(["a..example.org", "b.example.org", "b.example.org"])
    expected = ["example.org AAAA", "example.org MX", "x.example.org A", "b.example.org AAAA", "m.example.org AAAA"]
    assert await resolver.drained() == expected


async def test_nothing_more_once_it_is_over() -> None:
    resolver = Asked("example.org. MX 1 m.example.org.\n")
    ahead = Ahead(resolver, Client("192.0.2.1"), {})
    assert ahead.over is False
    ahead.record(parse_record("v=spf1 mx -all"), "example.org")
    ahead.over = True
    assert await resolver.drained() == ["example.org MX"]
