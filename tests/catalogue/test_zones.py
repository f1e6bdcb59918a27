"""The zones of the catalogue: every entry well-formed, and found under every name."""

from __future__ import annotations

import re

import pytest

from smtpprobe.catalogue import load, zones
from smtpprobe.model.known.dnsbl_zone import Zone

NAME = re.compile(r"(?:\{key\}\.)?(?:[a-z0-9_-]{1,63}\.)+[a-z]{2,}\Z")
MATCH = re.compile(r"(?:\d{1,3}(?:-\d{1,3})?|\*)(?:\.(?:\d{1,3}(?:-\d{1,3})?|\*)){3}\Z")
ENTRIES = zones.zones()


@pytest.mark.parametrize("entry", ENTRIES, ids=[each.zone for each in ENTRIES])
def test_entry(entry: Zone) -> None:
    assert NAME.match(entry.zone)
    assert all(NAME.match(alias) for alias in entry.aliases)
    assert entry.kind in ("block", "allow", "reputation")
    assert entry.tier in (1, 2, 3)
    assert entry.lists
    assert set(entry.lists) <= {"ip4", "ip6", "domain", "email-hash"}
    assert entry.keyed == entry.zone.startswith("{key}.")
    assert entry.verified in ("source", "general")
    assert entry.references
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", entry.reviewed)
    for code in (*entry.codes, *entry.refusals):
        assert MATCH.match(code.match)
        assert code.match.startswith("127.")
        assert all(int(number) < 256 for number in re.findall(r"\d+", code.match))
    assert all(bit.bit in (1, 2, 4, 8, 16, 32, 64, 128) for bit in entry.bits)
    assert all(page is None or page.startswith("https://") for page in (entry.lookup, entry.removal))
    assert entry.kind != "allow" or not any(code.listed for code in entry.codes)


@pytest.mark.parametrize("entry", ENTRIES, ids=[each.zone for each in ENTRIES])
def test_no_entry_is_dead(entry: Zone) -> None:
    assert all(zones.dead_reason(name) is None for name in (entry.zone, *entry.aliases))


def test_the_file_holds_no_key_that_is_not_read() -> None:
    fields = set(Zone.__struct_fields__)
    assert {key for entry in load.table("dnsbl_zones")["zone"] for key in entry} <= fields


def test_names_stand_once() -> None:
    names = [name for entry in ENTRIES for name in (entry.zone, *entry.aliases)]
    assert len(names) == len(set(names))


def test_every_tier_1_zone_has_a_page() -> None:
    assert all(entry.lookup for entry in ENTRIES if entry.tier == 1)


@pytest.mark.parametrize(
    ("name", "zone", "asked", "tier"),
    [
        ("zen.spamhaus.org", "zen.spamhaus.org", "zen.spamhaus.org", 1),
        ("ZEN.Spamhaus.org.", "zen.spamhaus.org", "zen.spamhaus.org", 1),
        ("pbl.spamhaus.org", "pbl.spamhaus.org", "pbl.spamhaus.org", 1),
        ("k3y.zen.dq.spamhaus.net", "{key}.zen.dq.spamhaus.net", "k3y.zen.dq.spamhaus.net", 1),
        ("k3y.combined.mail.abusix.zone", "{key}.combined.mail.abusix.zone", "k3y.combined.mail.abusix.zone", 1),
        ("bl.example.net", "bl.example.net", "bl.example.net", 0),
        ("k3y.hbl.dq.spamhaus.net", "{key}.hbl.dq.spamhaus.net", "k3y.hbl.dq.spamhaus.net", 0),
        ("_email.K3Y.hbl.dq.spamhaus.net.", "{key}.hbl.dq.spamhaus.net", "_email.k3y.hbl.dq.spamhaus.net", 0),
        ("k3y.black.mail.abusix.zone", "{key}.black.mail.abusix.zone", "k3y.black.mail.abusix.zone", 0),
        ("hbl.dq.spamhaus.net", "hbl.dq.spamhaus.net", "hbl.dq.spamhaus.net", 0),
        ("k3y.notdq.spamhaus.net.example", "k3y.notdq.spamhaus.net.example", "k3y.notdq.spamhaus.net.example", 0),
    ],
)
def test_zone(name: str, zone: str, asked: str, tier: int) -> None:
    found = zones.zone(name)
    assert (found.zone, found.suffix, found.tier) == (zone, asked, tier)
    assert "k3y" not in found.zone or not found.keyed
    assert found.key is None or "k3y" in found.key


LONG = "a1b2c3d4e5f6g7h8i9j0"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"{LONG}.bl.example.net", "{key}.bl.example.net"),
        (f"{LONG.upper()}.bl.example.net", "{key}.bl.example.net"),
        (f"_email.{LONG}.bl.example.net", "{key}.bl.example.net"),
        (f"bl.{LONG}.example.net", "{key}.example.net"),
        (f"{LONG}.dq.spamhaus.net", "{key}.dq.spamhaus.net"),
        (f"hbl.{LONG}.dq.spamhaus.net", "{key}.dq.spamhaus.net"),
        ("0f8fad5b-d9cb-469f-a165-70867728950e.bl.example.net", "{key}.bl.example.net"),
        # Too short for a key, words, A-labels.
        ("a1b2c3d4e5.bl.example.net", "a1b2c3d4e5.bl.example.net"),
        ("thelistofallblockedhosts.example.net", "thelistofallblockedhosts.example.net"),
        ("dnsbl-2.combined-list.example.net", "dnsbl-2.combined-list.example.net"),
        ("xn--80ak6aa92e8h7j6k5l4.example.net", "xn--80ak6aa92e8h7j6k5l4.example.net"),
    ],
)
def test_a_label_that_looks_like_a_key_is_not_shown(name: str, shown: str) -> None:
    found = zones.zone(name)
    assert (found.zone, found.name, found.suffix) == (shown, shown, name.lower())


