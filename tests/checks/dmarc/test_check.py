from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.checks.base import CheckInput
from smtpprobe.checks.dmarc import CHECK
from smtpprobe.mailauth import dkim
from smtpprobe.model.dns.lookup import DnsLookup, Question
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.inconclusive import leaves_open
from smtpprobe.model.report import Finding, Severity, SkipKind
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer
from smtpprobe.render.evidence.dmarc import summary
from smtpprobe.render.evidence.row import Detail
from smtpprobe.render.evidence.table import rows
from smtpprobe.testing.zones import zone_resolver
from tests import virtual_time
from tests.checks.inputs import check_input
from tests.mailauth.dkim.signing import MESSAGE, rsa_record, sign, txt
from tests.mailauth.dmarc.test_spelling import TEXTS

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SPF = txt("example.org", "v=spf1 ip4:192.0.2.1 -all") + txt("example.net", "v=spf1 ip4:192.0.2.1 -all")
KEY = txt("sel._domainkey.example.org", rsa_record())
TESTED = txt("sel._domainkey.example.org", rsa_record(extra="t=y; "))
NO_ANSWER = "".join(f";! SERVFAIL {each}._domainkey.example.org TXT\n" for each in known_selectors().common)
REJECT = txt("_dmarc.example.org", "v=DMARC1; p=reject")


def record(*texts: str) -> str:
    return txt("_dmarc.example.org", *texts)


def context(
    zone: str | RunResolver,
    *,
    reverse_path: str | None = "alice@example.org",
    client_ip: str | None = None,
    **given: Any,
) -> CheckInput:
    path = Assumed(reverse_path) if reverse_path is not None else None
    return check_input(
        resolver=zone_resolver(zone) if isinstance(zone, str) else zone,
        now=NOW,
        envelope=Envelope(Assumed("client.example.com"), path),
        client_ip=client_ip,
        **given,
    )


async def checked(zone: str, **given: Any) -> tuple[DmarcEvidence, list[Finding]]:
    made = context(zone, **given)
    assert CHECK.skip(made) is None
    evidence, findings = await CHECK.run(made)
    await made.services.resolver.aclose()  # type: ignore[attr-defined]
    assert isinstance(evidence, DmarcEvidence)
    return evidence, list(findings)


E, W, N, INFO = Severity.ERROR, Severity.WARNING, Severity.NOTICE, Severity.INFO

