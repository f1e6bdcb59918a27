from __future__ import annotations

import asyncio

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.net.zone import ZoneAnswerer, read_assumption
from tests import virtual_time

ZONE = r"""
example.com. 300 MX 10 mx.example.com.
mx.example.com. 60 A 192.0.2.1
mx.example.com. 60 A 192.0.2.2
MX.example.com. 60 AAAA 2001:db8::1
deep.a.b.example.com. TXT "v=spf1 " "-all"
alias.example.com. CNAME mx.example.com.
far.example.com. CNAME mx.example.net.
loop.example.com. CNAME pool.example.com.
pool.example.com. CNAME loop.example.com.
*.wild.example.com. A 192.0.2.9
known.wild.example.com. TXT "known"
broken.example.com. A 192.0.2.3
;! SERVFAIL broken.example.com A
;! REFUSED shut.example.com. *
;! TIMEOUT slow.example.com TXT
;! AUTHENTIC mx.example.com
;! DELAY mx.example.com 3
"""


def ask(name: str, rdtype: str, text: str = ZONE) -> DnsLookup:
    return virtual_time.run(ZoneAnswerer(text).answer(Question(name, rdtype)))


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "records"),
    [
        ("example.com", "MX", DnsStatus.ANSWER, ("10 mx.example.com",)),
        ("mx.example.com", "A", DnsStatus.ANSWER, ("192.0.2.1", "192.0.2.2")),
        ("mx.example.com", "AAAA", DnsStatus.ANSWER, ("2001:db8::1",)),
        ("mx.example.com", "TXT", DnsStatus.NODATA, ()),
        ("deep.a.b.example.com", "TXT", DnsStatus.ANSWER, ("v=spf1 -all",)),
        ("a.b.example.com", "TXT", DnsStatus.NODATA, ()),
        ("b.example.com", "TXT", DnsStatus.NODATA, ()),
        ("com", "NS", DnsStatus.NODATA, ()),
        ("c.example.com", "TXT", DnsStatus.NXDOMAIN, ()),
        ("example.net", "TXT", DnsStatus.NXDOMAIN, ()),
        ("x.wild.example.com", "A", DnsStatus.ANSWER, ("192.0.2.9",)),
        ("x.y.wild.example.com", "A", DnsStatus.ANSWER, ("192.0.2.9",)),
        ("x.wild.example.com", "TXT", DnsStatus.NODATA, ()),
        ("known.wild.example.com", "A", DnsStatus.NODATA, ()),
        ("x.known.wild.example.com", "A", DnsStatus.NXDOMAIN, ()),
        ("broken.example.com", "A", DnsStatus.SERVFAIL, ()),
        ("broken.example.com", "TXT", DnsStatus.NODATA, ()),
        ("shut.example.com", "MX", DnsStatus.REFUSED, ()),
        ("slow.example.com", "TXT", DnsStatus.TIMEOUT, ()),
        ("alias.example.com", "CNAME", DnsStatus.ANSWER, ("mx.example.com",)),
        ("loop.example.com", "A", DnsStatus.ALIAS_LOOP, ()),
    ],
)
def test_a_zone_answers_as_a_name_server_would(name, rdtype, status, records):
    found = ask(name, rdtype)
    assert (found.status, found.records) == (status, records)
    assert (found.name, found.type) == (name, rdtype)


def test_an_alias_is_followed_and_named():
    found = ask("alias.example.com", "A")
    assert (found.status, found.cname, found.records) == (
        DnsStatus.ANSWER,
        "mx.example.com",
        ("192.0.2.1", "192.0.2.2"),
    )
    found = ask("far.example.com", "A")
    assert (found.status, found.cname) == (DnsStatus.NXDOMAIN, "mx.example.net")


def test_what_a_zone_vouches_for_is_authentic():
    assert ask("mx.example.com", "A").authentic
    assert not ask("example.com", "MX").authentic


@pytest.mark.parametrize(("name", "took_s"), [("mx.example.com", 3), ("example.com", 1)])
def test_an_answer_takes_as_long_as_the_zone_says(name, took_s):
    async def timed() -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await ZoneAnswerer(ZONE, delay_s=1).answer(Question(name, "A"))
        return loop.time() - started

    assert virtual_time.run(timed()) == took_s


@pytest.mark.parametrize(
    "directive", ["SERVFAIL", "BROKEN a.example.com A", "DELAY a.example.com soon", "AUTHENTIC a b"]
)
def test_a_directive_that_is_none_is_refused(directive):
    with pytest.raises(ValueError):
        ZoneAnswerer(f";! {directive}")


@given(st.text(max_size=30), st.sampled_from(["A", "TXT", "MX", "PTR"]))
def test_any_name_is_answered(name, rdtype):
    assert ask(name, rdtype).name == name


@pytest.mark.parametrize(
    "text",
    [
        "a.example. CNAME b.example.\na.example. A 192.0.2.1",
        "a.example. A 192.0.2.1\nA.example. CNAME b.example.",
    ],
)
def test_an_alias_has_no_other_records(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 2: [aA]\.example\. has a CNAME, so it cannot have other records"):
        read_assumption(text)


def test_the_last_alias_counts_and_records_are_put_together() -> None:
    text = "a.example. CNAME b.example.\na.example. CNAME c.example.\nd.example. 60 TXT x\nD.example. 30 TXT y\n"
    assert ask("a.example", "CNAME", text).records == ("c.example",)
    found = ask("d.example", "TXT", text)
    assert (found.records, found.ttl_s) == (("x", "y"), 30)


def test_no_record_is_written_as_octets_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs the square of the labels in it, for each record: a thousand of these take a minute otherwise."""

    def to_wire(*_: object, **__: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(dns.name.Name, "to_wire", to_wire)
    deep = "a." * 110
    zone = read_assumption(
        f"$ORIGIN {deep}\n@ 60 MX 1 b\n@ 30 MX 1 b\n@ MX 2 c\n@ SOA b b 1 1 1 1 1\n@ SOA b b 2 1 1 1 1\n"
    )
    found = {each.type: each for each in zone.lookups}
    assert (found["MX"].records, found["MX"].ttl_s) == ((f"1 b.{deep[:-1]}", f"2 c.{deep[:-1]}"), 30)
    assert [record.split()[2] for record in found["SOA"].records] == ["2"]
