"""MTA-STS records, policies and their matching (RFC 8461)."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.tls import mta_sts
from smtpprobe.model.evidence.tls import MtaStsEvidence
from smtpprobe.model.fetch import FetchStatus, PolicyFetch, RecordedFetcher, policy_url
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import txt

ZONE = 'example.com. MX 10 mx.example.com.\n_mta-sts.example.com. TXT "v=STSv1; id=1;"\n'
POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"


@pytest.mark.parametrize(
    ("text", "id_", "problem"),
    [
        ("v=STSv1; id=20160831085700Z;", "20160831085700Z", None),
        ("v=STSv1;id=1", "1", None),
        ("v=STSv1 ;\tid=1 ; ", "1", None),
        ("v=STSv1; x-note=a:b; id=1;", "1", None),
        ("v=STSv1; id=1; id=2;", "1", None),
        ("v=STSv1; id=" + "a" * 32, "a" * 32, None),
        ("v=STSv1; id=" + "a" * 33, None, "1 to 32"),
        ("v=STSv1; id=2026-11-22;", None, "letters and digits"),
        ("v=STSv1; id=;", None, "name=value"),
        ("v=STSv1;", None, "id is missing"),
        ("v=STSv1", None, "id is missing"),
        ("v=STSv1;; id=1", None, "empty field"),
        ("v=STSv1; ID=1;", None, "id is missing"),
        ("v=STSv1; id 1;", None, "name=value"),
        ("v=STSv1; id=1; note=a b", None, "name=value"),
        ("v=STSv1;\u00a0id=1", None, "'<U+00A0>id=1' is not a name=value pair; it contains U+00A0 NO-BREAK SPACE"),
        (
            "v=STSv1; id=\u0661",
            None,
            "'id=<U+0661>' is not a name=value pair; it contains U+0661 ARABIC-INDIC DIGIT ONE",
        ),
        ("v=STSv1 id=1", None, "does not begin"),
        ("V=STSv1; id=1", None, "does not begin"),
        ("", None, "does not begin"),
    ],
)
def test_record(text: str, id_: str | None, problem: str | None) -> None:
    found = mta_sts.parse_record(text)
    assert found.id == id_
    assert (problem in (found.problem or "")) if problem else found.problem is None


@pytest.mark.parametrize(
    ("texts", "text", "problem"),
    [
        ([], None, None),
        (["v=spf1 -all", "verification=v=STSv1"], None, None),
        (["v=STSv1; id=1", "v=spf1 -all"], "v=STSv1; id=1", None),
        (["v=STSv1; id=1", "v=STSv1; id=2"], None, "2 records"),
        (["v=STSv1; id=1", "v=STSv2; id=2"], "v=STSv1; id=1", None),
        (["v=STSv1 id=1"], "v=STSv1 id=1", "does not begin"),
        (["v=stsv1; id=1"], "v=stsv1; id=1", "does not begin"),
        (['"v=STSv1; id=1"'], '"v=STSv1; id=1"', "does not begin"),
    ],
)
def test_the_record_among_others(texts: list[str], text: str | None, problem: str | None) -> None:
    found, why = mta_sts.find_record(texts)
    assert found == text
    assert (problem in (why or "")) if problem else why is None


def test_policy() -> None:
    parsed = mta_sts.parse_policy(POLICY)
    assert (parsed.problems, parsed.notes) == ((), ())
    assert parsed.policy.mode == "enforce"
    assert parsed.policy.max_age_s == 604800
    assert parsed.policy.mx == ("mx.example.com", "*.example.net")


@pytest.mark.parametrize(
    ("body", "problem", "note"),
    [
        (POLICY.replace("\r\n", "\n"), None, None),
        (POLICY.rstrip(), None, None),
        (POLICY.replace("enforce", "enforce \t"), None, None),
        (POLICY.replace(": ", ":"), None, None),
        (POLICY + "x-note: two words\r\n", None, None),
        (POLICY + "mode: none\r\n", None, "more than once"),
        (POLICY.replace("mode", "\r\nmode"), None, "is empty"),
        (POLICY.replace("604800", "31557600"), None, None),
        (POLICY.replace("604800", "31557601"), None, None),
        ("version: STSv1\nmode: none\nmax_age: 0\n", None, None),
        (POLICY.replace("604800", "99999999999"), "expected a number of seconds from 0 to 31557600", None),
        (POLICY.replace("604800", "-1"), "max_age", None),
        (POLICY.replace("604800", "1 week"), "max_age", None),
        (POLICY.replace("STSv1", "STSv2"), "version is 'STSv2'", None),
        (POLICY.replace("enforce", "report"), "mode is 'report'", None),
        (POLICY.replace("version", "Version"), "version is missing (names are in lower case", None),
        (POLICY.replace("max_age: 604800", ""), "max_age is missing", None),
        ("version: STSv1\nmode: testing\nmax_age: 1\n", "mx is missing", None),
        (POLICY.replace("*.example.net", "mail.*.example.net"), "mx pattern", None),
        (POLICY.replace("*.example.net", "bücher.example"), "mx pattern", None),
        (POLICY.replace("*.example.net", "a.example b.example"), "mx pattern", None),
        (POLICY.replace("mx: mx.example.com", "mx mx.example.com"), "line 3", None),
        (POLICY.replace("\r\n", "\r"), "mode is missing", None),
        ("\ufeff" + POLICY, "line 1", None),
        ("<html>not found</html>", "line 1", None),
        ("", "version is missing", None),
    ],
)
def test_policy_faults(body: str, problem: str | None, note: str | None) -> None:
    parsed = mta_sts.parse_policy(body)
    if problem is None:
        assert parsed.problems == ()
    else:
        assert any(problem in each for each in parsed.problems), parsed.problems
    assert (any(note in each for each in parsed.notes)) if note else parsed.notes == ()


async def evaluate(
    zone: str = ZONE, body: str = POLICY, status: FetchStatus = FetchStatus.OK, host: str | None = "mx.example.com"
) -> MtaStsEvidence:
    resolver = zone_resolver(zone)
    fetched = PolicyFetch(
        url=policy_url("example.com"), status=status, body=body, detail=None if status is FetchStatus.OK else "why"
    )
    try:
        return await mta_sts.evaluate(resolver, RecordedFetcher({"example.com": fetched}), "example.com", host)
    finally:
        await resolver.aclose()


async def test_found() -> None:
    found = await evaluate()
    assert (found.status, found.policy_id, found.host, found.unlisted) == ("found", "1", "mx.example.com", ())
    assert found.fetch is not None
    assert found.fetch.body == POLICY


@pytest.mark.parametrize(
    ("arguments", "status", "problem"),
    [
        ({"zone": "example.com. MX 10 mx.example.com.\n"}, "none", None),
        ({"zone": 'a.example.com. A 192.0.2.1\n_mta-sts.com. TXT "v=STSv1; id=1"\n'}, "none", None),
        ({"zone": "_mta-sts.example.com. CNAME gone.example.net.\n"}, "none", "gone.example.net, which does not exist"),
        (
            {"zone": '_mta-sts.example.com.example.com. TXT "v=STSv1; id=1;"\n'},
            "none",
            "it is at _mta-sts.example.com.ex",
        ),
        (
            {"zone": ZONE.replace("example.com. MX 10 mx.example.com.", ";! SERVFAIL example.com MX")},
            "found",
            "whether the policy lists the mail hosts is unknown",
        ),
        ({"zone": ";! SERVFAIL _mta-sts.example.com TXT\n"}, "temperror", "SERVFAIL"),
        ({"zone": '_mta-sts.example.com. TXT "v=STSv1 id=1"\n'}, "record-invalid", "begin"),
        ({"zone": ZONE + '_mta-sts.example.com. TXT "v=STSv1; id=2;"\n'}, "record-invalid", "2 records"),
        ({"status": FetchStatus.REDIRECT}, "policy-unreachable", "redirects"),
        ({"status": FetchStatus.CERTIFICATE}, "policy-unreachable", "certificate does not verify: why"),
        ({"body": "mode: enforce"}, "policy-invalid", "version is missing"),
    ],
)
async def test_status(arguments: dict, status: str, problem: str | None) -> None:
    found = await evaluate(**arguments)
    assert found.status == status
    assert (problem in (found.problem or "")) if problem else found.problem is None


async def test_a_record_through_an_alias_and_in_two_strings() -> None:
    zone = '_mta-sts.example.com. CNAME p.example.net.\np.example.net. TXT "v=STSv1; i" "d=7;"\n'
    assert (await evaluate(zone)).policy_id == "7"


async def test_mail_hosts_that_no_pattern_matches() -> None:
    zone = ZONE + "example.com. MX 20 a.example.net.\nexample.com. MX 30 b.a.example.net.\n"
    found = await evaluate(zone, host="b.a.example.net")
    assert found.mx_hosts == ("mx.example.com", "a.example.net", "b.a.example.net")
    assert found.unlisted == ("b.a.example.net",)
    assert (await evaluate(zone, POLICY.replace("enforce", "none"))).unlisted == ()


async def test_a_host_that_is_no_mail_host_is_not_taken_for_one() -> None:
    assert (await evaluate(host="relay.example.org")).host is None
    assert (await evaluate(host=None)).host is None


async def test_without_a_fetcher_the_policy_is_not_known() -> None:
    resolver = zone_resolver(ZONE)
    found = await mta_sts.evaluate(resolver, None, "example.com", None)
    assert found.status == "policy-unreachable"
    await resolver.aclose()


def test_a_policy_without_end_is_bounded() -> None:
    many = mta_sts.parse_policy("".join(f"mx: {number}.example\n" for number in range(5000)))
    assert len(many.policy.mx) == mta_sts.MAX_LINES
    assert "5000 lines" in many.problems[0]
    for line in ("nonsense", "mx: -", "", "mode: x"):
        parsed = mta_sts.parse_policy(f"{line}\n" * 5000 + "version: STSv1")
        assert len(parsed.problems) + len(parsed.notes) <= 20


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("v=STSv1; ID=2026", "the field id is missing (names are in lower case, not ID)"),
        ("version: STSv1 mode: enforce mx: mx.example.org", "the policy itself is in the TXT record"),
        ('"v=STSv1; id=2026"', "quotation marks of a zone file"),
        ("v=DMARC1; p=none", "there is a DMARC record"),
    ],
)
async def test_what_is_wrong_with_a_record_is_named(text: str, problem: str) -> None:
    resolver = zone_resolver(txt("_mta-sts.example.org", text))
    evidence = await mta_sts.evaluate(resolver, None, "example.org", None)
    await resolver.aclose()
    assert problem in (evidence.problem or "")


def test_a_repeated_id_is_said() -> None:
    assert mta_sts.parse_record("v=STSv1; id=1; id=2").notes == ("id occurs more than once; the first counts",)


def test_an_empty_text_has_no_quotation_marks() -> None:
    assert "quotation marks" not in (mta_sts.parse_record("").problem or "")