# Each: the zone, what is given, the result, the findings.
MAIL = "example.org. A 192.0.2.1\n"
TWO_ADDRESSES = MESSAGE.replace(b"<alice@example.org>", b"<alice@example.org> <mallory@example.org>")
TWO_MAILBOXES = MESSAGE.replace(b"<alice@example.org>", b"<alice@example.org>, <carol@example.org>")
TWO_GROUPED = MESSAGE.replace(b"Alice <alice@example.org>", b"staff: <alice@example.org>, <carol@example.org>;")
# Each: zone, what is given, the result, and the findings.
CASES: list[tuple[str, dict[str, Any], str, list[tuple[str, Severity]]]] = [
    ("", {}, "none", [("dmarc-none", N)]),
    (REJECT, {}, "fail", []),
    (record("v=DMARC1; p=none"), {}, "fail", [("dmarc-policy-none", INFO)]),
    (record("v=DMARC1; p=reject; t=y"), {}, "fail", [("dmarc-testing", INFO), ("dmarc-differs-rfc7489", INFO)]),
    (record("v=DMARC1; p=reject; pct=50"), {}, "fail", [("dmarc-pct-ignored", N), ("dmarc-differs-rfc7489", INFO)]),
    (record("v=DMARC1; p=reject; pct=100"), {}, "fail", [("dmarc-pct-ignored", N)]),
    (record("v=DMARC1; p=reject; adkim=x"), {}, "fail", [("dmarc-record-syntax", N)]),
    (record("v=DMARC1; p=reject; ri=1"), {}, "fail", [("dmarc-record-syntax", INFO)]),
    (record("v=DMARC1; adkim=s"), {}, "none", [("dmarc-record-invalid", W)]),
    (record("v=DMARC1 p=reject"), {}, "none", [("dmarc-record-invalid", W), ("dmarc-none", N)]),
    (record("v=DMARC1; p=none", "v=DMARC1; p=reject"), {}, "none", [("dmarc-multiple-records", W), ("dmarc-none", N)]),
    (";! SERVFAIL _dmarc.example.org TXT\n", {}, "temperror", [("dmarc-temperror", W)]),
    (record("v=DMARC1; p=reject; rua=mailto:a@example.net"), {}, "fail", [("dmarc-reports-unauthorized", W)]),
    (REJECT + SPF, {"client_ip": "192.0.2.1"}, "pass", []),
    (REJECT + SPF, {"client_ip": "192.0.2.9"}, "unknown", [("dmarc-rests-on-dkim", N)]),
    (REJECT + SPF, {"message": MESSAGE}, "unknown", [("dmarc-rests-on-spf", N)]),
    (record("v=DMARC1; p=reject; pct=50"), {"message": MESSAGE}, "unknown",
     [("dmarc-pct-ignored", N), ("dmarc-rests-on-spf", N), ("dmarc-differs-rfc7489", INFO)]),
    (REJECT + SPF, {"message": MESSAGE, "client_ip": "192.0.2.9"}, "fail", [("dmarc-fail", E)]),
    (record("v=DMARC1; p=none") + SPF, {"message": MESSAGE, "client_ip": "192.0.2.9"}, "fail",
     [("dmarc-policy-none", INFO), ("dmarc-fail", W)]),
    (REJECT + SPF + KEY, {"message": sign(), "client_ip": "192.0.2.9"}, "pass", []),
    (REJECT + SPF + KEY, {"message": sign()}, "pass", []),
    (REJECT + SPF + TESTED, {"message": sign()}, "pass", [("dmarc-key-testing", N)]),
    (REJECT + SPF + TESTED, {"message": sign(), "client_ip": "192.0.2.9"}, "pass", [("dmarc-key-testing", N)]),
    (REJECT + SPF + TESTED, {"message": sign(), "client_ip": "192.0.2.1"}, "pass", []),
    (REJECT + SPF, {"message": MESSAGE, "client_ip": "192.0.2.1", "reverse_path": "x@example.net"}, "fail",
     [("dmarc-fail", E)]),
    (record("v=DMARC1; p=refuse"), {}, "none", [("dmarc-record-invalid", W)]),
    (REJECT, {"domains": ("example.org",), "dkim_pass": ("example.org",)}, "pass", []),
    (txt("example.org", "v=DMARC1; p=reject"), {}, "none", [("dmarc-record-misplaced", W), ("dmarc-none", N)]),
    (txt("_dmarc.example.org.example.org", "v=DMARC1; p=reject"), {}, "none",
     [("dmarc-record-misplaced", W), ("dmarc-none", N)]),
    (record("v=DMARC1; p=reject; psd=y"), {}, "fail", [("dmarc-psd-misused", W)]),
    (record("v=DMARC1; p=reject; psd=n"), {}, "fail", []),
    (REJECT + txt("mail.example.org", "v=spf1 -all") + txt("_dmarc.mail.example.org", "v=DMARC1; p=reject; sp=none; np=none"),
     {"domains": ("mail.example.org",)}, "fail", [("dmarc-record-syntax", INFO)]),
    (record("v=DMARC1; p=reject; fo=1"), {}, "fail", [("dmarc-record-syntax", N)]),
    (record("v=DMARC1; p=reject; rua=mailto:a@example.org!10m") + MAIL, {}, "fail", [("dmarc-record-syntax", INFO)]),
    (record("p=reject; v=DMARC1"), {}, "none", [("dmarc-record-invalid", W), ("dmarc-none", N)]),
    (record("v=DMARC1; p=reject; rua=a@example.org") + MAIL, {}, "fail", [("dmarc-record-syntax", N)]),
    (record("v=DMARC1; p=reject; foo=bar"), {}, "fail", [("dmarc-record-syntax", N)]),
    (REJECT, {"domains": ("example.org",)}, "fail", [("dmarc-rests-on-nothing", W)]),
    (record("v=DMARC1; p=none"), {"domains": ("example.org",)}, "fail",
     [("dmarc-policy-none", INFO), ("dmarc-rests-on-nothing", N)]),
    (REJECT + SPF, {"domains": ("example.org",)}, "fail", []),
    (REJECT + txt("example.org", "v=spf1 +all"), {"domains": ("example.org",)}, "fail", [("dmarc-spf-open", W)]),
    (record("v=DMARC1; p=none") + txt("example.org", "v=spf1 +all"), {"domains": ("example.org",)}, "fail",
     [("dmarc-policy-none", INFO), ("dmarc-spf-open", N)]),
    (REJECT + txt("example.org", "v=spf1 ?all"), {"domains": ("example.org",)}, "fail", [("dmarc-rests-on-nothing", W)]),
    (REJECT + MAIL, {"domains": ("gone.example.org",)}, "fail", []),
    (REJECT, {"domains": ("example.org",), "spf_pass": ("example.net",)}, "fail", [("dmarc-fail", E)]),
    (record("v=DMARC1; p=reject; rua=mailto:a@example.org,b@example.org,mailto:c@example.org") + MAIL, {}, "fail",
     [("dmarc-record-syntax", N)]),
    (record("v=DMARC1; p=reject; junk; rua=mailto:a@example.org") + MAIL, {}, "fail", [("dmarc-record-syntax", N)]),
    (record("v=DMARC1; p=reject; p=none; rua=mailto:a@example.org") + MAIL, {}, "fail", [("dmarc-record-syntax", W)]),
    (record("v=DMARC1; p=reject; rua=mailto:a@example.org; rua=mailto:b@example.org") + MAIL, {}, "fail",
     [("dmarc-record-syntax", W)]),
    (record("v=DMARC1; p=reject; rua=mailto:a@example.org"), {}, "fail", [("dmarc-reports-unreachable", W)]),
    (record("v=DMARC1; P=reject"), {}, "fail", [("dmarc-record-syntax", N)]),
    (REJECT + SPF + KEY, {"message": sign(TWO_ADDRESSES), "client_ip": "192.0.2.9"}, "pass", [("dmarc-from-ambiguous", W)]),
    (REJECT + SPF + KEY, {"message": sign(TWO_MAILBOXES), "client_ip": "192.0.2.9"}, "pass",
     [("dmarc-from-ambiguous", W)]),
    (REJECT + SPF + KEY, {"message": sign(TWO_GROUPED), "client_ip": "192.0.2.9"}, "pass",
     [("dmarc-from-ambiguous", W)] * 2),
    (record("v=DMARC1; p=reject; pct=many"), {}, "fail", [("dmarc-pct-ignored", N)]),
    (record("v=DMARC1; p=reject; aspf=q; adkim=; t=maybe"), {}, "fail", [("dmarc-record-syntax", N)] * 3),
    (record("v=DMARC1; p=monitor; rua=mailto:a@example.org") + MAIL, {}, "fail",
     [("dmarc-record-invalid", W), ("dmarc-policy-none", INFO)]),
    (record("v=DMARC1; p=monitor"), {"domains": ("example.org",), "spf_pass": ("example.net",)}, "none",
     [("dmarc-record-invalid", W)]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "given", "result", "expected"), CASES, ids=range(len(CASES)))