@pytest.mark.parametrize(
    ("name", "lists"), [("k3y.white.mail.abusix.zone", "allow"), ("_x.k3y.white.mail.abusix.zone", "allow")]
)
def test_the_key_is_no_part_of_the_guess(name: str, lists: str) -> None:
    assert zones.zone(name).kind == lists


def test_every_keyed_zone_lies_below_a_keyed_provider() -> None:
    patterns = [name for entry in ENTRIES for name in (entry.zone, *entry.aliases) if name.startswith("{key}.")]
    assert patterns
    suffixes = zones._table().keyed_suffixes
    assert all(pattern.split(".", 2)[2] in suffixes for pattern in patterns)


@pytest.mark.parametrize(
    ("name", "kind", "lists"),
    [
        ("bl.example.net", "block", ("ip4", "ip6", "domain")),
        ("wl.example.net", "allow", ("ip4", "ip6", "domain")),
        ("dbl.example.net", "block", ("domain",)),
        ("rhsbl.example.net", "block", ("domain",)),
    ],
)
def test_what_an_unknown_zone_lists_is_guessed_from_its_name(name: str, kind: str, lists: tuple[str, ...]) -> None:
    found = zones.zone(name)
    assert (found.kind, found.lists, found.known) == (kind, lists, False)


@pytest.mark.parametrize(
    "name",
    ["dnsbl.sorbs.net", "l2.bbfh.ext.sorbs.net", "Dnsbl.Sorbs.Net.", "ix.dnsbl.manitu.net", "cbl.abuseat.org",
     "blackhole.spamhaus.org", "bl.spamcannibal.org", "combined.rbl.msrbl.net", "iadb.isipp.com"],
)  # fmt: skip
def test_dead(name: str) -> None:
    assert zones.dead_reason(name)


@pytest.mark.parametrize("name", ["zen.spamhaus.org", "notsorbs.net", "x.ix.dnsbl.manitu.net", "bl.example.net"])
def test_not_dead(name: str) -> None:
    assert zones.dead_reason(name) is None


def test_dead_entries_say_why() -> None:
    assert all(entry.zones and entry.reason for entry in zones._table().dead)


def test_unkeyed_zones_can_be_asked_by_anyone() -> None:
    assert [each.zone for each in zones.unkeyed(1)] == [
        "zen.spamhaus.org",
        "dbl.spamhaus.org",
        "bl.spamcop.net",
        "b.barracudacentral.org",
        "multi.surbl.org",
        "multi.uribl.com",
    ]
    assert not any("{key}" in each.zone or "email-hash" in each.lists for each in zones.unkeyed())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "Microsoft 365"),
        ("part of their network is on our block list (S3140)", "Outlook.com network block"),
        ("blocked by proofpoint", "Proofpoint Dynamic Reputation"),
    ],
)
def test_unaskable(text: str, name: str) -> None:
    found = zones.unaskable(text)
    assert found is not None
    assert found.name == name


def test_a_text_without_list_names_none() -> None:
    assert zones.unaskable("550 5.1.1 User unknown; contact the servers. at web.de") is None


@pytest.mark.parametrize(
    ("server", "name"),
    [("8.8.8.8", "Google Public DNS"), ("9.9.9.9:53", "Quad9"), ("[2620:fe::fe]:53", "Quad9"), ("2620:fe::fe", "Quad9"),
     ("127.0.0.1", None), ("192.0.2.53:5353", None), (None, None)],
)  # fmt: skip
def test_public_resolver(server: str | None, name: str | None) -> None:
    assert zones.public_resolver(server) == name


def test_the_zone_that_knows_end_user_ranges() -> None:
    entry = zones.end_user_zone()
    assert entry.zone == "zen.spamhaus.org"
    assert [code.match for code in entry.codes if code.end_user] == ["127.0.0.10", "127.0.0.11"]
    assert all(code.listed for each in ENTRIES for code in each.codes if code.end_user)


KEY, UUID = "a1b2c3d4e5f6g7h8i9j0", "01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"see {KEY.title()}.ZEN.dq.spamhaus.net.", [f"{KEY}.zen.dq.spamhaus.net"]),
        (f"7.100.51.198.{KEY}.zen.dq.spamhaus.net", [f"{KEY}.zen.dq.spamhaus.net"]),
        (f"x={KEY}x.{KEY}.policy.mail.abusix.zone;", [f"{KEY}.policy.mail.abusix.zone"]),
        (f"{UUID}.zen.dq.spamhaus.net", [f"{UUID}.zen.dq.spamhaus.net"]),
        (f"combined.mail.abusix.zone zen.dq.spamhaus.net {KEY}.zen.dq.spamhaus.network", []),
        (f"{{key}}.zen.dq.spamhaus.net blocked using {KEY}.bl.example.net", []),
        # Whoever names a word of ours as a key would have it hidden all over the report.
        ("recipient.zen.dq.spamhaus.net dnsbl-listed-address-or-name.zen.dq.spamhaus.net", []),
    ],
)
def test_a_text_that_names_a_zone_with_a_key(text: str, found: list[str]) -> None:
    assert zones.keyed_zones(text) == found
