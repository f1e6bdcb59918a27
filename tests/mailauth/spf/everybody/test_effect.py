"""An edit is judged by everybody it touches: what is said of who begins to pass and who stops is exactly so."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.edit.merge import one_of
from smtpprobe.mailauth.spf.edit.search import smallest_edit
from smtpprobe.mailauth.spf.everybody.effect import Identity, contains, effect, in_words
from smtpprobe.mailauth.spf.everybody.reach import reach
from smtpprobe.mailauth.spf.lint.terms import lint_record
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.model.evidence.spf import SpfEdit, SpfShift
from smtpprobe.model.words import AuthResult
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import read_assumption

EXAMPLES = int(os.environ.get("SMTPPROBE_EXAMPLES", "100"))
DOMAIN, HELO = "example.org", "mail.example.com"
Zone = Mapping[tuple[str, str], tuple[str, ...]]


def resolver(zone: Zone) -> RunResolver:
    names = {name for name, _ in zone}

    async def answer(question: Question) -> DnsLookup:
        records = zone.get((question.name, question.type), ())
        missing = DnsStatus.NODATA if question.name in names else DnsStatus.NXDOMAIN
        return DnsLookup(
            name=question.name, type=question.type, status=DnsStatus.ANSWER if records else missing, records=records
        )

    return RunResolver(answer)


def records(record: str, **hosts: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The domain's record, and for each label of example.net its addresses or its record."""
    zone: dict[tuple[str, str], tuple[str, ...]] = {(DOMAIN, "TXT"): (record,)}
    for label, what in hosts.items():
        name = f"{label}.example.net"
        if what.startswith("v="):
            zone[name, "TXT"] = (what,)
            continue
        for ip in what.split():
            rdtype = "AAAA" if ":" in ip else "A"
            zone[name, rdtype] = (*zone.get((name, rdtype), ()), ip)
    return zone


async def edited(zone: Zone, ip: str, *, sender: str = f"alice@{DOMAIN}", helo: str = HELO) -> SpfEdit | None:
    before = resolver(zone)
    identity = await check_host(before, ip, DOMAIN, sender, helo)
    made = await smallest_edit(before, identity, ip, helo)
    await before.aclose()
    return made