async def test_findings(zone: str, given: dict[str, Any], result: str, expected: list[tuple[str, Severity]]) -> None:
    evidence, findings = await checked(zone, **given)
    assert evidence.result == result
    assert [(finding.id, finding.severity) for finding in findings] == expected
    assert all(finding.subject and finding.message for finding in findings)


def test_every_finding_is_declared_and_covered() -> None:
    elsewhere = {"dmarc-nameservers-differ", "dmarc-no-author-domain"}
    covered = {name for *_, expected in CASES for name, _ in expected} | elsewhere
    assert {spec.id for spec in CHECK.findings} == covered


async def test_name_servers_that_differ() -> None:
    ns = "example.org. NS ns1.example.net.\nns1.example.net. A 192.0.2.1\nns1.example.net. A 192.0.2.2\n"
    zones = {None: ZoneAnswerer(ns + REJECT + SPF), "192.0.2.1": ZoneAnswerer(REJECT), "192.0.2.2": ZoneAnswerer("")}

    async def answer(question: Question) -> DnsLookup:
        return await zones[question.server].answer(question)

    resolver = RunResolver(answer)
    made = context(resolver, domains=("example.org",), all_nameservers=True)
    evidence, findings = await CHECK.run(made)
    await resolver.aclose()
    assert [finding.id for finding in findings] == ["dmarc-nameservers-differ"]
    assert "ns1.example.net [192.0.2.2]: nxdomain" in findings[0].message
    assert any("[192.0.2.2]" in row.text for row in rows(evidence, Detail()))


async def test_the_text_shows_both_sides_of_alignment() -> None:
    evidence, _ = await checked(REJECT + SPF, message=MESSAGE, client_ip="192.0.2.1", reverse_path="x@example.net")
    text = "\n".join(line.text for line in rows(evidence, Detail()))
    assert "author example.org [organizational domain example.org]" in text
    assert "spf    example.net [example.net]: pass, not aligned (relaxed)" in text
    assert "a receiver that follows the policy would refuse it" in text


