"""Where mail for a domain goes."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from smtpprobe.mailauth.dns import mx
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.evidence.mx import MxDomain, MxHost
from smtpprobe.net.resolver import RunResolver
from smtpprobe.testing.zones import zone_resolver
from tests import virtual_time

HOST = "mx.example.net. A 203.0.113.9\nmx.example.net. AAAA 2001:db8::9\n"


@pytest.mark.parametrize(
    ("text", "status", "hosts", "problem"),
    [
        (
            HOST + "example.org. MX 10 mx.example.net.",
            "mx",
            (MxHost(preference=10, name="mx.example.net", addresses=("203.0.113.9", "2001:db8::9")),),
            None,
        ),
        (
            "example.org. MX 20 b.example.net.\nexample.org. MX 10 c.example.net.\nexample.org. MX 10 a.example.net.\n"
            "a.example.net. A 203.0.113.1\nb.example.net. A 203.0.113.2\nc.example.net. A 203.0.113.3",
            "mx",
            (
                MxHost(preference=10, name="a.example.net", addresses=("203.0.113.1",)),
                MxHost(preference=10, name="c.example.net", addresses=("203.0.113.3",)),
                MxHost(preference=20, name="b.example.net", addresses=("203.0.113.2",)),
            ),
            None,
        ),
        ("example.org. MX 0 .", "null-mx", (), "accepts no mail"),
        (
            HOST + "example.org. MX 0 .\nexample.org. MX 10 mx.example.net.",
            "mx",
            (MxHost(preference=10, name="mx.example.net", addresses=("203.0.113.9", "2001:db8::9")),),
            "RFC 7505",
        ),
        (
            "example.org. A 203.0.113.7",
            "implicit",
            (MxHost(preference=0, name="example.org", addresses=("203.0.113.7",)),),
            None,
        ),
        (
            "example.org. AAAA 2001:db8::7\n;! SERVFAIL example.org A",
            "implicit",
            (
                MxHost(
                    preference=0,
                    name="example.org",
                    addresses=("2001:db8::7",),
                    unanswered="A lookup of example.org failed: SERVFAIL",
                ),
            ),
            None,
        ),
        (
            "example.org. A 10.0.0.7",
            "implicit",
            (MxHost(preference=0, name="example.org", addresses=("10.0.0.7",), problem="private-address"),),
            None,
        ),
        ('example.org. TXT "x"', "nothing", (), "neither"),
        ("example.com. A 203.0.113.7", "nxdomain", (), "does not exist"),
        (";! SERVFAIL example.org MX", "temperror", (), "SERVFAIL"),
        (";! TIMEOUT example.org MX", "temperror", (), "no answer in time"),
        ('example.org. TXT "x"\n;! SERVFAIL example.org AAAA', "temperror", (), "AAAA"),
        (
            HOST + "example.org. MX 10 www.example.net.\nwww.example.net. CNAME mx.example.net.",
            "mx",
            (
                MxHost(
                    preference=10,
                    name="www.example.net",
                    addresses=("203.0.113.9", "2001:db8::9"),
                    problem="cname",
                    alias="mx.example.net",
                ),
            ),
            None,
        ),
        (
            "example.org. MX 10 203.0.113.9.",
            "mx",
            (MxHost(preference=10, name="203.0.113.9", addresses=(), problem="address-literal"),),
            None,
        ),
        (
            "example.org. MX 10 old.example.net.\nold.example.net. CNAME gone.example.com.",
            "mx",
            (
                MxHost(
                    preference=10, name="old.example.net", addresses=(), problem="no-address", alias="gone.example.com"
                ),
            ),
            None,
        ),
        (
            "example.org. CNAME gone.example.com.",
            "nxdomain",
            (),
            "an alias (CNAME) of gone.example.com, which does not",
        ),
        (
            'example.org. CNAME here.example.com.\nhere.example.com. TXT "x"',
            "nothing",
            (),
            "an alias (CNAME) of here.example.com, which has neither",
        ),
        (
            "example.org. MX 10 mail.example.org.example.org.\nmail.example.org. A 203.0.113.9",
            "mx",
            (
                MxHost(
                    preference=10,
                    name="mail.example.org.example.org",
                    addresses=(),
                    problem="final-dot",
                    meant="mail.example.org",
                ),
            ),
            None,
        ),
        (
            HOST + "example.org. MX 10 mx.example.net.example.org.\n*.example.com. A 203.0.113.1",
            "mx",
            (
                MxHost(
                    preference=10,
                    name="mx.example.net.example.org",
                    addresses=(),
                    problem="final-dot",
                    meant="mx.example.net",
                ),
            ),
            None,
        ),
        # A wildcard answers for what was not meant.
        (
            "example.org. MX 10 mail.example.org.example.org.\n*.example.org. A 203.0.113.80\n"
            "mail.example.org. A 203.0.113.9",
            "mx",
            (
                MxHost(
                    preference=10,
                    name="mail.example.org.example.org",
                    addresses=("203.0.113.80",),
                    problem="final-dot",
                    meant="mail.example.org",
                ),
            ),
            None,
        ),
        # What is left in front of the domain is no mail host.
        (
            "example.org. MX 10 a.mx.example.org.",
            "mx",
            (MxHost(preference=10, name="a.mx.example.org", addresses=(), problem="nxdomain"),),
            None,
        ),
        (
            "example.org. MX 10 nx.example.net.",
            "mx",
            (MxHost(preference=10, name="nx.example.net", addresses=(), problem="nxdomain"),),
            None,
        ),
        (
            "example.org. MX 10 mx.example.net.\n;! SERVFAIL mx.example.net A",
            "mx",
            (
                MxHost(
                    preference=10,
                    name="mx.example.net",
                    addresses=(),
                    problem="temperror",
                    unanswered="A lookup of mx.example.net failed: SERVFAIL",
                ),
            ),
            None,
        ),
        (
            "example.org. MX 10 mx.example.net.\nmx.example.net. A 192.168.1.2",
            "mx",
            (MxHost(preference=10, name="mx.example.net", addresses=("192.168.1.2",), problem="private-address"),),
            None,
        ),
    ],
)
async def test_mail_hosts(text: str, status: str, hosts: tuple[MxHost, ...], problem: str | None) -> None:
    resolver = zone_resolver(text)
    found = await mx.mail_hosts(resolver, "Example.ORG.")
    await resolver.aclose()
    assert (found.domain, found.role, found.status, found.hosts) == ("example.org", "forward-path", status, hosts)
    assert (problem in found.problem) if problem and found.problem else found.problem is problem


@pytest.mark.parametrize("others", [19, 20, 21])
async def test_a_null_mx_among_others_is_said_however_many_they_are(others: int) -> None:
    resolver = zone_resolver(
        "example.org. MX 0 .\n" + "\n".join(f"example.org. MX {index} h{index}.example.net." for index in range(others))
    )
    found = await mx.mail_hosts(resolver, "example.org")
    await resolver.aclose()
    assert found.null_among_others
    assert "null MX" in (found.problem or "")
    assert found.not_looked_at == max(others - 20, 0)


REWRITES = "*.org. A 203.0.113.80\n*.example. A 203.0.113.80\n*.example. AAAA 2001:db8::80\n"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (REWRITES + "example.org. MX 10 mx.nowhere.org.", ["made-up"]),
        (REWRITES, ["made-up"]),
        (REWRITES + "example.org. MX 10 mx.nowhere.org.\nexample.org. MX 20 h.example.org.\nh.example.org. A 203.0.113.9",
         ["made-up", None]),
        ("*.org. A 203.0.113.80\n*.example. A 203.0.113.81\nexample.org. MX 10 mx.nowhere.org.", [None]),
    ],
)  # fmt: skip
async def test_hosts_that_the_resolver_makes_up(text: str, problems: list[str | None]) -> None:
    resolver = zone_resolver(text)
    (found,) = (await mx.evaluate(resolver, [("example.org", "forward-path")], doubting=True)).domains
    await resolver.aclose()
    assert [host.problem for host in found.hosts] == problems


@pytest.mark.parametrize(
    "text", ["example.org. MX 0 .", "", ";! SERVFAIL example.org MX", "example.org. MX 10 nx.example.org."]
)
async def test_what_the_resolver_makes_up_does_not_matter_without_addresses(text: str) -> None:
    resolver = zone_resolver(text)
    (found,) = (await mx.evaluate(resolver, [("example.org", "forward-path")], doubting=True)).domains
    await resolver.aclose()
    assert not any(host.problem == "made-up" for host in found.hosts)


@pytest.mark.parametrize(("count", "looked_at"), [(mx.MAX_HOSTS, 20), (mx.MAX_HOSTS + 1, 20)])
async def test_the_number_of_hosts_looked_at_is_limited(count: int, looked_at: int) -> None:
    resolver = zone_resolver("\n".join(f"example.org. MX {index} h{index}.example.net." for index in range(count)))
    found = await mx.mail_hosts(resolver, "example.org")
    await resolver.aclose()
    assert len(found.hosts) == looked_at
    assert bool(found.problem) is (count > looked_at)
    assert sum(each.type == "A" for each in resolver.lookups) == looked_at


async def test_several_domains_keep_their_order_and_role_and_share_lookups() -> None:
    text = HOST + "example.org. MX 10 mx.example.net.\nexample.com. MX 10 mx.example.net."
    resolver = zone_resolver(text)
    evidence = await mx.evaluate(resolver, [("example.org", "reverse-path"), ("example.com", "forward-path")])
    await resolver.aclose()
    assert [(each.domain, each.role) for each in evidence.domains] == [
        ("example.org", "reverse-path"),
        ("example.com", "forward-path"),
    ]
    assert len(resolver.lookups) == 4
    assert sorted(evidence.lookups) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.1.2.3", True),
        ("100.64.0.1", True),
        ("127.0.0.1", True),
        ("172.31.255.255", True),
        ("172.32.0.1", False),
        ("169.254.1.1", True),
        ("203.0.113.9", False),
        ("::1", True),
        ("fd00::1", True),
        ("fe80::1", True),
        ("2001:db8::9", False),
    ],
)
def test_is_private(address: str, private: bool) -> None:
    assert mx.is_private(address) is private


def test_what_hosts_were_meant_to_be_is_asked_for_at_the_same_time() -> None:
    hosts = [f"mx{n}.example.net.example.org" for n in range(8)]

    async def answer(question: Question) -> DnsLookup:
        await asyncio.sleep(1)
        found = DnsLookup(name=question.name, type=question.type, status=DnsStatus.NXDOMAIN)
        if question.type == "MX":
            records = tuple(f"10 {host}" for host in hosts)
            return msgspec.structs.replace(found, status=DnsStatus.ANSWER, records=records)
        if question == Question("mx7.example.net", "A"):
            return msgspec.structs.replace(found, status=DnsStatus.ANSWER, records=("203.0.113.9",))
        return found

    async def work() -> tuple[MxDomain, float]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with RunResolver(answer) as resolver:
            return await mx.mail_hosts(resolver, "example.org"), round(loop.time() - started, 3)

    found, took_s = virtual_time.run(work())
    assert [host.meant for host in found.hosts] == [None] * 7 + ["mx7.example.net"]
    assert took_s == 3