@pytest.mark.parametrize(
    ("zone", "ip", "record", "begins"),
    [
        # Three hosts with IPv4 alone are three void lookups for IPv6: they stay, the network moves before them.
        (
            records(
                "v=spf1 a:a.example.net a:b.example.net a:c.example.net ip6:2001:db8::/32 -all",
                a="192.0.2.1", b="192.0.2.2", c="192.0.2.3",
            ),
            "2001:db8::9",
            "v=spf1 ip6:2001:db8::/32 a:a.example.net a:b.example.net a:c.example.net -all",
            "2001:db8::/32",
        ),
        (
            records(
                "v=spf1 a:a.example.net a:b.example.net a:c.example.net -all",
                a="2001:db8::1", b="2001:db8::2", c="2001:db8::3",
            ),
            "192.0.2.9",
            "v=spf1 a:a.example.net a:b.example.net ip4:192.0.2.9 a:c.example.net -all",
            "192.0.2.9",
        ),
        (
            records("v=spf1 a:a.example.net a:b.example.net a:c.example.net include:p.example.net -all",
                    a="192.0.2.1", b="192.0.2.2", c="192.0.2.3", p="v=spf1 ip6:2001:db8::/32 ip4:192.0.2.64/26 -all"),
            "2001:db8::9",
            "v=spf1 include:p.example.net a:a.example.net a:b.example.net a:c.example.net -all",
            "2001:db8::/32",
        ),
        # What fails on purpose stays before what passes.
        (
            records("v=spf1 -ip6:2001:db8:1::/48 a:a.example.net a:b.example.net a:c.example.net ip6:2001:db8::/32 -all",
                    a="192.0.2.1", b="192.0.2.2", c="192.0.2.3"),
            "2001:db8::9",
            "v=spf1 -ip6:2001:db8:1::/48 ip6:2001:db8::/32 a:a.example.net a:b.example.net a:c.example.net -all",
            "2001:db8::/48, 2001:db8:2:: to 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        ),
        # What has no address in either family permits nobody.
        (
            records("v=spf1 a:a.example.net a:b.example.net a:c.example.net a:d.example.net -all", d="192.0.2.9"),
            "192.0.2.9",
            "v=spf1 a:d.example.net -all",
            "192.0.2.9",
        ),
        (
            records("v=spf1 mx:a.example.net exists:b.example.net exists:c.example.net a:d.example.net -all", d="192.0.2.9"),
            "192.0.2.9",
            "v=spf1 a:d.example.net -all",
            "192.0.2.9",
        ),
        # What is there for another client is no dead term, though it is void for this one.
        (
            records("v=spf1 exists:%{i}.a.example.net exists:%{i}.b.example.net exists:%{i}.c.example.net -all"),
            "192.0.2.9",
            "v=spf1 exists:%{i}.a.example.net exists:%{i}.b.example.net ip4:192.0.2.9 exists:%{i}.c.example.net -all",
            "192.0.2.9",
        ),
        (
            records("v=spf1 include:%{i}._spf.example.net -all"),
            "192.0.2.9",
            "v=spf1 ip4:192.0.2.9 include:%{i}._spf.example.net -all",
            "192.0.2.9",
        ),
        # A term that had no effect permits whom it names, once it is written rightly.
        (
            records("v=spf1 include=p.example.net -all", p="v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.7 ip6:2001:db8::/48 ~all"),
            "192.0.2.9",
            "v=spf1 include:p.example.net -all",
            "192.0.2.0/24, 198.51.100.7, 2001:db8::/48",
        ),
        (
            records("v=spf1 ip4:192.0.2.0-192.0.2.2 -all"),
            "192.0.2.2",
            "v=spf1 ip4:192.0.2.0/31 ip4:192.0.2.2 -all",
            "192.0.2.0 to 192.0.2.2",
        ),
    ],
)  # fmt: skip
async def test_who_is_kept_and_who_begins_to_pass(zone: Zone, ip: str, record: str, begins: str) -> None:
    made = await edited(zone, ip)
    assert made is not None
    assert (made.record, in_words(made.begins), made.stops) == (record, begins, ())


@pytest.mark.parametrize(
    "term", ["redirect=%{l1r+}._spf.%{d}", "include:%{l}._spf.%{o} -all", "include:%{s}.%{d} -all"]
)
async def test_a_record_that_the_local_part_chooses_stays(term: str) -> None:
    zone = {(DOMAIN, "TXT"): (f"v=spf1 {term}",), (f"sales._spf.{DOMAIN}", "TXT"): ("v=spf1 ip4:192.0.2.1 -all",)}
    made = await edited(zone, "192.0.2.1", sender=f"postmaster@{DOMAIN}")
    assert made is not None
    assert made.record is None
    assert "postmaster" in (made.reason or "")
    assert "local part" in (made.reason or "")


async def test_other_local_parts_are_compared() -> None:
    zone = records("v=spf1 -exists:%{l}.users.example.net ip4=192.0.2.0/30 -all")
    zone["postmaster.users.example.net", "A"] = ("127.0.0.2",)
    made = await edited(zone, "192.0.2.1")
    assert made is not None
    assert made.record == "v=spf1 -exists:%{l}.users.example.net ip4:192.0.2.0/30 -all"
    assert {(shift.sender, shift.addresses) for shift in made.begins} == {
        (f"alice@{DOMAIN}", "192.0.2.0/30"), (f"someone-else@{DOMAIN}", "192.0.2.0/30"),
    }  # fmt: skip


async def test_that_the_local_part_matters_is_said() -> None:
    made = await edited(records("v=spf1 exists:%{l}.users.example.net -all"), "192.0.2.1")
    assert made is not None
    assert made.record == "v=spf1 exists:%{l}.users.example.net ip4:192.0.2.1 -all"
    assert any("local part" in note and f"alice@{DOMAIN}" in note for note in made.notes)


async def test_the_helo_identity_is_compared_where_its_record_includes_the_edited_one() -> None:
    zone = records("v=spf1 -all") | {(HELO, "TXT"): (f"v=spf1 include:{DOMAIN} -all",)}
    made = await edited(zone, "192.0.2.1")
    assert made is not None
    assert [(shift.sender, shift.addresses) for shift in made.begins] == [
        (None, "192.0.2.1"), (f"postmaster@{HELO}", "192.0.2.1"),
    ]  # fmt: skip


async def test_an_edit_that_silences_somebody_is_not_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    from smtpprobe.mailauth.spf.edit import ground

    stop = SpfShift(first="192.0.2.9", last="192.0.2.9", before=AuthResult.PASS, after=AuthResult.FAIL)

    async def silencing(before: Resolver, after: Resolver, edited: str, identity: Identity) -> object:
        return ground.Effect(stops=(stop,), begins=(), is_whole=True, by_local_part=False, not_followed=())

    monkeypatch.setattr(ground, "effect", silencing)
    made = await edited(records("v=spf1 ip4:192.0.2.9 -all"), "192.0.2.1")
    assert made is not None
    assert (made.record, made.strings, made.stops) == (None, (), (stop,))
    assert "192.0.2.9" in (made.reason or "")


async def test_what_hangs_on_each_client_is_named() -> None:
    made = await edited(records("v=spf1 exists:%{i}.a.example.net ptr -all"), "192.0.2.1")
    assert made is not None
    assert made.not_compared == ("exists:%{i}.a.example.net", "ptr")


async def test_the_record_of_an_alias_is_published_at_its_target() -> None:
    data = ZoneData(
        [
            DnsLookup(name="www.example.org", type="CNAME", status=DnsStatus.ANSWER, records=("h.example.org",)),
            DnsLookup(name="h.example.org", type="TXT", status=DnsStatus.ANSWER, records=("v=spf1 -all",)),
        ]
    )

    async def answer(question: Question) -> DnsLookup:
        return data.answer(question)

    before = RunResolver(answer)
    identity = await check_host(before, "192.0.2.1", "www.example.org", "a@www.example.org", HELO)
    made = await smallest_edit(before, identity, "192.0.2.1", HELO)
    assert made is not None
    assert (made.domain, made.publish_at, made.owner) == ("www.example.org", "h.example.org", "h.example.org")
    assert made.record == "v=spf1 ip4:192.0.2.1 -all"
    assert any("CNAME" in note and "h.example.org" in note for note in made.notes)
    assumed = read_assumption(f"{made.owner}. TXT {' '.join(made.strings)}")
    after = await check_host(Overlay(before, assumed), "192.0.2.1", "www.example.org", "a@www.example.org", HELO)
    assert after.result is AuthResult.PASS


@pytest.mark.parametrize(
    ("record", "is_ip4", "passing"),
    [
        ("v=spf1 -all", True, []),
        ("v=spf1 +all", True, ["0.0.0.0/0"]),
        ("v=spf1 ip4:192.0.2.0/24 -all", True, ["192.0.2.0/24"]),
        ("v=spf1 ip4:192.0.2.0/24 -all", False, []),
        ("v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/29 -all", True, ["192.0.2.0 to 192.0.2.6"]),
        ("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all", True, ["192.0.2.0/24"]),
        ("v=spf1 ip4:0.0.0.0/1 ip4:255.255.255.255 -all", True, ["0.0.0.0/1", "255.255.255.255"]),
        ("v=spf1 a:a.example.net/31 -all", True, ["192.0.2.2/31"]),
        ("v=spf1 a:a.example.net/31 -all", False, ["2001:db8::1"]),
        ("v=spf1 include:p.example.net ip4:198.51.100.0/24 -all", True, ["198.51.100.0/24", "203.0.113.0/25"]),
    ],
)
async def test_the_addresses_that_pass(record: str, is_ip4: bool, passing: list[str]) -> None:
    zone = records(record, a="192.0.2.3 2001:db8::1", p="v=spf1 -ip4:203.0.113.128/25 ip4:203.0.113.0/24 -all")
    found = await reach(resolver(zone), DOMAIN, f"alice@{DOMAIN}", HELO, is_ip4=is_ip4)
    address = ipaddress.IPv4Address if is_ip4 else ipaddress.IPv6Address
    assert found.spans[0].first == 0
    assert found.spans[-1].last == (1 << (32 if is_ip4 else 128)) - 1
    shifts = [
        SpfShift(first=str(address(span.first)), last=str(address(span.last)), before=span.result, after=span.result)
        for span in found.spans
        if span.result is AuthResult.PASS
    ]
    assert [shift.addresses for shift in shifts] == passing


async def test_a_loss_is_seen() -> None:
    before = resolver(records("v=spf1 ip4:192.0.2.0/24 a:a.example.net -all", a="198.51.100.1 2001:db8::1"))
    after = resolver(records("v=spf1 ip4:192.0.2.0/25 -all"))
    changed = await effect(before, after, DOMAIN, Identity(DOMAIN, f"alice@{DOMAIN}", HELO))
    assert in_words(changed.stops) == "192.0.2.128/25, 198.51.100.1, 2001:db8::1"
    assert changed.begins == ()


# Zones of few names and few addresses, so that terms meet.
_IP4 = [f"192.0.2.{last}" for last in (0, 1, 2, 3, 7, 8, 255)]
_IP6 = [f"2001:db8::{last}" for last in ("0", "1", "2", "f")]
_HOSTS = [f"h{number}.example.net" for number in range(3)]
_RECORDS = [f"p{number}.example.net" for number in range(2)]
_TERM = st.one_of(
    st.builds("{}ip4:{}{}".format, st.sampled_from(["", "-", "?"]), st.sampled_from(_IP4),
              st.sampled_from(["", "/30", "/24", "/0"])),
    st.builds("{}ip6:{}{}".format, st.sampled_from(["", "-"]), st.sampled_from(_IP6), st.sampled_from(["", "/126", "/64"])),
    st.builds("{}{}:{}{}".format, st.sampled_from(["", "~"]), st.sampled_from(["a", "mx"]), st.sampled_from(_HOSTS),
              st.sampled_from(["", "/31", "//127"])),
    st.builds("{}include:{}".format, st.sampled_from(["", "-", "?", "+"]), st.sampled_from(_RECORDS)),
    st.builds("{}{}".format, st.sampled_from(["", "-", "?", "~-", "+-"]), st.sampled_from([
        "exists:%{i}.h0.example.net", "exists:%{d}.h0.example.net", "exists:h1.example.net", "a:%{d}.h0.example.net",
        "include:%{d2}.p.example.net", "a:h0.example.net:30", "mx:h1.example.net/31/127", "h0.example.net", "p0.example.net",
        "ip4:192.0.2", "ip4:192.0.2.*", "ip6:2001:db8:", "ip6:2001:db8::/126", "\u0430:h1.example.net",
    ])),
    st.sampled_from(["exists:h0.example.net", "exists:%{l}.h0.example.net", "include=p0.example.net", "ip4=192.0.2.1",
                     "include: p1.example.net", "a:192.0.2.8", "ip4:192.0.2.1,192.0.2.2", "moo", "redirect=p1.example.net",
                     "redirect=%{d}.p.example.net", "redirect=%{l}.p.example.net", f"include:{DOMAIN}",
                     "include:gone.example.net"]),
)  # fmt: skip
_RECORD = st.builds(
    "v=spf1 {} {}".format,
    st.lists(_TERM, max_size=5).map(" ".join),
    st.sampled_from(["-all", "~all", "?all", "~-all", ""]),
)
_ADDRESSES = st.fixed_dictionaries(
    {}, optional={(name, kind): st.lists(st.sampled_from(pool), min_size=1, max_size=2).map(tuple)
                  for name in _HOSTS for kind, pool in (("A", _IP4), ("AAAA", _IP6))}
)  # fmt: skip
_MX = st.fixed_dictionaries(
    {}, optional={(name, "MX"): st.sampled_from([("10 h0.example.net.",), ("10 h1.example.net.", "20 h2.example.net.")])
                  for name in _HOSTS}
)  # fmt: skip
_INCLUDED = st.fixed_dictionaries(
    {}, optional={(name, "TXT"): st.builds(lambda text: (text,), _RECORD) for name in _RECORDS}
)
_MACROS = st.fixed_dictionaries(
    {}, optional={("alice.h0.example.net", "A"): st.just(("127.0.0.2",)),
                  ("192.0.2.2.h0.example.net", "A"): st.just(("127.0.0.2",)),
                  (f"{DOMAIN}.h0.example.net", "A"): st.sampled_from([("192.0.2.3",), ("127.0.0.2",)]),
                  (f"{DOMAIN}.p.example.net", "TXT"): st.builds(lambda text: (text,), _RECORD),
                  ("alice.p.example.net", "TXT"): st.just(("v=spf1 ip4:192.0.2.7 -all",))}
)  # fmt: skip
_NEAR = sorted(
    {str(ipaddress.ip_address(ip) + more) for ip in (*_IP4, *_IP6) for more in (0, 1, 3)}
    | {"0.0.0.0", "198.51.100.1", "2001:db9::"}
)


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    deadline=None,
    derandomize=True,
)
@given(
    _RECORD,
    _ADDRESSES,
    _MX,
    _INCLUDED,
    _MACROS,
    st.sampled_from(["192.0.2.1", "198.51.100.1", "2001:db8::2", "2001:db9::"]),
)
async def test_who_passes_changes_by_exactly_what_is_said(
    record: str,
    addresses: dict,
    mx: dict,
    included: dict,
    local: dict,
    ip: str,  # type: ignore[type-arg]
) -> None:
    zone = {(DOMAIN, "TXT"): (record,), **addresses, **mx, **included, **local}
    made = await edited(zone, ip)
    for lint in lint_record(DOMAIN, record):
        _, says, right = lint.message.partition(": write ")
        assert not says or set(right.split()) <= set(one_of([record[6:].split()]).words)
    if made is None or made.record is None:
        return
    assert made.stops == ()
    before = resolver(zone)
    after = Overlay(before, read_assumption(f"{DOMAIN}. TXT {' '.join(made.strings)}"))
    for sender in (f"alice@{DOMAIN}", f"postmaster@{DOMAIN}", f"bob@{DOMAIN}"):
        told = sender.replace("bob", "someone-else")
        for address in (ip, *_NEAR):
            old = (await check_host(before, address, DOMAIN, sender, HELO)).result
            new = (await check_host(after, address, DOMAIN, sender, HELO)).result
            assert not (old is AuthResult.PASS and new is not AuthResult.PASS), (made.record, sender, address)
            begins = any(contains(shift, address) and shift.sender in (None, told) for shift in made.begins)
            # Of terms that hang on each client it is said that they were not compared.
            if not made.not_compared:
                assert (old is not AuthResult.PASS and new is AuthResult.PASS) is begins, (made.record, sender, address)
    promised = await check_host(after, ip, DOMAIN, f"alice@{DOMAIN}", HELO)
    assert (promised.result, promised.lookups_used, promised.void_lookups_used) == (
        made.result, made.lookups_used, made.void_lookups_used,
    )  # fmt: skip
    await before.aclose()