@pytest.mark.parametrize(
    ("given", "domain", "source"),
    [
        ({"message": MESSAGE, "reverse_path": "x@example.net"}, "example.org", "message"),
        ({"reverse_path": "x@example.net"}, "example.net", "reverse-path"),
        ({"domains": ("example.com",), "reverse_path": "x@example.net"}, "example.com", "given"),
    ],
)
async def test_the_author_domain(given: dict[str, Any], domain: str, source: str) -> None:
    evidence, _ = await checked("", **given)
    assert (evidence.author_domain, evidence.author_domain_source) == (domain, source)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"reverse_path": None}, "no author domain"),
        ({"reverse_path": ""}, "no author domain"),
        ({"message": b"X: y\r\n" * 200_001 + b"From: a@example.org\r\n\r\n"}, "too long"),
    ],
)
async def test_when_it_is_skipped(given: dict[str, Any], reason: str) -> None:
    skip = CHECK.skip(context("", **given))
    assert skip is not None
    assert reason in skip.reason
    assert (skip.kind is SkipKind.INPUT_MISSING) is (skip.needs == "message_to_judge") is (reason == "no author domain")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"From: a@example.org, b@example.net\r\n\r\n", "names 2 domains"),
        (b"From: a@[192.0.2.1]\r\n\r\n", "address literal"),
        (b"To: a@example.org\r\n\r\n", "no From field"),
    ],
)
async def test_a_message_without_an_author_domain_is_no_ones(message: bytes, said: str) -> None:
    given = context(REJECT + SPF, message=message, client_ip="192.0.2.1")
    assert CHECK.skip(given) is None
    evidence, findings = await CHECK.run(given)
    assert evidence is None
    assert (findings[0].id, findings[0].severity) == ("dmarc-no-author-domain", E)
    assert said in findings[0].message
    assert "receivers" in findings[0].message or "no domain can vouch" in findings[0].message


async def test_a_failure_names_both_sides() -> None:
    _, findings = await checked(REJECT + SPF, message=MESSAGE, client_ip="192.0.2.1", reverse_path="x@example.net")
    assert "SPF pass for example.net, not aligned" in findings[0].message
    assert "the policy is reject" in findings[0].message


@pytest.mark.parametrize(
    ("given", "hangs_on", "words"),
    [
        ({"message": MESSAGE}, ("spf",), "fail unless SPF passes and aligns"),
        ({"message": sign(d="example.net")}, ("spf",), "fail unless SPF passes and aligns"),
        ({"client_ip": "192.0.2.9"}, ("dkim",), "fail unless DKIM passes and aligns"),
        ({"domains": ("example.org",)}, ("spf", "dkim"), "fail unless SPF or DKIM passes and aligns"),
        ({"message": MESSAGE, "client_ip": "192.0.2.9"}, (), "fail"),
        ({"client_ip": "192.0.2.1"}, (), "pass"),
    ],
)
async def test_a_failure_hangs_on_what_is_not_known(
    given: dict[str, Any], hangs_on: tuple[str, ...], words: str
) -> None:
    evidence, _ = await checked(record("v=DMARC1; p=reject; pct=50") + SPF, **given)
    assert evidence.hangs_on == hangs_on
    assert rows(evidence, Detail())[0].text.startswith(f"example.org: {words}, ")
    assert summary(evidence).startswith(f"{words}, ")
    older = {None: evidence.result, ("spf", "dkim"): "fail"}
    assert evidence.rfc7489 is not None
    assert evidence.rfc7489.result == older.get(hangs_on or None, evidence.result)


async def test_the_null_reverse_path_is_judged_by_helo() -> None:
    zone = REJECT + txt("client.example.com", "v=spf1 ip4:192.0.2.1 -all")
    evidence, _ = await checked(zone, message=MESSAGE, client_ip="192.0.2.1", reverse_path="")
    assert [(one.domain, one.result, one.aligned) for one in evidence.alignment] == [
        ("client.example.com", "pass", False)
    ]


