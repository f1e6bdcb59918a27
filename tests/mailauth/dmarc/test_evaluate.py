"""The tree walk, discovery and alignment at their edges; the names are documentation's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dmarc import evaluate
from smtpprobe.mailauth.dmarc.reports import report_destinations
from smtpprobe.mailauth.dmarc.walk import walk_names
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import txt

PASS = "pass"


def records(**by_name: str) -> str:
    return "".join(txt(f"_dmarc.{name.replace('_', '.')}", text) for name, text in by_name.items())


async def evaluated(
    zone: str, author: str, *, spf: tuple[str, ...] = (), dkim: tuple[str, ...] = (), result: str = PASS
) -> DmarcEvidence:
    resolver = zone_resolver(zone)
    try:
        return await evaluate(
            resolver, author, spf=[(domain, result) for domain in spf], dkim=[(domain, result) for domain in dkim]
        )
    finally:
        await resolver.aclose()


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("org", ["org"]),
        ("example.org", ["example.org", "org"]),
        ("a.b.c.d.e.example.org", ["a.b.c.d.e.example.org", "b.c.d.e.example.org", "c.d.e.example.org"]),
        ("a.b.c.d.e.f.example.org", ["a.b.c.d.e.f.example.org", "b.c.d.e.f.example.org"]),
        ("x.a.b.c.d.e.f.example.org", ["x.a.b.c.d.e.f.example.org", "b.c.d.e.f.example.org"]),
    ],
)  # fmt: skip
def test_the_names_of_a_walk(domain: str, names: list[str]) -> None:
    assert list(walk_names(domain))[: len(names)] == names
    assert len(walk_names(domain)) == min(8, domain.count(".") + 1)


R, Q, N = "v=DMARC1; p=reject", "v=DMARC1; p=quarantine", "v=DMARC1; p=none"
TWO = txt("_dmarc.mail.example.org", R, N)
BELOW = "mail.example.org"

# Each: zone, author domain, organizational domain, the record's domain, policy.
DISCOVERIES = [
    ("", "example.org", "example.org", None, None),
    (records(mail_example_org=R), "mail.example.org", "mail.example.org", "mail.example.org", "reject"),
    (records(b_example_org=N, example_org=R), "a.b.example.org", "example.org", "example.org", "reject"),
    (records(mail_example_org=R + "; psd=n", example_org=N), BELOW, BELOW, BELOW, "reject"),
    (records(example=R + "; psd=y; sp=quarantine"), "mail.shop.example", "shop.example", "example", "quarantine"),
    (records(example=R + "; psd=y; sp=none"), "example", "example", "example", "reject"),
    (records(example=R + "; psd=y; np=none"), "ghost.example", "ghost.example", "example", "none"),
    (records(org=R), "example.org", "org", "org", "reject"),
    (records(example_org=Q) + TWO, BELOW, "example.org", "example.org", "quarantine"),
    (txt("_dmarc.example.org", R, N), "example.org", "example.org", None, None),
    (txt("_dmarc.example.org", R, "v=spf1 -all"), "example.org", "example.org", "example.org", "reject"),
    (records(mail_example_org="v=DMARC1; adkim=s", example_org=R), BELOW, "example.org", BELOW, None),
    (records(example_org=R), "MAIL.Example.ORG.", "example.org", "example.org", "reject"),
    (records(example_org=R + "; np=none"), "a" * 64 + ".example.org", "example.org", "example.org", "none"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "author", "organizational", "record_domain", "policy"), DISCOVERIES)
async def test_discovery(
    zone: str, author: str, organizational: str, record_domain: str | None, policy: str | None
) -> None:
    evidence = await evaluated(zone, author)
    assert (evidence.organizational_domain, evidence.record_domain, evidence.policy) == (
        organizational,
        record_domain,
        policy,
    )
    assert evidence.result == ("none" if policy is None else "fail")


@pytest.mark.parametrize(
    ("rest", "exists"),
    [("mail.example.org. MX 10 mx.example.net.\n", True), ("mail.example.org. A 192.0.2.1\n", True),
     ("x.mail.example.org. A 192.0.2.1\n", True), (txt("_dmarc.mail.example.org", "other"), True), ("", False)],
)  # fmt: skip
async def test_whether_the_author_domain_exists(rest: str, exists: bool) -> None:
    evidence = await evaluated(records(example_org=R + "; sp=none; np=quarantine") + rest, "mail.example.org")
    assert evidence.author_domain_exists is exists
    assert evidence.policy == ("none" if exists else "quarantine")


# Each: tags, SPF domains, DKIM domains, result.
ALIGNMENTS = [
    ("", (), (), "fail"),
    ("", ("example.org",), (), "pass"),
    ("", ("bounce.example.org",), (), "pass"),
    ("aspf=s", ("bounce.example.org",), (), "fail"),
    ("aspf=s", ("bounce.example.org",), ("mail.example.org",), "pass"),
    ("adkim=s", (), ("mail.example.org",), "fail"),
    ("adkim=s", (), ("Example.ORG.",), "pass"),
    ("", ("example.net",), ("example.com",), "fail"),
    ("", (), ("example.com", "example.org"), "pass"),
]


@pytest.mark.parametrize(("tags", "spf", "dkim", "result"), ALIGNMENTS)
async def test_alignment(tags: str, spf: tuple[str, ...], dkim: tuple[str, ...], result: str) -> None:
    zone = records(example_org=f"{R}; {tags}")
    assert (await evaluated(zone, "example.org", spf=spf, dkim=dkim)).result == result


@pytest.mark.parametrize("word", ["fail", "softfail", "neutral", "none", "permerror", "policy"])
async def test_only_a_pass_counts(word: str) -> None:
    assert (await evaluated(records(example_org=R), "example.org", spf=("example.org",), result=word)).result == "fail"


async def test_an_identifier_with_its_own_psd_does_not_align() -> None:
    zone = records(example_org=R, mail_example_org=R + "; psd=n")
    assert (await evaluated(zone, "example.org", dkim=("mail.example.org",))).result == "fail"


# Each: the name that fails, the author domain, a signing domain that passes, the result, the policy. What a public suffix
# holds may make an organization of it and all below, which aligns names that are of one organization otherwise, too.
FAILURES = [
    ("_dmarc.example.org", "mail.example.org", "example.org", "temperror", None),
    ("_dmarc.org", "example.org", "example.org", "pass", "reject"),
    ("_dmarc.org", "example.org", "mail.example.org", "pass", "reject"),
    ("_dmarc.org", "mail.example.org", "example.org", "pass", "reject"),
    ("_dmarc.org", "mail.example.org", "news.example.org", "pass", "reject"),
    ("_dmarc.org", "mail.example.org", "example.net", "fail", "reject"),
    ("_dmarc.org", "example.org", "other.org", "temperror", "reject"),
    ("_dmarc.org", "none.net", "none.net", "none", None),
    ("_dmarc.org", "other.org", "other.org", "temperror", None),
    ("_dmarc.a.mail.example.org", "a.mail.example.org", "a.mail.example.org", "temperror", None),
    ("_dmarc.mail.example.org", "a.mail.example.org", "a.mail.example.org", "temperror", None),
    ("_dmarc.mail.example.org", "mail.example.org", "mail.example.org", "temperror", None),
    ("_dmarc.mail.example.org", "example.org", "mail.example.org", "temperror", "reject"),
    ("_dmarc.mail.example.org", "example.org", "example.net", "fail", "reject"),
]


@pytest.mark.parametrize(("name", "author", "signing", "result", "policy"), FAILURES)
async def test_dns_failures(name: str, author: str, signing: str, result: str, policy: str | None) -> None:
    zone = records(example_org=R) + f";! SERVFAIL {name} TXT\n"
    evidence = await evaluated(zone, author, dkim=(signing,))
    assert (evidence.result, evidence.policy) == (result, policy)
    is_asked = (
        name in {query.name for query in evidence.queries} or author.endswith(signing) or signing.endswith(author)
    )
    assert ("SERVFAIL" in (evidence.problem or "")) is (is_asked and result != "none")
    assert ("does not change the result" in (evidence.problem or "")) is (is_asked and result in ("pass", "fail"))


# Each: the name that fails, the author domain, a signing domain, both organizational domains, whether they align.
UNKNOWN: list[tuple[str, str, str, str | None, str | None, bool | None]] = [
    ("_dmarc.org", "example.org", "other.org", None, None, None),
    ("_dmarc.org", "example.org", "sub.other.org", None, None, None),
    ("_dmarc.org", "example.org", "example.org", None, None, True),
    ("_dmarc.org", "example.org", "example.net", None, "example.net", False),
    ("_dmarc.a.example.org", "b.a.example.org", "example.org", None, "example.org", None),
    ("_dmarc.a.example.org", "b.a.example.org", "b.a.example.org", None, None, True),
    ("_dmarc.mail.example.org", "example.org", "mail.example.org", "example.org", None, None),
    ("_dmarc.example.org", "example.org", "mail.example.org", None, None, None),
    ("_dmarc.example.org", "example.org", "example.net", None, "example.net", False),
]


@pytest.mark.parametrize(("name", "author", "signing", "own", "other", "aligned"), UNKNOWN)
async def test_what_hangs_on_a_failure_is_unknown(
    name: str, author: str, signing: str, own: str | None, other: str | None, aligned: bool | None
) -> None:
    zone = records(example_org=R, b_a_example_org=R) + f";! SERVFAIL {name} TXT\n"
    evidence = await evaluated(zone, author, spf=(signing,))
    (one,) = evidence.alignment
    assert (evidence.organizational_domain, one.organizational_domain, one.aligned) == (own, other, aligned)
    assert (one.mode == "unknown") is (name == f"_dmarc.{author}")


# That a registry's record does not replace its customers' is a guess, and so none of these.
HELD = [
    (*row, held)
    for row in FAILURES
    for held in ("", "; psd=y", "; psd=n", "; psd=u; adkim=s")
    if row[3] in ("pass", "fail") and (row[0] != "_dmarc.org" or row[1] == "example.org" or "psd=y" in held)
]


@pytest.mark.parametrize(("name", "author", "signing", "result", "policy", "held"), HELD)
async def test_what_a_failure_does_not_change_it_does_not_change(
    name: str, author: str, signing: str, result: str, policy: str | None, held: str
) -> None:
    zone = records(example_org=R) + txt(name, f"v=DMARC1; p=none{held}")
    evidence = await evaluated(zone, author, dkim=(signing,))
    assert (evidence.result, evidence.policy) == (result, policy)


async def test_a_strict_mismatch_is_no_temperror() -> None:
    zone = records(example_org=R + "; adkim=s") + ";! SERVFAIL _dmarc.mail.example.org TXT\n"
    assert (await evaluated(zone, "example.org", dkim=("mail.example.org",))).result == "fail"


@pytest.mark.parametrize(("np", "result"), [("; np=quarantine", "temperror"), ("; np=reject", "fail"), ("", "fail")])
async def test_existence_matters_only_where_np_does(np: str, result: str) -> None:
    zone = records(example_org=R + np) + ";! TIMEOUT mail.example.org MX\n"
    assert (await evaluated(zone, "mail.example.org")).result == result


async def test_an_aligned_temperror_leaves_the_result_open() -> None:
    zone = records(example_org=R)
    assert (await evaluated(zone, "example.org", spf=("example.org",), result="temperror")).result == "temperror"
    assert (await evaluated(zone, "example.org", spf=("example.net",), result="temperror")).result == "fail"


# Each: zone, author, signing domain, what differs for a receiver of RFC 7489.
OLDER = [
    (records(example_org=R), "example.org", "example.org", None),
    (records(example_org=R), "mail.example.org", "example.org", None),
    ("", "mail.example.org", "example.org", None),
    (records(mail_example_org=R), "mail.example.org", "example.org", ("organizational_domain", "result")),
    (records(example_org=R + "; t=y"), "example.org", "example.org", ("policy",)),
    (records(example_org=R + "; pct=50"), "example.org", "example.org", ("pct",)),
    (records(example_org=N + "; pct=50"), "example.org", "example.org", None),
    (records(example_org=R + "; np=none"), "mail.example.org", "example.org", ("policy",)),
    (records(org=R), "example.org", "example.org", ("organizational_domain", "policy", "result")),
    (records(example_org=Q) + TWO, BELOW, "example.org", ("policy", "result")),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "author", "signing", "differs"), OLDER)
async def test_the_older_standard(zone: str, author: str, signing: str, differs: tuple[str, ...] | None) -> None:
    pytest.importorskip("publicsuffixlist")
    older = (await evaluated(zone, author, dkim=(signing,))).rfc7489
    assert (older.differs if older else None) == differs


async def test_lookups_and_queries_are_those_of_the_walk() -> None:
    resolver = zone_resolver(records(example_org=R), delay_s=0.02)
    evidence = await evaluate(resolver, "mail.example.org", dkim=[("sub.example.org", PASS)])
    await resolver.aclose()
    assert [query.name for query in evidence.queries] == ["_dmarc.mail.example.org", "_dmarc.example.org", "_dmarc.org"]
    names = {lookup.index: lookup.name for lookup in resolver.lookups}
    assert [names[query.lookup] for query in evidence.queries] == [query.name for query in evidence.queries]
    assert {names[index] for index in evidence.lookups} >= {"_dmarc.sub.example.org", "mail.example.org"}
    assert max(lookup.started_s for lookup in resolver.lookups) < 0.02


@pytest.mark.parametrize(
    ("zone", "uri", "external", "accepted"),
    [
        ("", "mailto:a@example.org", False, True),
        (records(example_org=R), "mailto:a@sub.example.org", False, True),
        ("", "mailto:a@example.net", True, False),
        (txt("example.org._report._dmarc.example.net", "v=DMARC1"), "mailto:a@example.net", True, True),
        (txt("*._report._dmarc.example.net", "v=DMARC1;"), "mailto:a@example.net?subject=x", True, True),
        (";! SERVFAIL example.org._report._dmarc.example.net TXT\n", "mailto:a@example.net", True, None),
        ("", "mailto:nobody", False, False),
    ],
)
async def test_report_destinations(zone: str, uri: str, external: bool, accepted: bool | None) -> None:
    resolver = zone_resolver(zone)
    (destination,) = await report_destinations(resolver, "example.org", [uri])
    await resolver.aclose()
    assert (destination.external, destination.accepted) == (external, accepted)


@pytest.mark.parametrize(
    ("zone", "uri", "reachable", "words"),
    [
        ("example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n", "mailto:a@example.org", True, None),
        ("example.org. A 192.0.2.1\n", "mailto:a@example.org", True, None),
        ("example.org. MX 0 .\n", "mailto:a@example.org", False, "null MX"),
        ('example.org. TXT "x"\n', "mailto:a@example.org", False, "neither MX nor address"),
        ("", "mailto:a@gone.example.org", False, "gone.example.org does not exist"),
        (";! SERVFAIL example.org MX\n", "mailto:a@example.org", None, None),
        (";! SERVFAIL example.org MX\nexample.org. A 192.0.2.1\n", "mailto:a@example.org", None, None),
        (";! TIMEOUT example.org MX\nexample.org. AAAA 2001:db8::1\n", "mailto:a@example.org", None, None),
        (";! SERVFAIL example.org A\nexample.org. AAAA 2001:db8::1\n", "mailto:a@example.org", True, None),
        (";! SERVFAIL example.org A\n", "mailto:a@example.org", None, None),
        ("example.org. A 192.0.2.1\n", "https://example.org/r", False, "receivers need to send reports only by mail"),
        ("example.org. A 192.0.2.1\n", "mailto://a@example.org", False, "probably mailto:a@example.org"),
    ],
)
async def test_whether_reports_can_arrive(zone: str, uri: str, reachable: bool | None, words: str | None) -> None:
    resolver = zone_resolver(records(example_org=R) + zone)
    (destination,) = await report_destinations(resolver, "example.org", [uri])
    await resolver.aclose()
    assert destination.reachable is reachable
    assert (words is None) is (destination.problem is None)
    assert (words or "") in (destination.problem or "")


@pytest.mark.parametrize(
    ("zone", "types"),
    [
        ("example.org. MX 10 mx.example.org.\nexample.org. A 192.0.2.1\n", {"MX"}),
        ("example.org. MX 0 .\n", {"MX"}),
        (";! SERVFAIL example.org MX\n", {"MX"}),
        ('example.org. TXT "x"\n', {"MX", "A", "AAAA"}),
        ("example.org. A 192.0.2.1\n", {"MX", "A", "AAAA"}),
    ],
)
async def test_addresses_are_asked_for_only_where_there_is_no_mx(zone: str, types: set[str]) -> None:
    resolver = zone_resolver(zone)
    (destination,) = await report_destinations(resolver, "example.org", ["mailto:a@example.org"])
    await resolver.aclose()
    assert {lookup.type for lookup in resolver.lookups if lookup.name == "example.org"} - {"TXT"} == types
    assert len(destination.lookups) == len(types)


AGREES = "example.org._report._dmarc.example.net"


# Each: the records at the destination, the tag, whether it may be reported to, where to instead.
OVERRIDES = [
    (("v=DMARC1",), "rua", True, ()),
    (("v=DMARC1; rua=mailto:b@example.net",), "rua", True, ("mailto:b@example.net",)),
    (("v=DMARC1; rua=mailto:b@example.net,https://example.net/r",), "rua", True,
     ("mailto:b@example.net", "https://example.net/r")),
    (("v=DMARC1; rua=mailto:b@example.com",), "rua", False, ("mailto:b@example.com",)),
    (("v=DMARC1; rua=mailto:b@example.net,mailto:b@mail.example.net",), "rua", False,
     ("mailto:b@example.net", "mailto:b@mail.example.net")),
    (("v=DMARC1; rua=mailto:b@example.com",), "ruf", True, ()),
    (("v=DMARC1; ruf=mailto:b@example.net",), "ruf", True, ("mailto:b@example.net",)),
    (("v=DMARC1; rua=junk",), "rua", True, ()),
    (("v=spf1 -all", "v=DMARC1"), "rua", True, ()),
    (("v=DMARC1", "v=DMARC1; x=y"), "rua", True, ()),
    (("v=dmarc1",), "rua", False, ()),
    (("verification=1",), "rua", False, ()),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "tag", "accepted", "override"), OVERRIDES)
async def test_what_a_destination_says(
    texts: tuple[str, ...], tag: str, accepted: bool, override: tuple[str, ...]
) -> None:
    resolver = zone_resolver(txt(AGREES, *texts) + "example.net. A 192.0.2.1\n")
    (destination,) = await report_destinations(resolver, "example.org", ["mailto:a@example.net"], tag=tag)
    await resolver.aclose()
    assert (destination.accepted, destination.override) == (accepted, override)
    assert bool(destination.problem) is not accepted


async def test_a_destination_whose_name_of_agreement_is_too_long_has_not_agreed() -> None:
    resolver = zone_resolver("")
    host = ".".join(["x" * 60] * 3) + ".example.net"
    (destination,) = await report_destinations(resolver, f"{'y' * 60}.example.org", [f"mailto:a@{host}"])
    await resolver.aclose()
    assert destination.accepted is False
    assert "253 octets" in (destination.problem or "")


async def test_a_destination_that_is_an_alias_leading_nowhere_shows_it() -> None:
    resolver = zone_resolver(f"{AGREES}. CNAME gone.example.com.")
    (destination,) = await report_destinations(resolver, "example.org", ["mailto:a@example.net"])
    await resolver.aclose()
    assert "an alias (CNAME) of gone.example.com" in (destination.problem or "")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
async def test_any_domain_is_evaluated(author: str, signing: str) -> None:
    assert (await evaluated("", author, dkim=(signing,))).result == "none"
