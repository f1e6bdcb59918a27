"""One name asked at every name server of its zone; each server has a zone text of its own here."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns.nameservers import MAX_ADDRESSES, ask_all
from smtpprobe.model.dns.lookup import DnsLookup, Question
from smtpprobe.model.evidence.dkim import NameServerAnswers
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer
from tests.mailauth.dkim.signing import txt

NAME = "sel._domainkey.example.org"
NS = (
    "example.org. NS ns1.example.net.\nexample.org. NS ns2.example.net.\n"
    "ns1.example.net. A 192.0.2.1\nns2.example.net. A 192.0.2.2\nns2.example.net. AAAA 2001:db8::2\n"
)
ONE, TWO = txt(NAME, "v=DKIM1; p=AAAA"), txt(NAME, "v=DKIM1; p=BBBB")


def servers(public: str, **by_server: str) -> RunResolver:
    """A resolver that answers from `public`, and for each server (a name in capitals) from that server's own text."""
    addresses = {"NS1": ("192.0.2.1",), "NS2": ("192.0.2.2", "2001:db8::2"), "NS3": ("192.0.2.3",)}
    own = {address: ZoneAnswerer(text) for name, text in by_server.items() for address in addresses[name.upper()]}
    resolving = ZoneAnswerer(public)

    async def answer(question: Question) -> DnsLookup:
        return await (resolving if question.server is None else own[question.server]).answer(question)

    return RunResolver(answer)


async def asked(resolver: RunResolver, name: str = NAME) -> NameServerAnswers:
    try:
        return await ask_all(resolver, name)
    finally:
        await resolver.aclose()


@pytest.mark.parametrize(
    ("ns1", "ns2", "differ", "statuses"),
    [
        (ONE, ONE, False, ["answer", "answer", "answer"]),
        (ONE, TWO, True, ["answer", "answer", "answer"]),
        (ONE, "", True, ["answer", "nxdomain", "nxdomain"]),
        (f"x.{NAME}. A 192.0.2.9\n", "", True, ["nodata", "nxdomain", "nxdomain"]),
        ("", "", False, ["nxdomain", "nxdomain", "nxdomain"]),
        (ONE, f";! REFUSED {NAME} TXT\n", False, ["answer", "refused", "refused"]),
        (ONE, f";! TIMEOUT {NAME} TXT\n", False, ["answer", "timeout", "timeout"]),
        (txt(NAME, "a", "b"), txt(NAME, "b", "a"), False, ["answer", "answer", "answer"]),
        (txt(NAME, "a", "b"), txt(NAME, "a"), True, ["answer", "answer", "answer"]),
    ],
)
async def test_what_counts_as_a_difference(ns1: str, ns2: str, differ: bool, statuses: list[str]) -> None:
    found = await asked(servers(NS, ns1=ns1, ns2=ns2))
    assert (found.zone, found.differ, found.problem) == ("example.org", differ, None)
    assert [answer.status for answer in found.answers] == statuses
    assert [answer.address for answer in found.answers] == ["192.0.2.1", "192.0.2.2", "2001:db8::2"]
    assert len(found.lookups) == len(set(found.lookups)) == 3 + 4 + 3


async def test_the_nearest_zone_is_asked() -> None:
    public = NS + "_domainkey.example.org. NS ns3.example.net.\nns3.example.net. A 192.0.2.3\n"
    found = await asked(servers(public, ns3=ONE))
    assert (found.zone, [answer.server for answer in found.answers]) == ("_domainkey.example.org", ["ns3.example.net"])


async def test_a_cname_is_followed_to_the_other_zone() -> None:
    alias = f"{NAME}. CNAME key.example.com.\n"
    public = NS + alias + "example.com. NS ns3.example.net.\nns3.example.net. A 192.0.2.3\nkey.example.com. TXT v\n"
    found = await asked(
        servers(public, ns1=alias, ns2=alias + "key.example.com. TXT v\n", ns3="key.example.com. TXT v\n")
    )
    assert [(answer.server, answer.name, answer.records) for answer in found.answers][-1] == (
        "ns3.example.net",
        "key.example.com",
        ("v",),
    )
    assert found.differ is False
    other = await asked(servers(public, ns1=alias, ns2=ONE, ns3="key.example.com. TXT v\n"))
    assert other.differ is True


async def test_a_loop_of_cnames_ends() -> None:
    loop = f"{NAME}. CNAME b.example.org.\nb.example.org. CNAME {NAME}.\n"
    found = await asked(servers(NS, ns1=loop, ns2=loop))
    assert found.differ is False


@pytest.mark.parametrize(
    ("public", "problem"),
    [
        ("", f"the name servers of {NAME} could not be found"),
        ("example.org. NS ns1.example.net.\n", "ns1.example.net has no address"),
        (";! SERVFAIL example.org NS\n", f"the name servers of {NAME} could not be found"),
    ],
)
async def test_servers_that_cannot_be_found(public: str, problem: str) -> None:
    found = await asked(servers(public))
    assert (found.answers, found.differ, found.problem) == ((), False, problem)


async def test_only_so_many_addresses_are_asked() -> None:
    public = "".join(f"example.org. NS n{n}.example.net.\n" for n in range(20))
    public += "".join(f"n{n}.example.net. A 192.0.2.1\nn{n}.example.net. A 192.0.2.2\n" for n in range(20))
    public += "".join(f"n{n}.example.net. AAAA 2001:db8::2\n" for n in range(20))
    found = await asked(servers(public, ns1=ONE, ns2=ONE))
    assert len(found.answers) == MAX_ADDRESSES
    assert found.problem == "example.org has 20 name servers; not all of their addresses were asked"


async def test_a_name_server_without_its_final_dot_is_named() -> None:
    public = NS + "example.org. NS ns3.example.net.example.org.\n"
    found = await asked(servers(public, ns1=ONE, ns2=ONE))
    assert "ns3.example.net may have been meant" in (found.problem or "")


async def test_all_servers_are_asked_at_the_same_time() -> None:
    public = NS
    zones = {address: ZoneAnswerer(ONE, delay_s=0.05) for address in ("192.0.2.1", "192.0.2.2", "2001:db8::2")}
    resolving = ZoneAnswerer(public)

    async def answer(question: Question) -> DnsLookup:
        return await (zones[question.server] if question.server else resolving).answer(question)

    resolver = RunResolver(answer)
    found = await asked(resolver)
    times = [resolver.lookups[each.lookup].started_s for each in found.answers]
    assert max(times) - min(times) < 0.04