# Each: the zone, and what the finding of the id says.
SAID = [
    (record("v=spf1 -all"), "dmarc-record-invalid", "is an SPF record, which belongs at example.org itself"),
    (record("v=DMARC1; p=none", "v=dmarc1; p=reject"), "dmarc-record-invalid", "'v=dmarc1' is not v=DMARC1"),
    (record('_dmarc IN TXT "v=DMARC1; p=reject"'), "dmarc-record-invalid", "as it was meant: v=DMARC1; p=reject"),
    (record("v=DMARC1\u037e p=reject"), "dmarc-record-invalid", "<U+037E>"),
    (record("v=DMARC1;\u00a0p=reject"), "dmarc-record-syntax", "<U+00A0>p=reject"),
    (txt("example.org", "v=DMARC1; p=reject"), "dmarc-record-misplaced", "the record is at example.org"),
    (txt("_dmarc.www.example.org", "v=DMARC1; p=reject"), "dmarc-record-misplaced", "at _dmarc.www.example.org"),
    (txt("_dmarc._dmarc.example.org", "v=DMARC1; p=reject"), "dmarc-record-misplaced", "at _dmarc._dmarc.example.org"),
    (txt("dmarc.example.org", "v=DMARC1 p=reject"), "dmarc-record-misplaced", "at dmarc.example.org"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "id_", "said"), SAID)
async def test_what_is_said_of_a_record(zone: str, id_: str, said: str) -> None:
    _, findings = await checked(zone)
    assert any(finding.id == id_ and said in finding.message for finding in findings)


async def test_an_spf_record_of_a_wildcard_is_no_fault_of_the_dmarc_name() -> None:
    _, findings = await checked(txt("*.example.org", "v=spf1 -all"))
    assert [finding.id for finding in findings] == ["dmarc-none"]


async def test_the_record_that_was_meant_is_in_the_evidence_and_shown() -> None:
    evidence, _ = await checked(record("v=DMARC1; p=reject rua=a@example.org"))
    assert evidence.meant == "v=DMARC1; p=reject; rua=mailto:a@example.org"
    shown = [row.text for row in rows(evidence, Detail(full=False))]
    assert "written right: v=DMARC1; p=reject; rua=mailto:a@example.org" in shown


async def test_an_spf_pass_that_is_declared_stands_beside_a_message_and_a_client_ip() -> None:
    given = {"message": MESSAGE, "client_ip": "192.0.2.9", "spf_pass": ("example.org",)}
    evidence, _ = await checked(REJECT + SPF, **given)
    assert [(each.mechanism, each.domain, each.result) for each in evidence.alignment] == [
        ("spf", "example.org", "pass")
    ]
    assert evidence.result == "pass"


def rounds_of_an_audit(zone: str) -> list[list[str]]:
    """The questions that are asked at the same time, as name and type, in the order of asking."""

    async def work() -> list[list[str]]:
        resolver = RunResolver(ZoneAnswerer(zone, delay_s=1).answer, clock=asyncio.get_running_loop().time)
        await CHECK.run(context(resolver, domains=("example.org",)))
        await resolver.aclose()
        asked: dict[float, list[str]] = {}
        for lookup in resolver.lookups:
            asked.setdefault(lookup.started_s, []).append(f"{lookup.name} {lookup.type}")
        return [asked[started] for started in sorted(asked)]

    return virtual_time.run(work())


AUDITED = (
    record("v=DMARC1; p=reject; rua=mailto:a@example.net") + SPF + txt("default._domainkey.example.org", rsa_record())
)
DESTINATION = [
    "_dmarc.example.net TXT",
    "_dmarc.net TXT",
    "example.net MX",
    "example.org._report._dmarc.example.net TXT",
]


@pytest.mark.parametrize(
    ("mail", "last"),
    [("example.net. MX 10 mx.example.net.\n", []), ("", [["example.net A", "example.net AAAA"]])],
    ids=("with MX", "without"),
)
def test_the_questions_of_an_audit_fly_together(mail: str, last: list[list[str]]) -> None:
    first, second, *rest = rounds_of_an_audit(AUDITED + mail)
    assert len(first) > 25
    # Who takes the reports is known once the record is, and that a domain has no MX once that was asked for.
    assert sorted(second) == DESTINATION
    assert [sorted(each) for each in rest] == last


def test_whether_a_wildcard_answers_is_asked_as_soon_as_the_answer_is_there() -> None:
    rounds = rounds_of_an_audit(record("x._dmarc.provider.example."))
    assert "*.example.org TXT" in rounds[1]
    assert len(rounds) == 2


async def test_an_audit_gathers_the_keys_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gather, times = dkim.gather, []

    async def counted(*given: Any, **named: Any) -> DkimEvidence:
        times.append(given)
        return await gather(*given, **named)

    monkeypatch.setattr(dkim, "gather", counted)
    await checked(REJECT, domains=("example.org",))
    assert len(times) == 1


