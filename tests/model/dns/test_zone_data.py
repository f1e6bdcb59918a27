"""Record sets put together, and several assumptions as one."""

from __future__ import annotations

import tracemalloc

import pytest

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.dns.zone_data import ZoneData, merged


def record_set(name: str, rdtype: str, *records: str) -> DnsLookup:
    return DnsLookup(name=name, type=rdtype, status=DnsStatus.ANSWER, records=records)


def test_sets_of_one_name_and_type_are_put_together() -> None:
    first = ZoneData([record_set("example.org", "TXT", "a", "b")], authentic=["example.org"], server="assumed")
    second = ZoneData(
        [record_set("Example.org.", "TXT", "b", "c"), record_set("x.example.org", "CNAME", "example.org")],
        server="other",
    )
    both = merged(zone for zone in (first, second))
    found = both.answer(Question("x.example.org", "TXT"))
    assert (found.records, found.cname, found.server) == (("a", "b", "c"), "example.org", "assumed")
    assert both.answer(Question("example.org", "TXT")).authentic
    assert not found.authentic


def test_the_last_of_two_aliases_counts() -> None:
    zone = ZoneData([record_set("x.example.org", "CNAME", target) for target in ("a.example.org", "b.example.org")])
    assert zone.answer(Question("x.example.org", "CNAME")).records == ("b.example.org",)


@pytest.mark.parametrize(("aliases", "status"), [(7, DnsStatus.ANSWER), (8, DnsStatus.ALIAS_LOOP)])
def test_a_chain_of_aliases_has_an_end(aliases: int, status: DnsStatus) -> None:
    chain = [record_set(f"a{number}.example.org", "CNAME", f"a{number + 1}.example.org") for number in range(aliases)]
    zone = ZoneData([*chain, record_set(f"a{aliases}.example.org", "A", "192.0.2.1")])
    assert zone.answer(Question("a0.example.org", "A")).status is status


def test_a_fault_is_data_and_no_name() -> None:
    fault = DnsLookup(name="example.org", type="*", status=DnsStatus.SERVFAIL)
    zone = ZoneData([fault, record_set("a.example.net", "A", "192.0.2.1")])
    assert not zone.is_empty
    assert not ZoneData([fault]).is_empty
    assert ZoneData([]).is_empty
    assert zone.holds(Question("example.org", "MX"))
    assert not zone.holds(Question("a.example.net", "MX"))
    assert zone.answer(Question("example.org", "MX")).status is DnsStatus.SERVFAIL
    assert zone.answer(Question("x.example.org", "MX")).status is DnsStatus.NXDOMAIN
    assert zone.answer(Question("example.net", "MX")).status is DnsStatus.NODATA


def test_names_between_those_with_records_exist() -> None:
    zone = ZoneData([record_set("a.b.c.example.org", "A", "192.0.2.1"), record_set("xc.example.org", "A", "192.0.2.1")])
    for name, status in (
        ("b.c.example.org", DnsStatus.NODATA),
        ("c.example.org", DnsStatus.NODATA),
        ("org", DnsStatus.NODATA),
        ("x.c.example.org", DnsStatus.NXDOMAIN),
        ("b.b.c.example.org", DnsStatus.NXDOMAIN),
        ("rg", DnsStatus.NXDOMAIN),
        ("net", DnsStatus.NXDOMAIN),
    ):
        assert zone.answer(Question(name, "A")).status is status, name


def test_deep_names_take_no_more_room_than_their_length() -> None:
    names = [f"{'a.' * 110}n{number}" for number in range(500)]
    tracemalloc.start()
    zone = ZoneData(record_set(name, "A", "192.0.2.1") for name in names)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert zone.answer(Question(names[7], "A")).status is DnsStatus.ANSWER
    assert zone.answer(Question("a.n7", "A")).status is DnsStatus.NODATA
    assert held < 20 * sum(map(len, names))
