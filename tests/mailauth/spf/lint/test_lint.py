"""Lint of records: each id shown by a record that has the fault and by none that has not."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpprobe.checks.spf.findings import BY_ID
from smtpprobe.mailauth.spf.lint.terms import answer_octets, lint_included, lint_record, lint_texts
from smtpprobe.mailauth.spf.lint.walk import MAX_ADDRESSES, MAX_LINTS, MAX_RECORDS, lint
from smtpprobe.mailauth.spf.spelling.version import look_alike
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.evidence.spf import SpfLint
from smtpprobe.net.resolver import RunResolver
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.test_check_host import txt

DOMAIN = "example.org"


@pytest.mark.parametrize(
    ("text", "name", "meant"),
    [
        ("v=spf1 -all", None, None),
        ("V=SPF1", None, None),
        ("unrelated v=spf12", None, None),
        (" v=spf1 -all", "spf-leading-space", "v=spf1 -all"),
        ("\u200bv=spf1 -all", "spf-leading-space", "v=spf1 -all"),
        ('"v=spf1 -all"', "spf-quoted", "v=spf1 -all"),
        ("\u201cv=spf1 -all\u201d", "spf-quoted", "v=spf1 -all"),
        ("v=spf1-all", "spf-version-malformed", "v=spf1 -all"),
        ("v=spf1;ip4:192.0.2.1 -all", "spf-version-malformed", "v=spf1 ip4:192.0.2.1 -all"),
        ("v=spf1\t-all", "spf-version-malformed", "v=spf1 -all"),
        ("v = spf1 -all", "spf-version-malformed", "v=spf1 -all"),
        ("v=spf 1 a -all", "spf-version-malformed", "v=spf1 a -all"),
        ("spf1 a -all", "spf-version-malformed", "v=spf1 a -all"),
        ("v=spf10 -all", "spf-version-unknown", "v=spf1 -all"),
        ("v=spf2 -all", "spf-version-unknown", "v=spf1 -all"),
        ("spf2.0/mfrom,pra -all", "spf-sender-id", None),
        ("site-check=1 v=spf1 -all", "spf-version-misplaced", None),
    ],
)
def test_look_alikes(text: str, name: str | None, meant: str | None) -> None:
    found = look_alike(text)
    assert (found and found[0], found and found[2]) == (name, meant)


@pytest.mark.parametrize(
    ("record", "name", "term"),
    [
        ("v=spf1 a", "spf-all-missing", None),
        ("v=spf1 a ?all", "spf-all-neutral", "?all"),
        ("v=spf1 a all", "spf-all-pass", "all"),
        ("v=spf1 a -all ~all", "spf-all-repeated", "~all"),
        ("v=spf1 -all a mx", "spf-after-all", "a"),
        ("v=spf1 redirect=example.net -all", "spf-redirect-ignored", "redirect=example.net"),
        ("v=spf1 -all", "spf-parked", None),
        ("v=spf1 ptr:example.org -all", "spf-ptr-used", "ptr:example.org"),
        ("v=spf1 ip4:192.0.2.0/08 -all", "spf-leading-zero", "ip4:192.0.2.0/08"),
        ("v=spf1 a//064 -all", "spf-leading-zero", "a//064"),
        ("v=spf1 ip4:2001:db8::1 -all", "spf-wrong-family", "ip4:2001:db8::1"),
        ("v=spf1 ip6:192.0.2.0/24 -all", "spf-wrong-family", "ip6:192.0.2.0/24"),
        ("v=spf1 a:mail -all", "spf-not-fqdn", "a:mail"),
        ("v=spf1 mx:mail.lan -all", "spf-target-local", "mx:mail.lan"),
        ("v=spf1 ip4:192.0.2.1include:example.net -all", "spf-terms-run-together", "ip4:192.0.2.1include:example.net"),
        ("v=spf1 include:example.net-all", "spf-terms-run-together", "include:example.net-all"),
        ('v=spf1 include:example.net" "a -all', "spf-quoted", 'include:example.net"'),
        ("v=spf1 moo=cow -all", "spf-modifier-unknown", "moo=cow"),
        ("v=spf1 include=example.net -all", "spf-mechanism-as-modifier", "include=example.net"),
        ("v=spf1 ip6:::/0 -all", "spf-network-everything", "ip6:::/0"),
        ("v=spf1 ?ip4:0.0.0.0/0 a -all", "spf-after-everything", "a"),
        ("v=spf1 a/0 mx -all", "spf-after-everything", "mx"),
        ("v=spf1 ip4:12.0.0.0/15 -all", "spf-network-wide", "ip4:12.0.0.0/15"),
        ("v=spf1 ip6:2600::/31 -all", "spf-network-wide", "ip6:2600::/31"),
        ("v=spf1 ip4:10.1.2.3 -all", "spf-private-address", "ip4:10.1.2.3"),
        ("v=spf1 ip6:fe80::1 -all", "spf-private-address", "ip6:fe80::1"),
        ("v=spf1 ip4:192.0.2.1/24 -all", "spf-host-bits", "ip4:192.0.2.1/24"),
        ("v=spf1 mx +mx -all", "spf-term-repeated", "+mx"),
        ("v=spf1 " + "ip4:192.0.2.1 " * 32 + "-all", "spf-record-long", None),
    ],
)
def test_one_fault(record: str, name: str, term: str | None) -> None:
    found = {each.id: each for each in reversed(list(lint_record(DOMAIN, record)))}
    assert name in found
    assert found[name].term == term
    if term is not None:
        at = found[name].position
        assert at is not None
        assert record[at : at + len(term)] == term
        assert term in found[name].message or name == "spf-terms-run-together"


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a mx:example.net/24//64 include:_spf.example.net ~all",
        "v=spf1 ip4:12.0.0.0/16 -ip4:12.0.0.0/8 -all",
        "v=spf1 exists:%{ir}.include.example.org redirect=ip4.example.net exp=all.example.org ra=postmaster",
        "v=spf1 include:spf-all.example.org a:include.example.org -all exp=x.example.org",
        "v=spf1 redirect=example.net",
    ],
)
def test_good_records_are_left_alone(record: str) -> None:
    assert [each.id for each in lint_record(DOMAIN, record)] == []
    assert list(lint_texts(DOMAIN, [record])) == []


def test_report_modifiers_of_included_records() -> None:
    found = list(lint_included(DOMAIN, "v=spf1 ra=x rp=10 a rr=all -all"))
    assert [each.term for each in found] == ["ra=x", "rp=10", "rr=all"]


@pytest.mark.parametrize(("extra", "stated"), [(0, False), (1, True)])
def test_the_answer_is_too_large_at_513_octets(extra: int, stated: bool) -> None:
    fill = "x" * (512 - answer_octets(DOMAIN, ["v=spf1 -all", "x" * 256]) + 256)
    texts = ["v=spf1 -all", fill + "x" * extra]
    assert answer_octets(DOMAIN, texts) == 512 + extra
    assert ("spf-answer-large" in [each.id for each in lint_texts(DOMAIN, texts)]) is stated


def test_octets_of_an_answer_are_those_of_the_message() -> None:
    import dns.message
    import dns.rrset

    texts = ["v=spf1 -all", "y" * 300, ""]
    query = dns.message.make_query(DOMAIN, "TXT")
    reply = dns.message.make_response(query)
    quoted = ['"v=spf1 -all"', '"' + "y" * 255 + '" "' + "y" * 45 + '"', '""']
    reply.answer.append(dns.rrset.from_text(f"{DOMAIN}.", 60, "IN", "TXT", *quoted))
    assert answer_octets(DOMAIN, texts) == len(reply.to_wire())


async def linted(*lines: str) -> tuple[list[SpfLint], int | None]:
    resolver = zone_resolver("\n".join(lines) + "\n")
    found = await lint(resolver, DOMAIN)
    await resolver.aclose()
    assert len(found.lookups) == len(set(found.lookups))
    assert {each.id for each in found.lint} <= set(BY_ID)
    return list(found.lint), found.lookups_needed


NET = "include:a.example.net"


@pytest.mark.parametrize(
    ("lines", "expected", "needed"),
    [
        ([txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all")], [], 0),
        ([], [], None),
        ([txt("_spf.example.org", "v=spf1 -all")], [("spf-wrong-name", None)], None),
        ([txt(DOMAIN, f"v=spf1 {NET} -all"), txt("a.example.net", "v=spf1 a mx ?all")], [], 3),
        ([txt(DOMAIN, f"v=spf1 {NET} -all")], [("spf-include-missing", NET)], 1),
        (
            [txt(DOMAIN, f"v=spf1 {NET} -all"), txt("a.example.net", "v=spf1 ra=x -all")],
            [("spf-report-modifier-included", "ra=x")],
            1,
        ),
        ([txt(DOMAIN, "v=spf1 include:example.org -all")], [("spf-include-self", "include:example.org")], 1),
        ([txt(DOMAIN, "v=spf1 redirect=example.org")], [("spf-redirect-loop", "redirect=example.org")], 1),
        (
            [txt(DOMAIN, f"v=spf1 {NET} -all"), txt("a.example.net", "v=spf1 include:example.org -all")],
            [("spf-include-loop", "include:example.org")],
            2,
        ),
        (
            [
                txt(DOMAIN, f"v=spf1 {NET} include:b.example.net -all"),
                txt("a.example.net", "v=spf1 include:b.example.net -all"),
                txt("b.example.net", "v=spf1 exists:%{i}.example.net -all"),
            ],
            [("spf-include-repeated", "include:b.example.net")],
            5,
        ),
        (
            [txt(DOMAIN, f"v=spf1 {NET} -all"), txt("a.example.net", "v=spf1 -all"), txt("a.example.net", "v=spf1")],
            [("spf-multiple-records", NET)],
            1,
        ),
        (
            [txt(DOMAIN, f"v=spf1 {NET} -all"), txt("a.example.net", "v=spf1 moo")],
            [("spf-syntax-error", None)],
            1,
        ),
        (
            [txt(DOMAIN, "v=spf1 include:_spf.example.org -all"), txt("_spf.example.org", "v=spf1 ptr")],
            [("spf-ptr-used", "ptr")],
            2,
        ),
        (
            [txt(DOMAIN, "v=spf1 redirect=example.net"), txt("example.net", "v=spf1 ptr")],
            [("spf-all-missing", None), ("spf-ptr-used", "ptr")],
            2,
        ),
        ([txt(DOMAIN, "v=spf1 a:h.example.net -all")], [("spf-no-address", "a:h.example.net")], 1),
        ([txt(DOMAIN, "v=spf1 a:h.example.net -all"), "h.example.net. AAAA 2001:db8::1"], [], 1),
        ([txt(DOMAIN, "v=spf1 a:h.example.net -all"), ";! SERVFAIL h.example.net *"], [], 1),
        ([txt(DOMAIN, "v=spf1 mx -all")], [("spf-no-address", "mx")], 1),
        ([txt(DOMAIN, "v=spf1 mx -all"), "example.org. MX 1 h.example.net."], [("spf-no-address", "mx")], 1),
        ([txt(DOMAIN, "v=spf1 -all a"), 'example.org. SPF "v=spf1 -all"'], [("spf-after-all", "a"), ("spf-rr-type", None)], 0),
        ([txt(DOMAIN, "v=spf1 -all", ), txt(DOMAIN, "v=spf1 a")], [], None),
        ([";! TIMEOUT example.org TXT"], [], None),
    ],
)  # fmt: skip
async def test_what_a_record_leads_to(
    lines: list[str], expected: list[tuple[str, str | None]], needed: int | None
) -> None:
    found, lookups = await linted(*lines)
    assert sorted((each.id, each.term or "") for each in found) == sorted((name, term or "") for name, term in expected)
    assert lookups == needed


@pytest.mark.parametrize(("count", "stated"), [(10, False), (11, True)])
async def test_more_than_ten_mx_hosts(count: int, stated: bool) -> None:
    hosts = [f"example.org. MX 1 h{n}.example.net.\nh{n}.example.net. A 192.0.2.{n}" for n in range(count)]
    found, _ = await linted(txt(DOMAIN, "v=spf1 ip4:192.0.2.1 mx -all"), *hosts)
    assert [each.id for each in found] == (["spf-too-many-mx-hosts"] if stated else [])


async def test_a_cname_beside_the_record() -> None:
    async def answer(question: Question) -> DnsLookup:
        records = {"TXT": ("v=spf1 a:h.example.net -all",), "CNAME": ("alias.example.net",), "A": ("192.0.2.1",)}
        found = records.get(question.type, ())
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=DnsStatus.ANSWER if found else DnsStatus.NODATA,
            records=found,
        )

    found = await lint(RunResolver(answer), DOMAIN)
    message = "a CNAME to alias.example.net coexists with TXT records"
    assert found.lint == (SpfLint(id="spf-cname-beside-txt", domain=DOMAIN, message=message),)


async def test_the_walk_is_bounded() -> None:
    async def answer(question: Question) -> DnsLookup:
        depth, _, _ = question.name.partition(".")
        number = int(depth[1:]) if depth[1:].isdecimal() else 0
        record = f"v=spf1 include:x{2 * number + 1}.example.net include:x{2 * number + 2}.example.net -all"
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.ANSWER, records=(record,))

    resolver = RunResolver(answer)
    found = await lint(resolver, DOMAIN)
    await resolver.aclose()
    assert len(resolver.lookups) <= MAX_RECORDS + 60 + 2
    assert found.lookups_needed is not None


@pytest.mark.parametrize("mechanism", ["a", "mx"])
async def test_addresses_are_looked_up_for_so_many_names(mechanism: str) -> None:
    record = "v=spf1 " + " ".join(f"{mechanism}:x{number}.example.net" for number in range(1000)) + " -all"

    async def answer(question: Question) -> DnsLookup:
        records = {"TXT": (record,), "MX": tuple(f"1 h{n}.{question.name}" for n in range(9))}.get(question.type, ())
        return DnsLookup(
            name=question.name,
            type=question.type,
            status=DnsStatus.ANSWER if records else DnsStatus.NODATA,
            records=records,
        )

    resolver = RunResolver(answer)
    found = await lint(resolver, DOMAIN)
    await resolver.aclose()
    assert len(resolver.lookups) <= 3 + 60 + 2 * MAX_ADDRESSES
    assert found.lookups_needed == 1000


def test_every_lint_has_a_finding() -> None:
    import re
    from pathlib import Path

    import smtpprobe.mailauth.spf.lint

    folder = Path(smtpprobe.mailauth.spf.lint.__file__).parent
    named = {
        name
        for module in ("walk.py", "terms.py", "families.py", "elsewhere.py", "mx_faults.py")
        for name in re.findall(r'"(spf-[a-z-]+)"', (folder / module).read_text("utf-8"))
    }
    assert len(named) >= 40
    assert named - set(BY_ID) == set()


@pytest.mark.parametrize(
    "text",
    ["v" + " " * 60_000 + "x", " " * 60_000, '"' * 60_000, "v=spf1 " + "moo=x " * 10_000, "v=spf1 " + "x" * 60_000],
)
async def test_long_texts_take_no_longer_than_they_are(text: str) -> None:
    async def answer(question: Question) -> DnsLookup:
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.ANSWER, records=(text,))

    started = time.process_time()
    found = await lint(RunResolver(answer), DOMAIN)
    assert time.process_time() - started < 3
    assert len(found.lint) <= MAX_LINTS


_WORDS = st.lists(
    st.sampled_from(
        ["v=spf1", " ", "a", "mx", "ptr", "all", "include:", "redirect=", "exp=", "exists:", "ip4:192.0.2.1", "ip6:::",
         "%{d}", "%{p}", "example.org", "x.example.net", ".", "/24", "/0", "-", "~", "?", "x", "\x00", "é", '"', ",", ";"]
    )
).map("".join)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=True)
@given(st.lists(st.one_of(_WORDS, st.text(), _WORDS.map("v=spf1 {}".format)), max_size=3))
async def test_any_records_are_linted(texts: list[str]) -> None:
    async def answer(question: Question) -> DnsLookup:
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.ANSWER, records=tuple(texts))

    resolver = RunResolver(answer)
    found = await lint(resolver, DOMAIN)
    await resolver.aclose()
    assert {each.id for each in found.lint} <= set(BY_ID)
    for each in found.lint:
        if each.position:
            assert each.term
            assert any(text[each.position :].startswith(each.term) for text in texts)
