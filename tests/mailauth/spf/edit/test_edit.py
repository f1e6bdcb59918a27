"""The smallest edit: what is changed for each fault, that it is proved in place, and where none is advised."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.spf import check_host
from smtpprobe.mailauth.spf.edit.merge import one_of
from smtpprobe.mailauth.spf.edit.not_advised import is_editable
from smtpprobe.mailauth.spf.edit.repair import Draft, repaired, strings
from smtpprobe.mailauth.spf.edit.search import smallest_edit
from smtpprobe.mailauth.spf.record import parse_record
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.evidence.spf import SpfEdit
from smtpprobe.model.words import AuthResult
from smtpprobe.net.resolver import RunResolver
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.test_check_host import HELO, IP, hosts, txt

DOMAIN = "example.org"


async def edit(*lines: str, ip: str = IP, end_user: bool = False) -> SpfEdit | None:
    """The edit; where it has a record, the record is put into the zone and must pass there as well."""
    resolver = zone_resolver("\n".join(lines) + "\n")
    identity = await check_host(resolver, ip, DOMAIN, f"alice@{DOMAIN}", HELO)
    made = await smallest_edit(resolver, identity, ip, HELO, end_user=end_user)
    await resolver.aclose()
    if made is not None and made.record is not None:
        kept = [line for line in lines if not (line.startswith(f"{made.owner}. TXT") and "v=spf1" in line)]
        published = zone_resolver("\n".join([*kept, f"{made.owner}. TXT {' '.join(made.strings)}"]) + "\n")
        after = await check_host(published, ip, DOMAIN, f"alice@{DOMAIN}", HELO)
        await published.aclose()
        assert after.result is AuthResult.PASS
        assert made.owner != DOMAIN or after.record == made.record
        assert (after.lookups_used, after.void_lookups_used) == (made.lookups_used, made.void_lookups_used)
        assert made.result is AuthResult.PASS
        assert made.changes
    return made


@pytest.mark.parametrize(
    ("lines", "record"),
    [
        ([txt(DOMAIN, "v=spf1 ip4:198.51.100.1 -all")], "v=spf1 ip4:198.51.100.1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 ~ALL exp=e.example.org")], "v=spf1 ip4:192.0.2.1 ~ALL exp=e.example.org"),
        ([txt(DOMAIN, "v=spf1")], "v=spf1 ip4:192.0.2.1"),
        ([txt(DOMAIN, "v=spf1 a exp=e.example.org")], "v=spf1 a ip4:192.0.2.1 exp=e.example.org"),
        (
            [txt(DOMAIN, "v=spf1 redirect=a.example.net"), txt("a.example.net", "v=spf1 -all")],
            "v=spf1 ip4:192.0.2.1 redirect=a.example.net",
        ),
        ([txt(DOMAIN, "v=spf1 ?ip4:192.0.2.0/24 -all")], "v=spf1 ip4:192.0.2.1 ?ip4:192.0.2.0/24 -all"),
        ([txt(DOMAIN, "v=spf1 -ip4:192.0.2.1 ~all")], "v=spf1 ip4:192.0.2.1 ~all"),
        ([], "v=spf1 ip4:192.0.2.1 ~all"),
        ([txt(DOMAIN, "unrelated")], "v=spf1 ip4:192.0.2.1 ~all"),
        ([txt(DOMAIN, "v=spf1;a -all")], "v=spf1 a ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, " v=spf1 ip4:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 ipv4:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 ip6:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 a:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 192.0.2.0/024 -all")], "v=spf1 ip4:192.0.2.0/24 -all"),
        ([txt(DOMAIN, "v=spf1 ip4:192.0.2.1, -all;")], "v=spf1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 ip4:192.0.2.1-all")], "v=spf1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 moo -all")], "v=spf1 ip4:192.0.2.1 -all"),
        (
            [txt(DOMAIN, "v=spf1 redirect:a.example.net"), txt("a.example.net", "v=spf1 ip4:192.0.2.1 -all")],
            "v=spf1 redirect=a.example.net",
        ),
        (
            [
                txt(DOMAIN, "v=spf1 redirect=a.example.net redirect=b.example.net"),
                txt("a.example.net", "v=spf1 ip4:192.0.2.1 -all"),
                txt("b.example.net", "v=spf1 ip4:192.0.2.3 ~all"),
            ],
            "v=spf1 include:a.example.net include:b.example.net ~all",
        ),
        ([txt(DOMAIN, "v=spf1 a -all"), txt(DOMAIN, "v=spf1 mx a ~all")], "v=spf1 a mx ip4:192.0.2.1 ~all"),
        ([txt(DOMAIN, "v=spf1 include:no.example.net -all")], "v=spf1 ip4:192.0.2.1 -all"),
        ([txt(DOMAIN, "v=spf1 redirect=no.example.net")], "v=spf1 ip4:192.0.2.1 ~all"),
        ([txt(DOMAIN, "v=spf1 include:example.org -all")], "v=spf1 ip4:192.0.2.1 -all"),
        (
            [txt(DOMAIN, "v=spf1 a:x.example.net a:y.example.net a:z.example.net -all")],
            "v=spf1 ip4:192.0.2.1 -all",
        ),
        (
            [txt(DOMAIN, "v=spf1 include:a.example.net -all"), txt("a.example.net", "v=spf1 moo")],
            "v=spf1 ip4:192.0.2.1 include:a.example.net -all",
        ),
        (
            [txt(DOMAIN, "v=spf1 " + "a:h1.example.org " * 10 + "a:h2.example.org ip4:192.0.2.1 -all"), *hosts(2)],
            "v=spf1 a:h1.example.org a:h2.example.org ip4:192.0.2.1 -all",
        ),
    ],
)
async def test_the_record_to_paste(lines: list[str], record: str) -> None:
    made = await edit(*lines)
    assert made is not None
    assert made.record == record


@pytest.mark.parametrize("ip", ["2001:db8::1", "2001:db8::1%eth0"])
async def test_ipv6(ip: str) -> None:
    made = await edit(txt(DOMAIN, "v=spf1 -all"), ip=ip)
    assert made is not None
    assert made.record == "v=spf1 ip6:2001:db8::1 -all"


async def test_what_stays_for_others_is_a_note() -> None:
    record = "v=spf1 " + " ".join(f"exists:%{{i}}.h{number}.example.org" for number in range(1, 13)) + " -all"
    made = await edit(
        f"{DOMAIN}. TXT {' '.join(strings(record))}", *(f"*.h{number}.example.org. TXT x" for number in range(1, 13))
    )
    assert made is not None
    assert made.record == record.replace("exists:%{i}.h3.", "ip4:192.0.2.1 exists:%{i}.h3.")
    assert (made.lookups_used, made.lookups_needed) == (2, 12)
    assert any("12 lookups" in note for note in made.notes)


@pytest.mark.parametrize(
    ("lines", "ip", "end_user", "says", "mended"),
    [
        ([txt(DOMAIN, "v=spf1 -all")], "10.1.2.3", False, "not a global address", ("fail", "-all")),
        ([txt(DOMAIN, "v=spf1 -all")], "fe80::1", False, "not a global address", ("fail", "-all")),
        ([txt(DOMAIN, "v=spf1 -all")], "100.64.0.1", False, "not a global address", ("fail", "-all")),
        ([txt(DOMAIN, "v=spf1 -all")], IP, True, "relay", ("fail", "-all")),
        ([txt(DOMAIN, "v=spf1 ~all")], IP, True, "relay", ("softfail", "~all")),
        # Without the term that leads back, or those that are too many and do not match.
        ([txt(DOMAIN, f"v=spf1 include:{DOMAIN} -all")], "10.1.2.3", False, "not a global", ("fail", "-all")),
        ([txt(DOMAIN, "v=spf1 " + " ".join(f"a:h{n}.example.org" for n in range(1, 13)) + " -all"), *hosts(12)],
         "10.1.2.3", False, "not a global", ("fail", "-all")),
        ([f";! TIMEOUT {DOMAIN} TXT"], IP, False, "DNS did not answer", (None, None)),
        ([txt(DOMAIN, "v=spf1 a -all"), f";! SERVFAIL {DOMAIN} A"], IP, False, "DNS did not answer", (None, None)),
        ([txt(DOMAIN, "x")], "10.1.2.3", False, "not a global address", (None, None)),
    ],
)  # fmt: skip
async def test_where_no_record_is_advised(
    lines: list[str], ip: str, end_user: bool, says: str, mended: tuple[str | None, str | None]
) -> None:
    made = await edit(*lines, ip=ip, end_user=end_user)
    assert made is not None
    assert made.record is None
    assert made == SpfEdit(domain=DOMAIN, reason=made.reason, result=made.result, mechanism=made.mechanism)
    assert says in (made.reason or "")
    assert (made.result, made.mechanism) == mended


@pytest.mark.parametrize(
    ("record", "ip", "wanted"),
    [
        ("v=spf1 -all ip4:192.0.2.1", IP, "v=spf1 ip4:192.0.2.1 -all"),
        ("v=spf1 ~all ip4:192.0.2.0/24 exp=e.example.org", IP, "v=spf1 ip4:192.0.2.0/24 ~all exp=e.example.org"),
        ("v=spf1 -all ip4:10.1.2.3", "10.1.2.3", "v=spf1 ip4:10.1.2.3 -all"),
        ("v=spf1 -all ip4:10.1.2.3", "10.1.2.4", None),
        ("v=spf1 -all ip4:192.0.2.9", IP, "v=spf1 ip4:192.0.2.9 ip4:192.0.2.1 -all"),
        # What would be an error for others stays behind the all.
        ("v=spf1 -all include:example.org", IP, "v=spf1 ip4:192.0.2.1 -all"),
        ("v=spf1 -all include:%{d}", IP, "v=spf1 ip4:192.0.2.1 -all include:%{d}"),
        ("v=spf1 ~all -all ip4:192.0.2.1", IP, "v=spf1 ip4:192.0.2.1 ~all"),
        # What is excluded comes before what would let it pass.
        (
            "v=spf1 -all ip4:192.0.2.0/24 -ip4:192.0.2.9 ?ip4:192.0.2.8",
            IP,
            "v=spf1 -ip4:192.0.2.9 ?ip4:192.0.2.8 ip4:192.0.2.0/24 -all",
        ),
    ],
)
async def test_an_all_that_stands_too_early_is_moved(record: str, ip: str, wanted: str | None) -> None:
    made = await edit(txt(DOMAIN, record), ip=ip)
    assert made is not None
    assert made.record == wanted
    assert wanted is None or made.result == "pass"


async def test_a_domain_that_no_longer_answers_is_not_edited() -> None:
    before, after = zone_resolver(txt(DOMAIN, "v=spf1 -all") + "\n"), zone_resolver(f";! SERVFAIL {DOMAIN} TXT\n")
    identity = await check_host(before, IP, DOMAIN, f"alice@{DOMAIN}", HELO)
    made = await smallest_edit(after, identity, IP, HELO)
    assert made == SpfEdit(domain=DOMAIN, reason=f"TXT lookup of {DOMAIN} failed: SERVFAIL")


async def test_nothing_to_change() -> None:
    assert await edit(txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all")) is None
    resolver = zone_resolver("\n")
    literal = await check_host(resolver, IP, "[192.0.2.1]", "alice@[192.0.2.1]", HELO)
    assert await smallest_edit(resolver, literal, IP, HELO) is None


@pytest.mark.parametrize(
    ("ip", "editable"),
    [
        ("192.0.2.1", True), ("203.0.113.9", True), ("2001:db8::1", True), ("8.8.8.8", True), ("2600::1", True),
        ("10.0.0.1", False), ("127.0.0.1", False), ("169.254.1.1", False), ("224.0.0.1", False), ("::1", False),
        ("fd00::1", False), ("::ffff:10.0.0.1", False), ("100.64.1.1", False),
    ],
)  # fmt: skip
def test_addresses_that_a_record_may_permit(ip: str, editable: bool) -> None:
    assert is_editable(ip) is editable


@pytest.mark.parametrize(("length", "count"), [(11, 1), (254, 1), (255, 1), (256, 2), (490, 2), (511, 3), (800, 4)])
def test_strings_hold_at_most_255_octets(length: int, count: int) -> None:
    record = ("v=spf1 " + "ip4:192.0.2.1 " * 100)[: length - 4] + "-all"
    cut = strings(record)
    assert "".join(each[1:-1] for each in cut) == record
    assert all(len(each) - 2 <= 255 for each in cut)
    assert len(cut) == count
    assert all(each.endswith(' "') for each in cut[:-1])


def test_strings_without_a_blank_are_cut_all_the_same() -> None:
    assert [len(each) for each in strings("x" * 600)] == [257, 257, 92]
    assert strings('a"b\\c') == ('"a\\"b\\\\c"',)


_WORDS = st.lists(
    st.sampled_from(
        ["v=spf1", " ", "a", "mx", "ptr", "all", "include:", "redirect=", "exp=", "exists:", "ip4:192.0.2.1", "ip6:::",
         "%{d}", "%{p}", "example.org", "x.example.net", ".", "/24", "/0", "-", "~", "?", "x", "\x00", "é", '"', ",", ";"]
    )
).map("".join)  # fmt: skip
_TEXTS = st.one_of(_WORDS, st.text(), _WORDS.map("v=spf1 {}".format))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=True)
@given(st.lists(_TEXTS, max_size=3), st.lists(_TEXTS, max_size=2))
async def test_any_records_give_an_edit_that_passes_or_a_reason(texts: list[str], others: list[str]) -> None:
    async def answer(question: Question) -> DnsLookup:
        records = tuple(texts if question.name == DOMAIN else others)
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=DnsStatus.ANSWER if records else DnsStatus.NODATA,
            records=records,
        )

    resolver = RunResolver(answer)
    identity = await check_host(resolver, IP, DOMAIN, f"alice@{DOMAIN}", HELO)
    made = await smallest_edit(resolver, identity, IP, HELO)
    await resolver.aclose()
    if identity.result is AuthResult.PASS:
        assert made is None
        return
    assert made is not None
    assert (made.record is None) is (made.reason is not None)
    if made.record is not None:
        assert made.result is AuthResult.PASS
        assert parse_record(made.record).faulty is None
        assert made.record.isascii()
    elif identity.result is not AuthResult.TEMPERROR:
        raise AssertionError(made.reason)


@given(st.lists(_WORDS, max_size=5), st.sampled_from(["all", "+all", "+al", "ip4:0.0.0.0/0", "a/0", "mx:b.example//0"]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_put_right_opens_nothing(words: list[str], opening: str) -> None:
    made = one_of([[word for text in (*words, "moo", opening) for word in text.split(" ") if word]])
    terms = [term for term in parse_record(made.record).terms if term.qualifier == "+"]
    assert [term.text for term in terms if term.name == "all"] == []
    assert [term.text for term in terms if term.name in ("a", "mx") and 0 in (term.prefix4, term.prefix6)] == []
    assert [term.text for term in terms if term.name == "ip4" and term.shift == 32] == []


@given(st.lists(st.one_of(_WORDS, st.text()), max_size=8))
@settings(derandomize=True, deadline=None)
def test_a_repaired_record_has_no_syntax_error(words: list[str]) -> None:
    draft = repaired(Draft(tuple(word for text in words for word in text.split(" ") if word)))
    assert parse_record(draft.record).faulty is None
    assert repaired(draft).words == draft.words


@pytest.mark.parametrize(
    "lines",
    [
        [txt(DOMAIN, "v=spf1 include:a.example.net, -all"), txt("a.example.net", "v=spf1 +all")],
        [
            txt(DOMAIN, "v=spf1 redirect:a.example.net"),
            txt("a.example.net", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"),
        ],
    ],
)
async def test_a_record_that_lets_nearly_everybody_pass_is_not_proposed(lines: list[str]) -> None:
    made = await edit(*lines)
    assert made is not None
    assert made.record is None
    assert "nearly everybody" in (made.reason or "")


async def test_where_a_client_is_excluded_from_all_it_alone_is_let_in() -> None:
    made = await edit(txt(DOMAIN, "v=spf1 -ip4:192.0.2.1 +all"))
    assert made is not None
    assert made.record == "v=spf1 ip4:192.0.2.1 +all"
    assert [shift.addresses for shift in made.begins] == ["192.0.2.1"]


@pytest.mark.parametrize("term", ["-ip4:192.0.2.0/25", "-include:barred.example.org", "~a:h.example.org/24"])
async def test_that_an_exclusion_is_gone_round_is_said(term: str) -> None:
    lines = (txt("barred.example.org", "v=spf1 ip4:192.0.2.0/30 -all"), "h.example.org. A 192.0.2.9")
    made = await edit(txt(DOMAIN, f"v=spf1 {term} ip4:192.0.2.0/24 -all"), *lines)
    assert made is not None
    assert made.record == f"v=spf1 ip4:192.0.2.1 {term} ip4:192.0.2.0/24 -all"
    assert [note for note in made.notes if note.startswith(f"{term} excludes what begins to pass")]
    made = await edit(txt(DOMAIN, f"v=spf1 {term} -all"), *lines, ip="198.51.100.1")
    assert made is not None
    assert not [note for note in made.notes if "excludes" in note]


async def test_a_term_that_lets_the_address_pass_comes_before_one_that_cannot_be_evaluated() -> None:
    lines = (
        txt("bad.example.net", "v=spf1 ipv4:203.0.113.1 -all"),
        txt("p.example.net", "v=spf1 ip4:192.0.2.0/24 -all"),
    )
    made = await edit(txt(DOMAIN, "v=spf1 include:bad.example.net include:p.example.net -all"), *lines)
    assert made is not None
    assert made.record == "v=spf1 include:p.example.net include:bad.example.net -all"
    assert [shift.addresses for shift in made.begins] == ["192.0.2.0/24"]
    assert [note for note in made.notes if "for other addresses this stays" in note]


@pytest.mark.parametrize(
    ("lines", "record"),
    [
        # What nobody passed over before may be missing for everybody else: nobody behind it is to be brought to an error.
        (
            [
                "v=spf1 include=%{i}._x.example.org ip4:203.0.113.0/24 -all",
                txt("192.0.2.1._x.example.org", "v=spf1 +all"),
            ],
            "v=spf1 ip4:192.0.2.1 include=%{i}._x.example.org ip4:203.0.113.0/24 -all",
        ),
        (
            [
                "v=spf1 include=%{h}._h.example.org ip4:203.0.113.0/24 -all",
                txt(f"{HELO}._h.example.org", "v=spf1 ip4:192.0.2.1 -all"),
            ],
            "v=spf1 ip4:192.0.2.1 include=%{h}._h.example.org ip4:203.0.113.0/24 -all",
        ),
        # exists that matches nobody is a void lookup, and ptr may be one: with two more the third is an error.
        *(
            (
                [
                    f"v=spf1 {term} include=p.example.net ip6:2001:db8::/32 -all",
                    txt("p.example.net", "v=spf1 a:h1.example.org a:h2.example.org -all"),
                    "h1.example.org. A 192.0.2.1",
                    "h2.example.org. A 192.0.2.2",
                ],
                f"v=spf1 ip4:192.0.2.1 {term} include=p.example.net ip6:2001:db8::/32 -all",
            )
            for term in ("exists:%{i}._al.example.org", "ptr:example.org")
        ),
        # Whoever may choose the name passes by it.
        (["v=spf1 a=%{h} -all", f"{HELO}. A 192.0.2.1"], "v=spf1 a=%{h} ip4:192.0.2.1 -all"),
    ],
)
async def test_what_cannot_be_listed_is_expected_at_its_worst(lines: list[str], record: str) -> None:
    made = await edit(txt(DOMAIN, lines[0]), *lines[1:])
    assert made is not None
    assert made.record == record, made.reason


async def test_why_a_misspelling_is_left_is_said() -> None:
    made = await edit(txt(DOMAIN, "v=spf1 include=open.example.net -all"), txt("open.example.net", "v=spf1 +all"))
    assert made is not None
    assert made.record == "v=spf1 ip4:192.0.2.1 include=open.example.net -all"
    assert [each for each in made.notes if "0.0.0.0/0" in each]


async def test_where_the_helo_name_leads_to_no_record_none_is_advised() -> None:
    made = await edit(txt(DOMAIN, "v=spf1 redirect=%{h}._h.example.org"))
    assert made is not None
    assert made.record is None
    assert f"{HELO}._h.example.org" in (made.reason or "")
