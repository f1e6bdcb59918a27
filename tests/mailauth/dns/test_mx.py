"""Where mail for a domain goes."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns import mx
from smtpprobe.model.evidence.mx import MxHost
from smtpprobe.testing.zones import zone_resolver

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
            (MxHost(preference=0, name="example.org", addresses=("2001:db8::7",)),),
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
            (MxHost(preference=10, name="www.example.net", addresses=("203.0.113.9", "2001:db8::9"), problem="cname"),),
            None,
        ),
        (
            "example.org. MX 10 203.0.113.9.",
            "mx",
            (MxHost(preference=10, name="203.0.113.9", addresses=(), problem="address-literal"),),
            None,
        ),
        (
            "example.org. MX 10 nx.example.net.",
            "mx",
            (MxHost(preference=10, name="nx.example.net", addresses=(), problem="no-address"),),
            None,
        ),
        (
            "example.org. MX 10 mx.example.net.\n;! SERVFAIL mx.example.net A",
            "mx",
            (MxHost(preference=10, name="mx.example.net", addresses=(), problem="temperror"),),
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
