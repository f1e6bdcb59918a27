"""A record as it was meant, whoever asks: what is put right, who begins to pass, and where nothing is proposed."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf.edit.mended import mended
from smtpprobe.mailauth.spf.lint.families import lint_for_everyone
from smtpprobe.mailauth.spf.published import published
from smtpprobe.model.evidence.spf import SpfEdit
from smtpprobe.model.words import AuthResult
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.spf.test_check_host import txt

DOMAIN = "example.org"
PROVIDER = txt("a.example.net", "v=spf1 ip4:198.51.100.0/24 -all")


async def put_right(*lines: str) -> SpfEdit | None:
    """What is proposed; a record that is proposed is published, and then nothing is left to be put right."""
    resolver = zone_resolver("\n".join(lines) + "\n")
    made = await mended(resolver, DOMAIN)
    await resolver.aclose()
    if made is not None and made.record is not None:
        kept = [line for line in lines if not (line.startswith(f"{made.owner}. TXT") and "spf" in line.lower())]
        after = zone_resolver("\n".join([*kept, f"{made.owner}. TXT {' '.join(made.strings)}"]) + "\n")
        found = await published(after, DOMAIN)
        assert (found.result, found.lookups_used) == (made.result, made.lookups_used)
        assert made.owner != DOMAIN or found.record == made.record
        assert await mended(after, DOMAIN) is None
        assert not (await lint_for_everyone(after, DOMAIN)).is_open
        await after.aclose()
        assert made.stops == () or made.closes
    return made


@pytest.mark.parametrize(
    ("lines", "record", "begins"),
    [
        ([txt(DOMAIN, "v=spf1 ipv4:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all", ["192.0.2.1"]),
        ([txt(DOMAIN, "v=spf1ip4:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all", ["192.0.2.1"]),
        (
            [txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all"), txt(DOMAIN, "v=spf1 ip4:192.0.2.3 ~all")],
            "v=spf1 ip4:192.0.2.1 ip4:192.0.2.3 ~all",
            ["192.0.2.1", "192.0.2.3"],
        ),
        ([txt(DOMAIN, "v=spf1 -all ip4:192.0.2.1")], "v=spf1 ip4:192.0.2.1 -all", ["192.0.2.1"]),
        (
            [txt(DOMAIN, "v=spf1 ip4:192.0.2.1 include:no.example.net ip4:192.0.2.3 -all")],
            "v=spf1 ip4:192.0.2.1 ip4:192.0.2.3 -all",
            ["192.0.2.3"],
        ),
        (
            [txt(DOMAIN, "v=spf1 include:a.example.net include:example.org -all"), PROVIDER],
            "v=spf1 include:a.example.net -all",
            [],
        ),
        (
            [
                txt(DOMAIN, "v=spf1 a:x.example.net a:y.example.net a:z.example.net include:a.example.net -all"),
                PROVIDER,
            ],
            "v=spf1 include:a.example.net -all",
            ["198.51.100.0/24"],
        ),
        # two records that need more lookups together than are allowed
        (
            [
                txt(DOMAIN, "v=spf1 " + " ".join(f"include:i{n}.a.test" for n in range(6)) + " -all"),
                txt(DOMAIN, "v=spf1 " + " ".join(f"include:i{n}.a.test" for n in range(6, 12)) + " -all"),
                *(txt(f"i{n}.a.test", f"v=spf1 ip4:198.51.100.{2 * n} -all") for n in range(12)),
            ],
            "v=spf1 ip4:198.51.100.0 ip4:198.51.100.2 "
            + " ".join(f"include:i{n}.a.test" for n in range(2, 12))
            + " -all",
            [f"198.51.100.{2 * n}" for n in range(12)],
        ),
        ([txt(f"_spf.{DOMAIN}", "v=spf1 ip4:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all", ["192.0.2.1"]),
        ([txt(DOMAIN, "v=spf1 ip6:::ffff:192.0.2.1 -all")], "v=spf1 ip4:192.0.2.1 -all", ["192.0.2.1"]),
        ([txt(DOMAIN, "v=spf1 ip4:192.0.2.1 all;")], "v=spf1 ip4:192.0.2.1 ~all", ["192.0.2.1"]),
    ],
)
async def test_what_is_put_right(lines: list[str], record: str, begins: list[str]) -> None:
    made = await put_right(*lines)
    assert made is not None
    assert made.record == record
    assert [each.addresses for each in made.begins] == begins
    assert made.changes
    assert made.result in (AuthResult.FAIL, AuthResult.SOFTFAIL)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [txt(DOMAIN, "unrelated")],
        [txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all")],
        [txt(DOMAIN, "v=spf1 include:a.example.net ~all"), PROVIDER],
        [txt(DOMAIN, "v=spf1 redirect=a.example.net"), PROVIDER],
        [txt(DOMAIN, "v=spf1 a exists:%{i}.example.net ?all"), f"{DOMAIN}. A 192.0.2.9"],
    ],
)
async def test_nothing_is_to_be_put_right(lines: list[str]) -> None:
    assert await put_right(*lines) is None


@pytest.mark.parametrize(
    "lines",
    [
        [txt(DOMAIN, "v=spf1 include:a.example.net -all"), txt("a.example.net", "v=spf1 moo -all")],
        [
            txt(DOMAIN, "v=spf1 " + " ".join(f"include:i{n}.a.test" for n in range(11)) + " -all"),
            *(txt(f"i{n}.a.test", f"v=spf1 ip4:198.51.100.{n} -all") for n in range(11)),
        ],
    ],
)
async def test_what_is_not_the_records_own_fault_is_told_and_no_record_advised(lines: list[str]) -> None:
    made = await put_right(*lines)
    assert made is not None
    assert made.record is None
    assert made.reason


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        ("include:no.example.net -all", "include:no.example.net"),
        ("ip4:192.0.2.0/33 ip6:2001:db8::/129 -all", "ip4:192.0.2.0/33, ip6:2001:db8::/129"),
        ("exists:%{c}._spf.example.org -all", "exists:%{c}._spf.example.org"),
        ("ip4:192.0.2.1/192.0.2.5 -all", "ip4:192.0.2.1/192.0.2.5"),
        ("-ip4:192.0.2.0/24 moo -all", "moo"),
    ],
)
async def test_where_nothing_is_left_that_permits_no_refusal_of_everybody_is_proposed(written: str, terms: str) -> None:
    made = await put_right(txt(DOMAIN, f"v=spf1 {written}"))
    assert made is not None
    assert made.record is None
    assert f"({terms})" in (made.reason or "")


@pytest.mark.parametrize(
    ("written", "meant"), [("include:no.example.net ~all", "~all"), ("-al", "-all"), ("-ip4:192.0.2.256 -all", "-all")]
)
async def test_where_nobody_is_left_it_is_said(written: str, meant: str) -> None:
    made = await put_right(txt(DOMAIN, f"v=spf1 {written}"))
    assert made is not None
    assert made.record == f"v=spf1 {meant}"
    assert [each for each in made.notes if "nobody pass" in each]


@pytest.mark.parametrize(
    ("written", "meant", "term"),
    [
        ("-ip4:192.0.2.256 ip4:192.0.2.0/24 -all", "ip4:192.0.2.0/24 -all", "-ip4:192.0.2.256"),
        ("~a:spammer ip4:192.0.2.0/24 ~all", "ip4:192.0.2.0/24 ~all", "~a:spammer"),
    ],
)
async def test_an_exclusion_that_is_left_out_is_told_as_one(written: str, meant: str, term: str) -> None:
    made = await put_right(txt(DOMAIN, f"v=spf1 {written}"))
    assert made is not None
    assert made.record == f"v=spf1 {meant}"
    assert (
        f"what {term} was meant to exclude is not certain: without it, that begins to pass if another term permits it"
        in (made.notes)
    )


@pytest.mark.parametrize(
    ("lines", "record", "begins"),
    [
        (
            [txt(DOMAIN, "v=spf1 redirect=a.example.net -all"), PROVIDER],
            "v=spf1 redirect=a.example.net",
            ["198.51.100.0/24"],
        ),
        (
            [txt(DOMAIN, "v=spf1 mx:mail.example.org -all"), "mail.example.org. A 192.0.2.30"],
            "v=spf1 a:mail.example.org -all",
            ["192.0.2.30"],
        ),
        (
            [
                txt(DOMAIN, "v=spf1 mx mx:mail.example.org -all"),
                f"{DOMAIN}. MX 10 mail.example.org.",
                "mail.example.org. A 192.0.2.30",
            ],
            "v=spf1 mx a:mail.example.org -all",
            [],
        ),
    ],
)
async def test_what_evaluates_and_was_not_meant_so_is_put_right(
    lines: list[str], record: str, begins: list[str]
) -> None:
    made = await put_right(*lines)
    assert made is not None
    assert made.record == record
    assert [each.addresses for each in made.begins] == begins


@pytest.mark.parametrize(
    "lines",
    [
        # The record names others: the redirect= may be what was forgotten in it.
        [txt(DOMAIN, "v=spf1 ip4:192.0.2.1 redirect=a.example.net -all"), PROVIDER],
        [txt(DOMAIN, "v=spf1 redirect=no.example.net -all")],
        [txt(DOMAIN, "v=spf1 redirect=open.example.net -all"), txt("open.example.net", "v=spf1 +all")],
        [txt(DOMAIN, "v=spf1 mx:mail.example.net -all"), "mail.example.net. A 192.0.2.30"],
    ],
)
async def test_what_is_not_certain_stays(lines: list[str]) -> None:
    made = await put_right(*lines)
    assert made is None or made.record is None


async def test_the_record_below_the_domain_that_has_the_fault_is_put_right() -> None:
    own = txt(DOMAIN, f"v=spf1 include:_spf.{DOMAIN} -all")
    resolver = zone_resolver("\n".join([own, txt(f"_spf.{DOMAIN}", "v=spf1 ipv4:192.0.2.1 -all")]) + "\n")
    made = await mended(resolver, DOMAIN)
    await resolver.aclose()
    assert made is not None
    assert (made.owner, made.record) == (f"_spf.{DOMAIN}", "v=spf1 ip4:192.0.2.1 -all")
    assert [shift.addresses for shift in made.begins] == ["192.0.2.1"]


@pytest.mark.parametrize(("name", "is_own"), [(f"_spf.{DOMAIN}", True), (DOMAIN, True), ("_spf.example.net", False)])
async def test_the_record_beside_the_domain_is_put_right_where_it_is_the_owners(name: str, is_own: bool) -> None:
    below = f"news.{DOMAIN}"
    resolver = zone_resolver(
        "\n".join([txt(below, f"v=spf1 include:{name} -all"), txt(name, "v=spf1 ipv4:192.0.2.1 -all")]) + "\n"
    )
    made = await mended(resolver, below)
    await resolver.aclose()
    assert made is not None
    assert (made.owner, made.record) == ((name, "v=spf1 ip4:192.0.2.1 -all") if is_own else (below, None))


async def test_a_record_that_lets_nearly_everybody_pass_is_not_proposed() -> None:
    made = await put_right(txt(DOMAIN, "v=spf1 include:a.example.net, -all"), txt("a.example.net", "v=spf1 +all"))
    assert made is not None
    assert made.record is None
    assert "nearly everybody" in (made.reason or "")


async def test_nobody_is_silenced() -> None:
    """Moved behind the exclusion, +all would no longer let its address pass: the record stays as it is."""
    assert await put_right(txt(DOMAIN, "v=spf1 +all -ip4:192.0.2.1")) is None
    softly = await put_right(txt(DOMAIN, "v=spf1 ?all -ip4:192.0.2.1"))
    assert softly is not None
    assert softly.record == "v=spf1 -ip4:192.0.2.1 ?all"


OTHERS = txt("x.example.net", "v=spf1 ip4:192.0.2.2 -all")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("all ip4:192.0.2.1 include:x.example.net -all", "ip4:192.0.2.1 include:x.example.net -all"),
        ("+all ip4:192.0.2.1 -all", "ip4:192.0.2.1 -all"),
        ("ip4:192.0.2.1 +all include:x.example.net ~all", "ip4:192.0.2.1 include:x.example.net ~all"),
        ("all ip4:192.0.2.1 ?all", "ip4:192.0.2.1 ?all"),
        ("all ip4:192.0.2.1 ~all -ip4:192.0.2.7 -all", "-ip4:192.0.2.7 ip4:192.0.2.1 -all"),
        ("all ip4:192.0.2.1 -all exp=e.example.org", "ip4:192.0.2.1 -all exp=e.example.org"),
    ],
)
async def test_an_all_that_comes_too_early_and_lets_everybody_pass_gives_way_to_the_strictest(
    written: str, meant: str
) -> None:
    made = await put_right(txt(DOMAIN, f"v=spf1 {written}"), OTHERS)
    assert made is not None
    assert made.record == f"v=spf1 {meant}"
    assert made.closes
    assert made.begins == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("?all include:x.example.net -all", "include:x.example.net -all"),
        ("~all ip4:192.0.2.1 -all", "ip4:192.0.2.1 ~all"),
        ("-all ip4:192.0.2.1 ?all", "ip4:192.0.2.1 -all"),
        ("?all ip4:192.0.2.1 +all", "ip4:192.0.2.1 ?all"),
    ],
)
async def test_of_several_all_the_one_in_effect_is_kept_if_it_fails_else_the_strictest(
    written: str, meant: str
) -> None:
    made = await put_right(txt(DOMAIN, f"v=spf1 {written}"), OTHERS)
    assert made is not None
    assert made.record == f"v=spf1 {meant}"
    assert not made.closes


@pytest.mark.parametrize(
    "written",
    [
        "all ip4:192.0.2.1",
        "+all ip4:192.0.2.1 all",
        "+all -all",
        "+all -ip4:192.0.2.1 -all",
        "+all include:open.example.net -all",
        "all ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all",
        "all ip4:192.0.2.1 ip6:::/0 -all",
        "include:open.example.net -all ip4:192.0.2.1",
    ],
)
async def test_a_record_that_lets_everybody_pass_or_nobody_is_not_what_was_meant(written: str) -> None:
    assert await put_right(txt(DOMAIN, f"v=spf1 {written}"), txt("open.example.net", "v=spf1 +all")) is None