@pytest.mark.parametrize(
    ("zone", "ip", "note"),
    [
        # A network before what fails lets its own addresses pass; the others of its family come to the error as before.
        (records("v=spf1 a:a.example.net a:b.example.net a:c.example.net ip6:2001:db8::/32 -all",
                 a="192.0.2.1", b="192.0.2.2", c="192.0.2.3"), "2001:db8::9",
         "for other IPv6 addresses this stays: AAAA of c.example.net is the third void lookup, two are allowed: no such record"),
        (records("v=spf1 a:a.example.net a:b.example.net a:c.example.net include:p.example.net -all", a="192.0.2.1",
                 b="192.0.2.2", c="192.0.2.3", p="v=spf1 ip6:2001:db8::/32 -all"), "2001:db8::9",
         "for other IPv6 addresses this stays: AAAA of c.example.net is the third void lookup, two are allowed: no such record"),
        (records("v=spf1 include:p.example.net ip4:192.0.2.1 -all", p="v=spf1 moo"), "192.0.2.1",
         "for other addresses this stays: syntax error in the record of p.example.net: moo: unknown mechanism"),
        (records("v=spf1 ipv4:192.0.2.1 include:p.example.net -all", p="v=spf1 moo"), "192.0.2.1",
         "for other addresses this stays: syntax error in the record of p.example.net: moo: unknown mechanism"),
        (records("v=spf1 ipv4:192.0.2.1 include:q.example.net -all",
                 q="v=spf1 include:p.example.net", p="v=spf1 redirect=q.example.net"), "192.0.2.1",
         "for other addresses this stays: q.example.net leads back to itself, by redirect=q.example.net"),
        (records("v=spf1 ip4:192.0.2.9 a:a.example.net a:b.example.net -all", a="192.0.2.3", b="192.0.2.4"), "192.0.2.1", None),
    ],
)  # fmt: skip
async def test_the_error_that_others_still_get_is_said(zone: Zone, ip: str, note: str | None) -> None:
    made = await edited(zone, ip)
    assert made is not None
    assert made.record is not None
    assert [each for each in made.notes if "stays" in each] == ([note] if note else [])


async def test_the_helo_names_record_is_compared_whatever_stands_before_the_edited_one() -> None:
    zone = records("v=spf1 -all")
    zone[HELO, "TXT"] = (f"v=spf1 ip4:0.0.0.0/8 include:{DOMAIN} -all",)
    made = await edited(zone, "192.0.2.1")
    assert made is not None
    assert [(shift.sender, shift.addresses) for shift in made.begins] == [
        (None, "192.0.2.1"), (f"postmaster@{HELO}", "192.0.2.1"),
    ]  # fmt: skip
