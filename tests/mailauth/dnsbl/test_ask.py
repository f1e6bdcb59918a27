"""DNSBL questions and what the answers mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth import dnsbl
from smtpprobe.mailauth.dnsbl.judge import Answers, code_matches, is_end_user_range, judge, query_name, test_points
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.known.dnsbl_zone import RefusalCode, ReturnBit, ReturnCode, Zone, ZoneKind
from smtpprobe.testing.zones import zone_resolver

test_points.__test__ = False  # type: ignore[attr-defined]

BLOCK = Zone(
    zone="bl.example.net",
    name="Example BL",
    tier=1,
    lists=("ip4", "ip6"),
    codes=(
        ReturnCode(match="127.0.0.2", meaning="spam source"),
        ReturnCode(match="127.0.0.10-11", meaning="end-user range"),
    ),
    refusals=(RefusalCode("127.255.255.254", "a public resolver asked"),),
    lookup="https://bl.example.net/?ip={ip}",
    removal="https://bl.example.net/remove",
)
MIXED = Zone(
    zone="mixed.example.net",
    name="Example mixed",
    tier=3,
    lists=("ip4",),
    codes=(
        ReturnCode(match="127.0.0.1", meaning="white", listed=False),
        ReturnCode(match="127.0.0.2", meaning="black"),
    ),
    test_unlisted=False,
    test_required=False,
)
ALLOW = Zone(
    zone="wl.example.net", name="Example WL", kind=ZoneKind.ALLOW, tier=3, lists=("ip4",),
    codes=(ReturnCode(match="127.0.*.3", meaning="high trust", listed=False),),
    refusals=(RefusalCode("127.0.0.255", "too many queries"),),
)  # fmt: skip
BITS = Zone(
    zone="multi.example.net", name="Example multi", tier=1, lists=("domain",), test_listed=("point.example.com",),
    bits=(ReturnBit(8, "phishing"), ReturnBit(16, "malware"), ReturnBit(64, "abuse")),
    refusals=(RefusalCode("127.0.0.1", "access blocked"),),
)  # fmt: skip
BARE = Zone(zone="private.example.org", name="private.example.org")

HEALTHY = "2.0.0.127.bl.example.net. A 127.0.0.2\n"
SIX = "3.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
MAPPED_TWO = "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

# zone, subject, master file, status, codes, meanings, words of the reason
CASES: list[tuple[str, Zone, str, str, str, tuple[str, ...], tuple[str, ...], str]] = [
    ("listed", BLOCK, "192.0.2.13", HEALTHY + "13.2.0.192.bl.example.net. A 127.0.0.2",
     "listed", ("127.0.0.2",), ("spam source",), ""),
    ("several codes in order", BLOCK, "192.0.2.13",
     HEALTHY + "13.2.0.192.bl.example.net. A 127.0.0.11\n13.2.0.192.bl.example.net. A 127.0.0.2",
     "listed", ("127.0.0.2", "127.0.0.11"), ("spam source", "end-user range"), ""),
    ("a code that the catalogue lacks", BLOCK, "192.0.2.13", HEALTHY + "13.2.0.192.bl.example.net. A 127.0.0.77",
     "listed", ("127.0.0.77",), ("a return code that the catalogue does not know",), ""),
    ("listed although the test point is missing", BLOCK, "192.0.2.13", "13.2.0.192.bl.example.net. A 127.0.0.2",
     "listed", ("127.0.0.2",), ("spam source",), ""),
    ("IPv6", BLOCK, "2001:db8::13", f"{MAPPED_TWO}.bl.example.net. A 127.0.0.2\n{SIX}.bl.example.net. A 127.0.0.2",
     "listed", ("127.0.0.2",), ("spam source",), ""),
    ("IPv6, with the IPv4 test point only", BLOCK, "2001:db8::13", HEALTHY, "not-listed", (), (), ""),
    ("not listed", BLOCK, "192.0.2.13", HEALTHY, "not-listed", (), (), ""),
    ("a name without A record", BLOCK, "192.0.2.13", HEALTHY + '13.2.0.192.bl.example.net. TXT "x"',
     "not-listed", (), (), ""),
    ("empty catalogue zone", BLOCK, "192.0.2.13", "bl.example.net. A 192.0.2.1",
     "broken-zone", (), (), "2.0.0.127.bl.example.net is missing"),
    ("wildcard", BLOCK, "192.0.2.13", "*.bl.example.net. A 127.0.0.2",
     "broken-zone", ("127.0.0.2",), (), "1.0.0.127.bl.example.net is listed"),
    ("parked domain", BLOCK, "192.0.2.13", "*.bl.example.net. A 203.0.113.80",
     "broken-zone", ("203.0.113.80",), (), "outside 127.0.0.0/8"),
    ("the list's domain has another owner", BLOCK, "192.0.2.13", "*.bl.example.net. A 203.0.113.80",
     "broken-zone", ("203.0.113.80",), (), "the resolver does not make the address up"),
    ("a resolver that rewrites", BLOCK, "192.0.2.13", "*.net. A 203.0.113.80\n*.example. A 203.0.113.80",
     "broken-zone", ("203.0.113.80",), (), "the resolver rewrites answers"),
    ("a resolver that rewrites to another address", BLOCK, "192.0.2.13", "*.net. A 203.0.113.80\n*.example. A 203.0.113.81",
     "broken-zone", ("203.0.113.80",), (), "another owner"),
    ("the test entry fails", BLOCK, "192.0.2.13", ";! SERVFAIL 2.0.0.127.bl.example.net A\nbl.example.net. A 192.0.2.1",
     "unproved", (), (), "2.0.0.127.bl.example.net gave no answer: SERVFAIL"),
    ("a resolver that rewrites to 127.0.0.1", BLOCK, "192.0.2.13", "*.net. A 127.0.0.1\n*.example. A 127.0.0.1",
     "broken-zone", ("127.0.0.1",), (), "the resolver rewrites answers"),
    ("an answer that is no code", BLOCK, "192.0.2.13", HEALTHY + "13.2.0.192.bl.example.net. A 10.0.0.1",
     "broken-zone", ("10.0.0.1",), (), "not a return code, although the list's test entries"),
    ("an answer that is no code beside one", BLOCK, "192.0.2.13",
     HEALTHY + "13.2.0.192.bl.example.net. A 10.0.0.1\n13.2.0.192.bl.example.net. A 127.0.0.4",
     "broken-zone", ("10.0.0.1", "127.0.0.4"), (), "not a return code, although the list's test entries"),
    ("truncated", BLOCK, "192.0.2.13", HEALTHY + ";! TRUNCATED 13.2.0.192.bl.example.net A",
     "no-answer", (), (), "truncated over UDP"),
    ("outside 127/8 at the test point alone", BLOCK, "192.0.2.13", "2.0.0.127.bl.example.net. A 203.0.113.80",
     "broken-zone", (), (), "2.0.0.127.bl.example.net is 203.0.113.80"),
    ("refusal code", BLOCK, "192.0.2.13", "*.bl.example.net. A 127.255.255.254",
     "query-refused", ("127.255.255.254",), (), "a public resolver asked"),
    ("refusal at the test point alone", BLOCK, "192.0.2.13", "2.0.0.127.bl.example.net. A 127.255.255.254",
     "query-refused", (), (), "a public resolver asked"),
    ("error code that the zone does not name", BLOCK, "192.0.2.13",
     HEALTHY + "13.2.0.192.bl.example.net. A 127.255.255.250",
     "query-refused", ("127.255.255.250",), (), "error"),
    ("SERVFAIL", BLOCK, "192.0.2.13", HEALTHY + ";! SERVFAIL 13.2.0.192.bl.example.net A",
     "no-answer", (), (), "SERVFAIL"),
    ("REFUSED", BLOCK, "192.0.2.13", HEALTHY + ";! REFUSED 13.2.0.192.bl.example.net A",
     "no-answer", (), (), "REFUSED"),
    ("timeout", BLOCK, "192.0.2.13", HEALTHY + ";! TIMEOUT 13.2.0.192.bl.example.net A",
     "no-answer", (), (), "in time"),
    ("test point fails, entry stands", BLOCK, "192.0.2.13",
     "13.2.0.192.bl.example.net. A 127.0.0.2\n;! SERVFAIL 2.0.0.127.bl.example.net A\n"
     ";! SERVFAIL 1.0.0.127.bl.example.net A",
     "listed", ("127.0.0.2",), ("spam source",), "whether the list works is not known"),
    ("the TXT lookup fails, the entry stands", BLOCK, "192.0.2.13",
     HEALTHY + "13.2.0.192.bl.example.net. A 127.0.0.2\n;! SERVFAIL 13.2.0.192.bl.example.net TXT",
     "listed", ("127.0.0.2",), ("spam source",), "the TXT lookup failed: SERVFAIL"),
    ("an alias whose target fails", BLOCK, "192.0.2.13",
     HEALTHY + "13.2.0.192.bl.example.net. CNAME z.example.org.\n;! SERVFAIL z.example.org A",
     "no-answer", (), (), "an alias (CNAME) of z.example.org"),
    ("white answer of a mixed list", MIXED, "192.0.2.13", "*.mixed.example.net. A 127.0.0.1",
     "not-listed", ("127.0.0.1",), ("white",), ""),
    ("black answer of a mixed list", MIXED, "192.0.2.13", "13.2.0.192.mixed.example.net. A 127.0.0.2",
     "listed", ("127.0.0.2",), ("black",), ""),
    ("unknown answer of a mixed list", MIXED, "192.0.2.13", "13.2.0.192.mixed.example.net. A 127.0.3.9",
     "not-listed", ("127.0.3.9",), ("a return code that the catalogue does not know",), ""),
    ("allow list", ALLOW, "192.0.2.13",
     "2.0.0.127.wl.example.net. A 127.0.10.3\n13.2.0.192.wl.example.net. A 127.0.5.3",
     "not-listed", ("127.0.5.3",), ("high trust",), ""),
    ("allow list refuses", ALLOW, "192.0.2.13", "*.wl.example.net. A 127.0.0.255",
     "query-refused", ("127.0.0.255",), (), "too many queries"),
    ("bit mask", BITS, "bad.example.org",
     "point.example.com.multi.example.net. A 127.0.0.8\nbad.example.org.multi.example.net. A 127.0.0.80",
     "listed", ("127.0.0.80",), ("malware; abuse",), ""),
    ("bit mask refuses everything", BITS, "good.example.org", "*.multi.example.net. A 127.0.0.1",
     "query-refused", ("127.0.0.1",), (), "access blocked"),
    ("unknown zone lists", BARE, "192.0.2.13", "13.2.0.192.private.example.org. A 127.0.0.1",
     "listed", ("127.0.0.1",), ("listed",), ""),
    ("unknown zone without test point", BARE, "192.0.2.13", "private.example.org. A 192.0.2.1",
     "unproved", (), (), "may be private"),
    ("unknown zone, domain", BARE, "bad.example.com", "bad.example.com.private.example.org. A 127.0.0.4",
     "listed", ("127.0.0.4",), ("listed",), ""),
    ("unknown zone lists everything", BARE, "192.0.2.13", "*.private.example.org. A 127.0.0.2",
     "broken-zone", ("127.0.0.2",), (), "lists everything"),
    ("unknown zone refuses", BARE, "192.0.2.13", "*.private.example.org. A 127.255.255.255",
     "query-refused", ("127.255.255.255",), (), "too many"),
    ("unknown zone refuses in words", BARE, "192.0.2.13",
     '*.private.example.org. A 127.0.1.255\n*.private.example.org. TXT "No IP queries allowed!"',
     "query-refused", ("127.0.1.255",), (), "refuses"),
    ("unknown zone refuses everything in words alone", BARE, "192.0.2.13",
     '*.private.example.org. A 127.0.0.2\n*.private.example.org. TXT "Error: open resolver"',
     "query-refused", ("127.0.0.2",), (), "TXT"),
    ("the words of a listing are no refusal", BARE, "192.0.2.13",
     '13.2.0.192.private.example.org. A 127.0.0.2\n13.2.0.192.private.example.org. TXT "Client host blocked using LAB"',
     "listed", ("127.0.0.2",), ("listed",), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "subject", "text", "status", "codes", "meanings", "reason"),
    [case[1:] for case in CASES],
    ids=[c[0] for c in CASES],
)
async def test_state(
    zone: Zone, subject: str, text: str, status: str, codes: tuple[str, ...], meanings: tuple[str, ...], reason: str
) -> None:
    resolver = zone_resolver(text)
    found = await dnsbl.ask(resolver, zone, subject)
    await resolver.aclose()
    assert (found.status, found.codes, found.meanings) == (status, codes, meanings)
    assert found.only_listed is (meanings == ("listed",))
    assert reason in (found.reason or "")
    assert bool(found.reason) == bool(reason)


async def test_the_text_is_asked_after_a_hit_only() -> None:
    resolver = zone_resolver(
        HEALTHY + '13.2.0.192.bl.example.net. A 127.0.0.2\n13.2.0.192.bl.example.net. TXT "trap" " hit"'
    )
    hit = await dnsbl.ask(resolver, BLOCK, "192.0.2.13")
    await dnsbl.ask(resolver, BLOCK, "192.0.2.14")
    assert hit.text == "trap hit"
    assert [each.name for each in resolver.lookups if each.type == "TXT"] == ["13.2.0.192.bl.example.net"]


async def test_an_answer_outside_127_is_not_asked_for_its_text() -> None:
    resolver = zone_resolver("*.bl.example.net. A 203.0.113.80")
    await dnsbl.ask(resolver, BLOCK, "192.0.2.13")
    assert "TXT" not in {each.type for each in resolver.lookups}


async def test_every_lookup_that_it_rests_on_is_named_once() -> None:
    resolver = zone_resolver(HEALTHY + "2.0.0.127.bl.example.net. TXT x")
    found = await dnsbl.ask(resolver, BLOCK, "127.0.0.2")
    asked = [(resolver.lookups[index].name, resolver.lookups[index].type) for index in found.lookups]
    assert asked == [
        ("2.0.0.127.bl.example.net", "A"),
        ("2.0.0.127.bl.example.net", "TXT"),
        ("1.0.0.127.bl.example.net", "A"),
    ]


async def test_pages_carry_the_subject() -> None:
    found = await dnsbl.ask(zone_resolver(HEALTHY), BLOCK, "192.0.2.13")
    assert found.url == "https://bl.example.net/?ip=192.0.2.13"
    assert found.removal == "https://bl.example.net/remove"


async def test_the_page_of_an_unknown_zone_is_the_one_in_its_text() -> None:
    text = '13.2.0.192.private.example.org. A 127.0.0.2\n13.2.0.192.private.example.org. TXT "Listed, see https://x.example/?q=1."'
    assert (await dnsbl.ask(zone_resolver(text), BARE, "192.0.2.13")).url == "https://x.example/?q=1"


async def test_a_key_is_asked_and_never_shown() -> None:
    zone = Zone(
        zone="{key}.dq.example.net", name="Keyed", tier=1, lists=("ip4",), asked="s3cret.dq.example.net", keyed=True
    )
    resolver = zone_resolver(
        '*.s3cret.dq.example.net. A 127.0.0.2\n*.s3cret.dq.example.net. TXT "see s3cret.dq.example.net"'
    )
    found = await dnsbl.ask(resolver, zone, "192.0.2.13")
    assert resolver.lookups[0].name == "13.2.0.192.s3cret.dq.example.net"
    assert found.status is DnsblStatus.BROKEN_ZONE
    assert "s3cret" not in repr(found)
    assert "{key}.dq.example.net" in (found.reason or "")


async def test_all_zones_keep_their_order_and_origin() -> None:
    resolver = zone_resolver(HEALTHY + "13.2.0.192.private.example.org. A 127.0.0.2")
    evidence = await dnsbl.ask_all(resolver, [(BARE, "192.0.2.13", "reply"), (BLOCK, "192.0.2.13", "catalogue")])
    assert [(each.zone, each.status, each.origin) for each in evidence.zones] == [
        ("private.example.org", "listed", "reply"),
        ("bl.example.net", "not-listed", "catalogue"),
    ]
    assert sorted(evidence.lookups) == list(range(len(resolver.lookups)))
    await resolver.aclose()


async def test_all_questions_of_all_zones_are_started_before_one_is_answered() -> None:
    class Recording:
        def __init__(self) -> None:
            self.started: list[Any] = []

        def ahead(self, work: Any) -> None:
            self.started.append(work)
            work.close()

        async def lookup(self, question: Any) -> DnsLookup:
            return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NXDOMAIN)

    resolver = Recording()
    await dnsbl.ask_all(resolver, [(BLOCK, "192.0.2.13", "catalogue"), (BARE, "192.0.2.13", "reply")])
    assert len(resolver.started) == 6


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("192.0.2.99", "99.2.0.192.bl.example.net"),
        ("2001:db8::13", f"{SIX}.bl.example.net"),
        ("bad.example.org", "bad.example.org.bl.example.net"),
    ],
)
def test_query_name(subject: str, name: str) -> None:
    assert query_name(BLOCK, subject) == name


def test_the_points_are_those_of_the_rfc_where_the_zone_has_none_of_its_own() -> None:
    assert test_points(BLOCK, "ip4") == (("2.0.0.127.bl.example.net",), ("1.0.0.127.bl.example.net",))
    assert test_points(BARE, "domain") == (("test.private.example.org",), ("invalid.private.example.org",))
    assert test_points(BITS, "domain")[0] == ("point.example.com.multi.example.net",)
    assert test_points(MIXED, "ip4") == ((), ())


@pytest.mark.parametrize(
    ("match", "code", "expected"),
    [
        ("127.0.0.2", "127.0.0.2", True),
        ("127.0.0.2", "127.0.0.20", False),
        ("127.0.2.2-24", "127.0.2.24", True),
        ("127.0.2.2-24", "127.0.2.25", False),
        ("127.0.*.3", "127.0.10.3", True),
        ("127.0.0.2", "127.0.0", False),
        ("127.0.0.2", "::1", False),
        ("127.0.0.2", "127.0.0.²", False),
    ],
)
def test_code_matches(match: str, code: str, expected: bool) -> None:
    assert code_matches(match, code) is expected


@settings(max_examples=150, deadline=None)
@given(
    records=st.lists(st.text(max_size=20) | st.ip_addresses(v=4).map(str), max_size=4),
    text=st.none() | st.text(max_size=80),
    status=st.sampled_from(list(DnsStatus)),
    zone=st.sampled_from([BLOCK, MIXED, ALLOW, BITS, BARE]),
)
def test_any_answer_is_judged(records: list[str], text: str | None, status: DnsStatus, zone: Zone) -> None:
    lookup = DnsLookup(name="13.2.0.192." + zone.zone, type="A", status=status, records=tuple(records))
    healthy = DnsLookup(name="2.0.0.127." + zone.zone, type="A", status=DnsStatus.ANSWER, records=("127.0.0.2",))
    clean = DnsLookup(name="1.0.0.127." + zone.zone, type="A", status=DnsStatus.NXDOMAIN)
    judgement = judge(zone, Answers(subject=lookup, text=text, listed=(healthy,), unlisted=(clean,)))
    if judgement.status is DnsblStatus.LISTED:
        assert zone.kind == "block"
        assert all(code.startswith("127.") for code in judgement.codes)
        assert len(judgement.codes) == len(judgement.meanings)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [(("127.0.0.10",), True), (("127.0.0.2", "127.0.0.12"), True), (("127.0.0.2",), False), ((), False)],
)
def test_codes_of_end_user_ranges(codes: tuple[str, ...], expected: bool) -> None:
    zone = Zone(
        zone="bl.example.net",
        name="BL",
        codes=(
            ReturnCode(match="127.0.0.2", meaning="a source of spam"),
            ReturnCode(match="127.0.0.10-12", meaning="an end-user range", end_user=True),
        ),
    )
    assert is_end_user_range(zone, codes) is expected