@pytest.mark.parametrize("text", [text for text, _ in TEXTS if "\r" not in text])
async def test_nothing_of_pythons_own_is_shown_of_a_misspelt_record(text: str) -> None:
    evidence, findings = await checked(record(text), domains=("example.org",))
    shown = [*(row.text for row in rows(evidence, Detail(full=True))), *(finding.message for finding in findings)]
    assert not [each for each in shown if "None" in each]
    assert not [each for each in shown if "\u200b" in each and not each.startswith("_dmarc.")]


@pytest.mark.parametrize(
    ("zone", "selectors", "words", "is_open"),
    [
        (SPF + NO_ANSWER, (), "DKIM: no selector could be looked up: SERVFAIL", True),
        (SPF + NO_ANSWER.replace("SERVFAIL mx.", "NXDOMAIN mx."), (),
         "DKIM: the 1 common selector that could be looked up has no usable key, which proves nothing; no answer for "
         "default, google, selector1, selector2, s1 and 17 more: SERVFAIL", True),
        (SPF + KEY.replace("sel.", "s1.") + ";! TIMEOUT s2._domainkey.example.org TXT\n", (),
         "DKIM: usable keys at s1; no answer for s2: no answer in time", False),
        (SPF + ";! SERVFAIL a._domainkey.example.org TXT\n", ("a",),
         "DKIM: no selector could be looked up: SERVFAIL", True),
        (SPF + ";! SERVFAIL a._domainkey.example.org TXT\n", ("a", "b"),
         "DKIM: no usable key at the selectors given; unusable ones at b; no answer for a: SERVFAIL", True),
    ],
    ids=range(5),
)  # fmt: skip
async def test_selectors_without_an_answer_are_told_in_an_audit(
    zone: str, selectors: tuple[str, ...], words: str, is_open: bool
) -> None:
    evidence, _ = await checked(REJECT + zone, domains=("example.org",), dkim_selectors=selectors)
    assert words in [row.text for row in rows(evidence, Detail(full=True))]
    assert leaves_open(evidence) is is_open


@pytest.mark.parametrize("order", [1, -1])
async def test_several_records_have_one_answer_in_every_order(order: int) -> None:
    texts = ["v=DMARC1; p=reject", "v=DMARC1; p=none", "v=dmarc1; p=none", "v=DMARC1 p=none", "v=spf1 -all"][::order]
    evidence, findings = await checked(record(*texts))
    invalid = [finding.message for finding in findings if finding.id == "dmarc-record-invalid"]
    assert (evidence.result, invalid) == ("none", sorted(invalid))
    assert [finding.id for finding in findings].count("dmarc-multiple-records") == 1
    assert (len(invalid), evidence.record) == (2, None)


async def test_what_hangs_on_a_failed_query_is_unknown_in_the_text() -> None:
    zone = REJECT + ";! SERVFAIL _dmarc.org TXT\n"
    evidence, _ = await checked(zone, domains=("example.org",), spf_pass=("other.org",))
    text = "\n".join(line.text for line in rows(evidence, Detail()))
    assert "author example.org [organizational domain unknown]" in text
    assert "spf    other.org [unknown]: pass, alignment unknown (relaxed)" in text
    assert "organizational domain example.org" not in text.partition("by RFC 7489")[0]


@pytest.mark.parametrize(
    "text", ["x._dmarc.provider.example.", "CNAME x._dmarc.provider.example", '"d.provider.example"']
)
async def test_the_target_of_an_alias_entered_as_text_is_named(text: str) -> None:
    _, findings = await checked(record(text), domains=("example.org",), spf_pass=("example.org",))
    (finding,) = [each for each in findings if each.id == "dmarc-record-invalid"]
    assert finding.subject == "_dmarc.example.org"
    assert "the target of a CNAME was entered as TXT; publish a CNAME record" in finding.message
    _, findings = await checked(txt("*.example.org", text), domains=("example.org",), spf_pass=("example.org",))
    assert [each.id for each in findings] == ["dmarc-none"]


async def test_why_the_spf_record_is_unknown_is_told_to_its_end() -> None:
    domain = f"{'a' * 60}.example.org"
    zone = txt(f"_dmarc.{domain}", "v=DMARC1; p=reject") + f";! UNREACHABLE {domain} TXT\n"
    evidence, _ = await checked(zone, domains=(domain,))
    assert f"SPF: TXT lookup of {domain} failed: the name server zone cannot be reached" in [
        row.text for row in rows(evidence, Detail(full=True))
    ]
