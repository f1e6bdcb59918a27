"""A Resolver over a Resolver: what is assumed, what falls through, and which names exist."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.model.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.testing.zones import zone_resolver

ZONE = """example.org. TXT "published"
example.org. A 192.0.2.1
"""


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "records", "server"),
    [
        ("example.org", "TXT", DnsStatus.ANSWER, ("assumed",), "assumed"),
        ("Example.ORG", "TXT", DnsStatus.ANSWER, ("assumed",), "assumed"),
        ("example.org", "A", DnsStatus.ANSWER, ("192.0.2.1",), "zone"),
        ("a.b.example.net", "TXT", DnsStatus.ANSWER, ("new",), "assumed"),
        ("a.b.example.net", "A", DnsStatus.NODATA, (), "assumed"),
        ("b.example.net", "A", DnsStatus.NODATA, (), "assumed"),
        ("c.example.net", "A", DnsStatus.NXDOMAIN, (), "zone"),
        ("gone.example.org", "TXT", DnsStatus.NXDOMAIN, (), "assumed"),
        ("gone.example.org", "A", DnsStatus.NXDOMAIN, (), "zone"),
    ],
)
async def test_answers(name: str, rdtype: str, status: DnsStatus, records: tuple[str, ...], server: str) -> None:
    overlay = Overlay(
        zone_resolver(ZONE),
        [
            DnsLookup(name="example.org.", type="TXT", status=DnsStatus.ANSWER, records=("assumed",), index=7),
            DnsLookup(name="a.b.example.net", type="TXT", status=DnsStatus.ANSWER, records=("new",)),
            DnsLookup(name="gone.example.org", type="TXT", status=DnsStatus.NXDOMAIN),
        ],
    )
    found = await overlay.lookup(Question(name, rdtype))
    assert (found.status, found.records, found.server) == (status, records, server)
    assert (found.index < 0) is (server == "assumed")


async def test_work_ahead_is_done_beneath() -> None:
    beneath = zone_resolver(ZONE)
    overlay = Overlay(beneath, [])
    overlay.ahead(overlay.lookup(Question("example.org", "A")))
    await overlay.lookup(Question("example.org", "A"))
    assert [each.type for each in beneath.lookups] == ["A"]
    await beneath.aclose()
