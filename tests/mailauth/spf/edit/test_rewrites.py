"""What stands in the way of a shorter or a flat record: a fault that comes first, everybody, an answer that is missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpprobe.mailauth.dns.rewriting import NO_SUCH_NAME
from smtpprobe.mailauth.spf import published
from smtpprobe.mailauth.spf.edit.mended import mended
from smtpprobe.mailauth.spf.edit.repair import strings
from smtpprobe.mailauth.spf.edit.rewrites import with_rewrites
from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.model.evidence.spf import SpfRecordEvidence
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.test_check_host import txt

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PROVIDER = txt("p.example", "v=spf1 ip4:198.51.100.0/24 -all")
HOST = "host.example. A 192.0.2.4"
MADE_UP = f"{NO_SUCH_NAME}. A 192.0.2.4"
NO_DOT = "example.org. MX 10 mx.example.org.example.org."
OPEN = txt("open.example", "v=spf1 +all")
HALVES = "low.example. A 8.8.8.8\nhigh.example. A 192.0.2.1"


async def rewritten(*lines: str, flatten_at: datetime | None = NOW) -> SpfRecordEvidence:
    resolver = zone_resolver("\n".join(lines) + "\n")
    evidence = await published(resolver, "example.org")
    linted = await lint_for_everyone(resolver, "example.org")
    made = await with_rewrites(
        resolver, evidence, await mended(resolver, "example.org"), is_open=linted.is_open, flatten_at=flatten_at
    )
    await resolver.aclose()
    return made


@pytest.mark.parametrize(
    ("record", "lines", "reason"),
    [
        ("v=spf1 a:host.example include:open.example -all", (HOST, OPEN), "everybody passes, whoever sends: first"),
        ("v=spf1 a:host.example +all", (HOST,), "everybody passes, whoever sends: first"),
        ("v=spf1 a:low.example/1 a:high.example/1 -all", (HALVES,), "everybody passes, whoever sends: first"),
        ("v=spf1 a:host.example a:%{h} -all", (HOST,), "everybody passes, whoever sends: first"),
        ("v=spf1 -all a:host.example", (HOST,), "publish the record that is put right first"),
        ("v=spf1 mx:host.example include:p.example -all", (HOST, PROVIDER), "put mx:host.example right first"),
        ("v=spf1 include:gone.example -all", (";! SERVFAIL gone.example TXT",), "DNS did not answer"),
        ("v=spf1 a:host.example ip4:192.0.2.1 -all", (HOST, MADE_UP), "through this resolver"),
        ("v=spf1 mx ip4:192.0.2.1 -all", ("example.org. MX 10 host.example.", HOST, MADE_UP), "addresses of mx are"),
        ("v=spf1 include:h.example -all", (txt("h.example", "v=spf1 a:host.example"), HOST, MADE_UP), "this resolver"),
        ("v=spf1 exists:host.example -all", (HOST, MADE_UP), "through this resolver"),
        (
            "v=spf1 mx -all",
            (NO_DOT, "mx.example.org. A 192.0.2.4"),
            "it lets nobody pass: first put right what it names (mx)",
        ),
    ],
)
async def test_neither_is_proposed_before_a_fault_is_put_right(
    record: str, lines: tuple[str, ...], reason: str
) -> None:
    made = await rewritten(txt("example.org", record), *lines)
    assert made.flattened is not None
    assert not made.flattened.records
    assert reason in (made.flattened.reason or "")
    assert made.shorter is None or not made.shorter.records
    assert made.shorter_below == ()


async def test_a_resolver_that_makes_up_other_addresses_is_trusted() -> None:
    elsewhere = f"{NO_SUCH_NAME}. A 198.51.100.9"
    made = await rewritten(txt("example.org", "v=spf1 a:host.example -all"), HOST, elsewhere)
    assert made.made_up == ()
    assert made.flattened is not None
    assert [each.record for each in made.flattened.records] == ["v=spf1 ip4:192.0.2.4 -all"]


@pytest.mark.parametrize("term", ["mx", "a:alias.example.org"])
async def test_a_term_that_only_a_missing_final_dot_keeps_from_matching_stays(term: str) -> None:
    lines = (NO_DOT, "mx.example.org. A 192.0.2.4", "alias.example.org. CNAME mx.example.org.example.org.")
    made = await rewritten(txt("example.org", f"v=spf1 {term} a:gone.example ip4:198.51.100.1 -all"), *lines)
    assert made.shorter is not None
    assert [each.record for each in made.shorter.records] == [f"v=spf1 {term} ip4:198.51.100.1 -all"]


async def test_a_record_over_a_limit_is_flattened_beside_what_is_put_right() -> None:
    many = [txt(f"i{number}.example", f"v=spf1 ip4:192.0.2.{number} -all") for number in range(10)]
    record = "v=spf1 " + " ".join(f"include:i{number}.example" for number in (*range(10), 0)) + " -all"
    made = await rewritten(txt("example.org", record), *many)
    assert made.mended is not None
    assert made.mended.record is not None
    assert made.shorter is None
    assert made.flattened is not None
    assert [each.record for each in made.flattened.records] == ["v=spf1 ip4:192.0.2.0/29 ip4:192.0.2.8/31 -all"]


async def test_networks_are_the_remedy_where_nothing_else_is() -> None:
    hosts = [
        line
        for number in range(11)
        for line in (f"example.org. MX 1 h{number}.example.", f"h{number}.example. A 192.0.2.{number}")
    ]
    made = await rewritten(txt("example.org", "v=spf1 mx -all"), *hosts)
    assert made.mended is None
    assert made.flattened is not None
    assert made.flattened.records[0].record == "v=spf1 ip4:192.0.2.0/29 ip4:192.0.2.8/31 ip4:192.0.2.10 -all"
    made = await rewritten(txt("example.org", "v=spf1 mx -all"), *hosts, flatten_at=None)
    assert made.flattened is None
    assert made.mended is not None
    assert "only networks in the place of names" in (made.mended.reason or "")
    made = await rewritten(txt("example.org", "v=spf1 mx ip4:192.0.2.0/24 -all"), *hosts, flatten_at=None)
    assert made.mended is None
    assert made.shorter is not None
    assert made.shorter.records[0].record == "v=spf1 ip4:192.0.2.0/24 -all"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((txt("example.org", "v=spf1 include p.example ip:192.0.2.9 -all"), PROVIDER),
         "publish the record that is put right first"),
        ((txt("example.org", "v=spf1 a:host.example -all"), txt("example.org", "v=spf1 -all"), HOST),
         "publish the record that is put right first"),
        ((txt("example.org", "no record"),), "example.org has no SPF record"),
        ((";! SERVFAIL example.org TXT",), "DNS did not answer"),
        ((f"example.org. TXT {' '.join(strings('v=spf1' + ' ip4:192.0.2.1' * 301 + ' a:host.example -all'))}", HOST),
         "the record has too many terms to look at each of them"),
        ((txt("example.org", "v=spf1 a:host.example " + "?" * 3 + "foo:bar/baz -all"), HOST), ""),
    ],
)  # fmt: skip
async def test_flattening_that_was_asked_for_is_never_passed_over(lines: tuple[str, ...], reason: str) -> None:
    made = await rewritten(*lines)
    assert made.flattened is not None
    assert made.flattened.records or reason in (made.flattened.reason or "")
    assert made.flattened.records or made.flattened.reason
    assert (await rewritten(*lines, flatten_at=None)).flattened is None


@pytest.mark.parametrize(
    ("record", "lines", "terms"),
    [
        ("v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.1 -all", (), ["ip4:192.0.2.1"]),
        ("v=spf1 -include:open.example ip4:192.0.2.1 ?all", (OPEN,), ["ip4:192.0.2.1"]),
        ("v=spf1 ~a:host.example mx -all", (HOST, "example.org. MX 5 host.example."), ["mx"]),
        ("v=spf1 ~ip4:198.51.100.0/24 include:p.example -all", (PROVIDER,), ["include:p.example"]),
        ("v=spf1 mx a:gone.example -all", (), ["mx", "a:gone.example"]),
        ("v=spf1 -all", (), []),
        ("v=spf1 redirect=n.example", (txt("n.example", "v=spf1 -all"),), []),
        ("v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 -all", (), []),
        ("v=spf1 exists:%{i}.l.example -all", (), []),
        ("v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.1 ip6:2001:db8::1 -all", (), []),
    ],
)
async def test_a_record_in_which_nobody_passes_is_put_right_before_it_is_made_shorter(
    record: str, lines: tuple[str, ...], terms: list[str]
) -> None:
    made = await rewritten(txt("example.org", record), *lines, flatten_at=None)
    assert list(made.passing_nobody) == terms
    if terms:
        assert made.shorter is not None
        assert made.shorter.records == ()
        assert "it lets nobody pass: first put right" in (made.shorter.reason or "")
