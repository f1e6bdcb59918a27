"""A Resolver over a Resolver: what is assumed, what falls through, which names exist, and where aliases lead."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.dns.zone_data import ASSUMED, ZoneData
from smtpprobe.net.zone import read_assumption
from smtpprobe.testing.zones import zone_resolver

PUBLISHED = """a.example.org. TXT "published"
a.example.org. A 192.0.2.1
target.example.net. A 192.0.2.9
gone.example.org. A 192.0.2.3
alias.example.org. CNAME key.example.net.
old.example.org. CNAME loop.example.org.
lost.example.org. CNAME nowhere.example.net.
late.example.org. CNAME x.w.example.org.
*.v.example.org. A 192.0.2.8
;! SERVFAIL broken.example.net A
"""
ASSUMPTION = """a.example.org TXT "assumed"
b.c.example.org. 60 IN CNAME target.example.net.
*.w.example.org. A 192.0.2.7
*.u.example.org. CNAME target.example.net.
key.example.net. A 192.0.2.20
loop.example.org. CNAME old.example.org.
one.example.org. CNAME two.example.org.
two.example.org. CNAME target.example.net.
void.example.org. CNAME none.example.net.
broken.example.org. CNAME broken.example.net.
;! NXDOMAIN gone.example.org *
;! NODATA a.example.org MX
;! AUTHENTIC a.example.org
"""
ANSWER, NODATA, NXDOMAIN, SERVFAIL = DnsStatus.ANSWER, DnsStatus.NODATA, DnsStatus.NXDOMAIN, DnsStatus.SERVFAIL


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "records", "server", "cname"),
    [
        ("a.example.org", "TXT", ANSWER, ("assumed",), "assumed", None),
        ("A.Example.ORG", "TXT", ANSWER, ("assumed",), "assumed", None),
        # Other types of an assumed name are published.
        ("a.example.org", "A", ANSWER, ("192.0.2.1",), "zone", None),
        ("a.example.org", "AAAA", NODATA, (), "zone", None),
        ("a.example.org", "MX", NODATA, (), "assumed", None),
        ("gone.example.org", "A", NXDOMAIN, (), "assumed", None),
        ("no.example.com", "A", NXDOMAIN, (), "zone", None),
        # RFC 8020: a name with names below it exists.
        ("c.example.org", "A", NODATA, (), "assumed", None),
        ("key.example.net", "TXT", NODATA, (), "assumed", None),
        # RFC 4592 §2.2.2: a wildcard does not cover names that exist, here beneath.
        ("x.w.example.org", "A", ANSWER, ("192.0.2.7",), "assumed", None),
        ("x.w.example.org", "TXT", NODATA, (), "assumed", None),
        ("x.v.example.org", "A", ANSWER, ("192.0.2.8",), "zone", None),
        ("x.u.example.org", "A", ANSWER, ("192.0.2.9",), "assumed", "target.example.net"),
        # An assumed alias holds for every type, and its target is published.
        ("b.c.example.org", "A", ANSWER, ("192.0.2.9",), "assumed", "target.example.net"),
        ("b.c.example.org", "TXT", NODATA, (), "assumed", "target.example.net"),
        ("b.c.example.org", "CNAME", ANSWER, ("target.example.net",), "assumed", None),
        ("one.example.org", "A", ANSWER, ("192.0.2.9",), "assumed", "target.example.net"),
        ("void.example.org", "A", NXDOMAIN, (), "assumed", "none.example.net"),
        ("broken.example.org", "A", SERVFAIL, (), "assumed", "broken.example.net"),
        # A published alias leads to what is assumed.
        ("alias.example.org", "A", ANSWER, ("192.0.2.20",), "assumed", "key.example.net"),
        ("lost.example.org", "A", NXDOMAIN, (), "zone", "nowhere.example.net"),
        # A published alias leads nowhere, but for an assumed wildcard.
        ("late.example.org", "A", ANSWER, ("192.0.2.7",), "assumed", "x.w.example.org"),
        ("old.example.org", "A", DnsStatus.ALIAS_LOOP, (), "assumed", "loop.example.org"),
    ],
)
async def test_answers(
    name: str, rdtype: str, status: DnsStatus, records: tuple[str, ...], server: str, cname: str | None
) -> None:
    beneath = zone_resolver(PUBLISHED)
    found = await Overlay(beneath, read_assumption(ASSUMPTION)).lookup(Question(name, rdtype))
    await beneath.aclose()
    assert (found.name, found.type) == (name, rdtype)
    assert (found.status, found.records, found.server) == (status, records, server)
    if status not in (SERVFAIL, DnsStatus.ALIAS_LOOP):
        assert found.cname == cname
    assert (found.index < 0) is (server == "assumed")


async def test_authenticity_is_assumed_where_it_is_said() -> None:
    overlay = Overlay(zone_resolver(PUBLISHED), read_assumption(ASSUMPTION))
    assert (await overlay.lookup(Question("a.example.org", "TXT"))).authentic
    assert not (await overlay.lookup(Question("x.w.example.org", "A"))).authentic


async def test_an_answer_of_another_list_loses_its_place() -> None:
    assumed = DnsLookup(name="example.org.", type="TXT", status=ANSWER, records=("x",), ttl_s=60, index=7, took_s=1.0)
    found = await Overlay(zone_resolver(""), ZoneData([assumed], server=ASSUMED)).lookup(Question("example.org", "TXT"))
    assert found == DnsLookup(
        name="example.org", type="TXT", status=ANSWER, records=("x",), ttl_s=60, server="assumed", index=-1
    )


async def test_work_ahead_is_done_beneath() -> None:
    beneath = zone_resolver(PUBLISHED)
    overlay = Overlay(beneath, ZoneData([]))
    overlay.ahead(overlay.lookup(Question("a.example.org", "A")))
    await overlay.lookup(Question("a.example.org", "A"))
    assert [each.type for each in beneath.lookups] == ["A"]
    await beneath.aclose()


async def test_what_was_worked_out_beneath_does_not_stand_for_the_assumption() -> None:
    beneath = zone_resolver(PUBLISHED)
    overlay = Overlay(beneath, read_assumption(ASSUMPTION))
    question = Question("a.example.org", "TXT")
    assert (await beneath.once("key", lambda: beneath.lookup(question))).records == ("published",)
    assert (await overlay.once("key", lambda: overlay.lookup(question))).records == ("assumed",)
    await beneath.aclose()
