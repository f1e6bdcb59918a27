"""Exceptions that stand behind a term which lets their addresses pass: a mistake that stays until its owner puts it right."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.edit.flat import flattened
from smtpprobe.mailauth.spf.edit.shorter import audit
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.edit.test_shorter import audited, zone

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "late", "shorter"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.67 ~all", [("-ip4:192.0.2.67", "ip4:192.0.2.0/24")], None),
        ("v=spf1 ip4:192.0.2.0/24 ?ip4:192.0.2.9 a:gone.example -ip6:2001:db8:bad::/48 -all",
         [("?ip4:192.0.2.9", "ip4:192.0.2.0/24")], "v=spf1 ip4:192.0.2.0/24 ?ip4:192.0.2.9 -all"),
        ("v=spf1 ip6:2001:db8::/32 ~ip6:2001:db8:bad::/48 -all", [("~ip6:2001:db8:bad::/48", "ip6:2001:db8::/32")], None),
        ("v=spf1 -ip4:192.0.2.66 ip4:192.0.2.0/24 -ip4:192.0.2.67 ip4:192.0.2.64/26 ~all",
         [("-ip4:192.0.2.67", "ip4:192.0.2.0/24")], "v=spf1 -ip4:192.0.2.66 ip4:192.0.2.0/24 -ip4:192.0.2.67 ~all"),
        ("v=spf1 include:a.example -include:b.example ~all", [("-include:b.example", "include:a.example")], None),
        ("v=spf1 ip4:192.0.2.0/24 -a:four.example -all", [("-a:four.example", "ip4:192.0.2.0/24")], None),
        # Two terms let it pass between them.
        ("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -ip4:192.0.2.0/24 -all",
         [("-ip4:192.0.2.0/24", "ip4:192.0.2.0/25")], "v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.0/24 -all"),
        # What stays keeps its place among what decides before it.
        ("v=spf1 ip4:192.0.2.9 -ip4:192.0.2.9 ip4:192.0.2.0/24 -all", [("-ip4:192.0.2.9", "ip4:192.0.2.9")], None),
        # Repeated, or what all would say of it too: nothing was meant by that.
        ("v=spf1 -ip4:192.0.2.7 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all", [], "v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all"),
        ("v=spf1 ip4:192.0.2.1 -ip4:203.0.113.7 -all", [], "v=spf1 ip4:192.0.2.1 -all"),
        ("v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 -ip4:192.0.2.7 -all", [], "v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all"),
        # Networks that two providers share are no exception; a list of what is not to pass is one.
        ("v=spf1 ip4:198.51.100.0/24 ?include:shared.example ?all", [], "v=spf1 ip4:198.51.100.0/24 ?all"),
        ("v=spf1 ip4:198.51.100.0/24 -include:shared.example -all",
         [("-include:shared.example", "ip4:198.51.100.0/24")], None),
        # Some pass, all others of the network do not: that is an order that works.
        ("v=spf1 ip4:192.0.2.0/25 -ip4:192.0.2.0/24 -all", [], "v=spf1 ip4:192.0.2.0/25 -all"),
        ("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.7 -all", [], "v=spf1 ip4:192.0.2.0/25 -all"),
    ],
)  # fmt: skip
async def test_an_exception_that_comes_too_late_is_named_and_stays(
    record: str, late: list[tuple[str, str]], shorter: str | None
) -> None:
    made = await audited(record)
    assert [(each.term, each.before) for each in made.dead if each.was_meant] == late
    assert (made.shorter.records[0].record if made.shorter else None) == shorter


@pytest.mark.parametrize(
    ("record", "address"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.67 ~all", "192.0.2.67"),
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?ip4:192.0.2.9 -ip6:2001:db8:bad::/48 -all", "2001:db8:bad::1"),
        ("v=spf1 include:a.example -include:b.example ~all", "198.51.100.7"),
    ],
)
async def test_in_the_order_that_is_named_it_works(record: str, address: str) -> None:
    late = next(each for each in (await audited(record)).dead if each.was_meant and each.before)
    for dead in (each for each in (await audited(record)).dead if each.was_meant):
        words = [word for word in record.split() if word != dead.term]
        words.insert(words.index(dead.before or ""), dead.term)
        record = " ".join(words)
    resolver = zone_resolver(zone(record))
    found = await check_host(resolver, address, "example.org", "postmaster@example.org", "host.example")
    assert found.result is not AuthResult.PASS
    assert late.reason == "covered"


@pytest.mark.parametrize(
    ("record", "late", "shorter"),
    [
        ("v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.1 -all", [("ip4:192.0.2.1", "-ip4:192.0.2.0/24")], None),
        ("v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.4 a -all",
         [("ip4:192.0.2.4", "-ip4:192.0.2.0/24"), ("a", "-ip4:192.0.2.0/24")], None),
        ("v=spf1 ~ip4:198.51.100.0/24 ~ip6:2001:db8:a::/48 include:a.example -all",
         [("include:a.example", "~ip4:198.51.100.0/24")], None),
        ("v=spf1 -include:open.example ip4:192.0.2.1 ?all", [("ip4:192.0.2.1", "-include:open.example")], None),
        ("v=spf1 ~a:four.example a:gone.example ip4:192.0.2.5 -all", [("ip4:192.0.2.5", "~a:four.example")],
         "v=spf1 ~a:four.example ip4:192.0.2.5 -all"),
        ("v=spf1 ?ip4:192.0.2.0/25 ?ip4:192.0.2.128/25 ip4:192.0.2.0/24 ip4:203.0.113.1 -all",
         [("ip4:192.0.2.0/24", "?ip4:192.0.2.0/25")], "v=spf1 ?ip4:192.0.2.0/24 ip4:192.0.2.0/24 ip4:203.0.113.1 -all"),
        # One address of it passes: that is an exception, in an order that works.
        ("v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all", [], None),
        ("v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 ip4:192.0.2.1/32 -all", [], "v=spf1 ip4:192.0.2.1 -all"),
    ],
)  # fmt: skip
async def test_what_stands_behind_its_own_exclusion_is_named_and_stays(
    record: str, late: list[tuple[str, str]], shorter: str | None
) -> None:
    made = await audited(record)
    assert [(each.term, each.before) for each in made.dead if each.was_meant] == late
    assert (made.shorter.records[0].record if made.shorter else None) == shorter


async def test_no_flat_record_makes_the_mistake_last() -> None:
    resolver = zone_resolver(zone("v=spf1 include:a.example -ip4:198.51.100.7 -all"))
    found = await audit(resolver, "example.org", None)
    assert found is not None
    made = await flattened(resolver, found, None, NOW)
    assert not made.records
    assert "first put the terms in order that come too late (-ip4:198.51.100.7)" in (made.reason or "")
