from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.checks.dkim import CHECK
from smtpprobe.cli import exit_codes
from smtpprobe.model.dns.lookup import DnsLookup, Question
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.report import CheckReport, Finding, RunStatus, Severity, SkipKind, Tool
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer
from smtpprobe.render.evidence.row import Detail
from smtpprobe.render.evidence.table import rows, summary
from smtpprobe.testing.zones import zone_resolver
from tests.checks.inputs import check_input
from tests.mailauth.dkim.signing import MESSAGE, ed_record, encoded, rsa_record, sign, txt

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NS = "example.org. NS ns1.example.net.\nns1.example.net. A 192.0.2.1\nns1.example.net. A 192.0.2.2\n"
SEL = "sel._domainkey.example.org"
KEY = txt(SEL, rsa_record(2048))
SIGNED = sign(bits=2048)


async def checked(
    zone: str, *, reverse_path: str | None = "alice@example.org", **given: Any
) -> tuple[DkimEvidence, list[Finding]]:
    resolver = zone_resolver(zone)
    path = Assumed(reverse_path) if reverse_path is not None else None
    context = check_input(
        resolver=resolver, now=NOW, envelope=Envelope(Assumed("client.example.org"), path), client_ip=None, **given
    )
    assert CHECK.skip(context) is None
    evidence, findings = await CHECK.run(context)
    await resolver.aclose()
    assert isinstance(evidence, DkimEvidence)
    return evidence, list(findings)


def _report(evidence: DkimEvidence, findings: list[Finding]) -> CheckReport:
    return CheckReport(
        schema_version="1.0",
        tool=Tool(name="smtpprobe", version="1"),
        started_at=NOW,
        check="dkim",
        status=RunStatus.COMPLETED,
        reason=None,
        evidence=evidence,
        findings=tuple(findings),
        lookups=(),
    )


E, W, N, INFO = Severity.ERROR, Severity.WARNING, Severity.NOTICE, Severity.INFO

# Each: the zone, what is given, the findings.
CASES: list[tuple[str, dict[str, Any], list[tuple[str, Severity]]]] = [
    (KEY, {"message": SIGNED}, []),
    (KEY, {"dkim_selectors": ("sel",)}, []),
    (KEY, {"message": MESSAGE}, [("dkim-no-signature", W), ("dkim-not-found-by-guessing", INFO)]),
    (KEY, {"message": SIGNED.replace(b"lunch", b"brunch")}, [("dkim-body-hash-mismatch", E)]),
    (KEY, {"message": SIGNED.replace(b"To: bob", b"To: eve")}, [("dkim-signature-fail", E)]),
    (KEY, {"message": sign(SIGNED, bits=2048, v=2)}, [("dkim-signature-invalid", W)]),
    (KEY, {"message": sign(bits=2048, v=2)}, [("dkim-signature-invalid", E)]),
    (KEY, {"message": sign(bits=2048, x=1)}, [("dkim-signature-policy", W)]),
    (KEY, {"message": sign(bits=2048, l=2)}, [("dkim-body-partly-signed", N)]),
    (KEY, {"message": SIGNED.replace(b"lunch?\r\n", b"lunch?\n")}, [("dkim-bare-lf", N)]),
    (KEY, {"message": b"subject: x\r\n" + SIGNED}, [("dkim-field-repeated", W)]),
    (KEY, {"message": b"From: eve@example.org\r\n" + SIGNED}, [("dkim-from-invalid", E)]),
    (KEY, {"message": sign(MESSAGE.replace(b"From: Alice", b"From: b@example.org, Alice"), bits=2048)},
     [("dkim-from-ambiguous", W)]),
    ("", {"message": SIGNED}, [("dkim-signature-invalid", E)]),
    (f";! SERVFAIL {SEL} TXT\n", {"message": SIGNED}, [("dkim-temperror", W)]),
    (f";! SERVFAIL {SEL} TXT\n", {"dkim_selectors": ("sel",)}, [("dkim-temperror", W)]),
    ("", {"dkim_selectors": ("sel",)}, [("dkim-key-missing", E)]),
    (txt(SEL, "v=DKIM1; p="), {"dkim_selectors": ("sel",)}, [("dkim-key-revoked", E)]),
    (txt(SEL, "v=DKIM1; p=A!"), {"dkim_selectors": ("sel",)}, [("dkim-key-broken", E)]),
    (txt(SEL, rsa_record(2048, "s=tlsrpt; ")), {"dkim_selectors": ("sel",)}, []),
    (txt(SEL, rsa_record(2048, "s=tlsrpt; ")), {"message": SIGNED}, [("dkim-signature-invalid", E)]),
    (txt(SEL, rsa_record(1024)), {"dkim_selectors": ("sel",)}, [("dkim-key-weak", N)]),
    (txt(SEL, rsa_record(1024)), {"dkim_selectors": ("sel",), "min_key_bits": 1025}, [("dkim-key-weak", E)]),
    (txt(SEL, rsa_record(2048, "t=y; ")), {"dkim_selectors": ("sel",)}, [("dkim-key-testing", N)]),
    (txt(SEL, rsa_record(2048), ed_record()), {"dkim_selectors": ("sel",)}, [("dkim-multiple-records", W)]),
    (txt(SEL, rsa_record(2048).replace("k=rsa;", "k=rsa;;")), {"dkim_selectors": ("sel",)}, [("dkim-key-untidy", N)]),
    ("", {}, [("dkim-not-found-by-guessing", INFO)]),
    (txt("s1._domainkey.example.org", ed_record()), {}, []),
    (txt("s1._domainkey.example.org", "v=DKIM1; p="), {}, [("dkim-key-revoked", INFO)]),
    (";! TIMEOUT s1._domainkey.example.org TXT\n", {}, [("dkim-not-found-by-guessing", INFO), ("dkim-temperror", N)]),
    (txt("s1._domainkey.example.org", ed_record()) + ";! SERVFAIL s2._domainkey.example.org TXT\n", {},
     [("dkim-temperror", N)]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "given", "expected"), CASES, ids=range(len(CASES)))
async def test_findings(zone: str, given: dict[str, Any], expected: list[tuple[str, Severity]]) -> None:
    _, findings = await checked(zone, **given)
    assert [(finding.id, finding.severity) for finding in findings] == expected
    assert all(finding.subject and finding.message for finding in findings)


def test_every_finding_is_declared_and_covered() -> None:
    covered = {name for _, _, expected in CASES for name, _ in expected} | {"dkim-nameservers-differ"}
    assert {spec.id for spec in CHECK.findings} == covered


# Each: what the second name server has, selectors, the severity.
SERVERS = [
    (KEY, ("sel",), None),
    ("", ("sel",), E),
    (txt(SEL, rsa_record(1024)), ("sel",), E),
    (txt(SEL, rsa_record(2048) + ";"), ("sel",), N),
    (f";! REFUSED {SEL} TXT\n", ("sel",), None),
]


@pytest.mark.parametrize(("second", "selectors", "severity"), SERVERS, ids=range(len(SERVERS)))
async def test_name_servers_that_differ(second: str, selectors: tuple[str, ...], severity: Severity | None) -> None:
    zones = {None: ZoneAnswerer(NS + KEY), "192.0.2.1": ZoneAnswerer(KEY), "192.0.2.2": ZoneAnswerer(second)}

    async def answer(question: Question) -> DnsLookup:
        return await zones[question.server].answer(question)

    resolver = RunResolver(answer)
    context = check_input(
        resolver=resolver,
        now=NOW,
        envelope=Envelope(Assumed("client.example.org"), None),
        client_ip=None,
        domains=("example.org",),
        dkim_selectors=selectors,
        all_nameservers=True,
    )
    evidence, findings = await CHECK.run(context)
    await resolver.aclose()
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    text = "\n".join(line.text for line in rows(evidence, Detail()))
    assert ("ns1.example.net [192.0.2.2]" in text) is (severity is not None or "REFUSED" in second)
    if severity:
        assert findings[0].id == "dkim-nameservers-differ"
        assert "ns1.example.net [192.0.2.2]: " in findings[0].message


async def test_a_restored_failure_is_said_in_the_finding_and_the_text() -> None:
    message = SIGNED.replace(b"Subject: ", b"Subject: [list] ") + b"__________\r\nfooter\r\n"
    evidence, (finding,) = await checked(KEY, message=message)
    statements = [
        "the body hash is right without the last 4 lines",
        "the header signature is right without '[list]' in Subject",
    ]
    text = "\n".join(line.text for line in rows(evidence, Detail()))
    assert finding.id == "dkim-body-hash-mismatch"
    assert all(statement in finding.message and statement in text for statement in statements)
    assert "body hash wrong, header signature wrong, made with this key" in text


@pytest.mark.parametrize(
    ("services", "words", "absent"),
    [
        ("tlsrpt", "usable, rsa 2048, only for TLS reports (s=tlsrpt, RFC 8460 §3)", "these services"),
        ("email:tlsrpt", "usable, rsa 2048, only for these services (s=email:tlsrpt)", "only for TLS reports"),
        ("*:tlsrpt", "usable, rsa 2048", "only for"),
    ],
)
async def test_a_key_for_tls_reports_is_usable_for_them(services: str, words: str, absent: str) -> None:
    zone = txt(SEL, rsa_record(2048, f"s={services}; "))
    evidence, findings = await checked(zone, dkim_selectors=("sel",))
    page = "\n".join(row.text for row in rows(evidence, Detail(full=True, findings=tuple(findings))))
    assert (findings, words in page, absent in page) == ([], True, False)
    evidence, _ = await checked(zone, message=SIGNED)
    if "*" not in services and "email" not in services:
        reason = "key not for email: s=tlsrpt, which is for TLS reports alone (RFC 8460 §3)"
        assert [signature.reason for signature in evidence.signatures] == [reason]
    else:
        assert [signature.result for signature in evidence.signatures] == ["pass"]


async def test_several_domains_have_findings_of_their_own() -> None:
    _, findings = await checked("", domains=("example.org", "example.net"))
    assert [(finding.id, finding.subject) for finding in findings] == [
        ("dkim-not-found-by-guessing", "example.org"),
        ("dkim-not-found-by-guessing", "example.net"),
    ]


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        ({"domains": ("example.net",), "message": SIGNED}, "example.net"),
        ({"message": SIGNED, "reverse_path": "bounce@example.net"}, "example.org"),
        ({"reverse_path": "bounce@example.net"}, "example.net"),
        ({"message": SIGNED, "reverse_path": ""}, "example.org"),
    ],
)
async def test_the_domain_asked_about(given: dict[str, Any], domain: str) -> None:
    assert (await checked("", **given))[0].domain == domain


@pytest.mark.parametrize("reverse_path", [None, Assumed("")])
def test_it_is_skipped_without_a_domain(reverse_path: Assumed | None) -> None:
    context = check_input(
        resolver=zone_resolver(""),
        now=NOW,
        envelope=Envelope(Assumed("client.example.org"), reverse_path),
        client_ip=None,
    )
    skip = CHECK.skip(context)
    assert skip is not None
    assert (skip.kind, skip.needs) == (SkipKind.INPUT_MISSING, "message_to_judge")
    assert "no domain" in skip.reason


async def test_guessing_says_what_it_proves() -> None:
    message = (await checked("example.org. A 192.0.2.1\n"))[1][0].message
    assert "that proves nothing" in message
    assert "_domainkey.example.org does not exist" in message
    assert "example.org does not exist, so no selector" in (await checked(""))[1][0].message
    policy = (await checked("example.org. A 192.0.2.1\n" + txt("_domainkey.example.org", "o=-")))[1][0].message
    assert "at _domainkey.example.org itself is a DomainKeys policy" in policy
    assert "itself is" not in (await checked(txt("*.example.org", "v=spf1 -all")))[1][0].message
    assert (
        "without a record of its own has what a wildcard gives: an SPF record, which belongs at the domain itself"
        in (await checked(txt("*.example.org", "v=spf1 -all")))[1][0].message
    )
    assert (
        "every selector without a record of its own has what a wildcard gives: '<U+00A0>x'"
        in (await checked(txt("*._domainkey.example.org", "\u00a0x")))[1][0].message
    )
    exists = (await checked(txt("odd._domainkey.example.org", rsa_record(2048))))[1][0].message
    assert "some selector probably does" in exists


NO_ANSWER = "".join(f";! SERVFAIL {each}._domainkey.example.org TXT\n" for each in known_selectors().common)
EXISTS = "example.org. A 192.0.2.1\n"
S1 = txt("s1._domainkey.example.org", rsa_record(2048))


def _without(zone: str, *selectors: str) -> str:
    return "".join(line for line in zone.splitlines(keepends=True) if line.split()[2].split(".")[0] not in selectors)


# Each: the zone of a domain alone, the ids, words of the page, words that must not be on it, the exit code.
UNANSWERED: dict[str, tuple[str, list[str], list[str], list[str], int]] = {
    "none was answered for": (
        EXISTS + NO_ANSWER, ["dkim-temperror"],
        ["example.org: temperror", "warning: no selector could be looked up: SERVFAIL"], ["has a key", "google"], 6,
    ),
    "none was, for several reasons": (
        EXISTS + _without(NO_ANSWER, "mx") + ";! TIMEOUT mx._domainkey.example.org TXT\n", ["dkim-temperror"],
        ["no selector could be looked up: default, google, selector1, selector2, s1 and 17 more: SERVFAIL; "
         "mx: no answer in time"], ["has a key"], 6,
    ),
    "the domain does not exist": (
        NO_ANSWER, ["dkim-not-found-by-guessing", "dkim-temperror"], ["example.org does not exist"], ["could be looked up"], 0,
    ),
    "one was": (
        EXISTS + _without(NO_ANSWER, "mx"), ["dkim-not-found-by-guessing", "dkim-temperror"],
        ["the 1 common selector of example.org that could be looked up has no key; that proves nothing",
         "notice: no answer for default, google, selector1, selector2, s1 and 17 more: SERVFAIL"], [], 0,
    ),
    "one was not": (
        EXISTS + ";! TIMEOUT mx._domainkey.example.org TXT\n", ["dkim-not-found-by-guessing", "dkim-temperror"],
        ["none of 22 common selectors of example.org has a key", "notice: no answer for mx: no answer in time"], [], 0,
    ),
    "there is a key, and others were not": (
        S1 + ";! TIMEOUT mx._domainkey.example.org TXT\n;! SERVFAIL google._domainkey.example.org TXT\n",
        ["dkim-temperror"],
        ["1 of 23 selectors tried have a key, 2 could not be looked up; others cannot be listed",
         "notice: no answer for google: SERVFAIL; mx: no answer in time"], [], 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("zone", "ids", "words", "absent", "code"), UNANSWERED.values(), ids=[*UNANSWERED])
async def test_selectors_without_an_answer_are_no_selectors_without_a_key(
    zone: str, ids: list[str], words: list[str], absent: list[str], code: int
) -> None:
    evidence, findings = await checked(zone)
    page = "\n".join(
        (
            *(row.text for row in rows(evidence, Detail(full=True, findings=tuple(findings)))),
            *(f"{finding.severity}: {finding.message}" for finding in findings),
        )
    )
    assert [finding.id for finding in findings] == ids
    assert [each for each in words if each not in page] == []
    assert [each for each in absent if each in page] == []
    assert exit_codes.of_single_check(_report(evidence, findings), "error").code == code
    assert ("no selector could be looked up" in summary(evidence)) is (code == 6)


def with_from(*values: str) -> bytes:
    """The message signed with these From fields in place of its own."""
    fields = "".join(f"From: {value}\r\n" for value in values).encode()
    return sign(MESSAGE.replace(b"From: Alice <alice@example.org>\r\n", fields), bits=2048)


GUESS = ("dkim-not-found-by-guessing", INFO)

# Each: From fields, ids with severity, words of the first finding.
AUTHORS: list[tuple[tuple[str, ...], list[tuple[str, Severity]], str]] = [
    (("Chief <ceo@example.org>", "Alice <alice@example.org>"), [("dkim-from-invalid", E)],
     "covers the lowest of them alone"),
    (("ceo@example.net", "alice@example.org"), [("dkim-from-invalid", E), ("dkim-from-ambiguous", W), GUESS],
     "2 From fields, exactly one is allowed: 'ceo@example.net', 'alice@example.org'; receivers typically refuse"),
    (("alice",), [("dkim-from-invalid", E)], "no address with a domain: 'alice'"),
    (("",), [("dkim-from-invalid", E)], "the From field is empty"),
    (("undisclosed:;",), [("dkim-from-invalid", E)], "a group without an address"),
    (("a@[192.0.2.1]",), [("dkim-from-invalid", E)], "the address literal '[192.0.2.1]'"),
    (("staff: a@example.org;",), [("dkim-from-ambiguous", W)], "the group 'staff'"),
    (("a@example.org, b@example.net",), [("dkim-from-ambiguous", W)] * 2 + [GUESS], "names 2 domains (example.org, example.net)"),
    (("Alice a@example.org",), [("dkim-from-ambiguous", W)], "receivers differ in the address that they read"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "expected", "words"), AUTHORS, ids=range(len(AUTHORS)))
async def test_a_pass_beside_a_faulty_from_is_not_called_fine(
    values: tuple[str, ...], expected: list[tuple[str, Severity]], words: str
) -> None:
    evidence, findings = await checked(KEY, message=with_from(*values))
    assert [signature.result for signature in evidence.signatures] == ["pass"]
    assert [(finding.id, finding.severity) for finding in findings] == expected
    assert words in findings[0].message
    assert "the signature of example.org verifies" in findings[0].message
    assert "From: " in summary(evidence)
    assert "a message whose From field is not as it should be" in rows(evidence, Detail())[0].text


async def test_a_message_without_an_author_is_not_asked_about_under_the_reverse_path() -> None:
    evidence, findings = await checked("", message=b"To: bob@example.com\r\n\r\n")
    assert (evidence.domain, evidence.keys) == (None, ())
    assert [finding.id for finding in findings] == ["dkim-from-invalid", "dkim-no-signature"]


ED = txt("ed._domainkey.example.org", ed_record()) + txt("ed._domainkey.example.net", ed_record())
OTHER = {"a": "ed25519-sha256", "s": "ed"}


def also_signed(b: str | None = None, **tags: Any) -> bytes:
    """The message signed with the RSA key, and with the Ed25519 key on top; `b` is in place of that one's signature."""
    return sign(SIGNED, b=b, **OTHER | tags)


BAD = encoded(bytes(64))

# Each: the zone, the message, the results, which signatures another one outweighs, the exit code.
BESIDE: dict[str, tuple[str, bytes, list[str], list[bool], int]] = {
    "both pass": (KEY + ED, also_signed(), ["pass", "pass"], [False, False], 0),
    "one was made with another key": (KEY + ED, also_signed(BAD), ["fail", "pass"], [True, False], 0),
    "one has no key": (KEY, also_signed(), ["permerror", "pass"], [True, False], 0),
    "the key of one cannot be looked up": (
        KEY + ";! SERVFAIL ed._domainkey.example.org TXT\n", also_signed(), ["temperror", "pass"], [True, False], 0,
    ),
    "one is withdrawn": (
        KEY, sign(SIGNED, bits=2048, a="rsa-sha1"), ["policy", "pass"], [True, False], 0,
    ),
    "the key of one is broken": (
        KEY + txt("ed._domainkey.example.org", "v=DKIM1; k=ed25519; p=?"), also_signed(), ["permerror", "pass"],
        [True, False], 0,
    ),
    "the key of one is revoked": (
        KEY + txt("ed._domainkey.example.org", "v=DKIM1; p="), also_signed(), ["permerror", "pass"], [True, False], 0,
    ),
    "a subdomain signed too": (
        KEY, also_signed(d="mail.example.org"), ["permerror", "pass"], [True, False], 0,
    ),
    "somebody else's fails, the author's passes": (
        KEY + ED, also_signed(BAD, d="example.net"), ["fail", "pass"], [True, False], 0,
    ),
    "the author's fails, somebody else's passes": (
        KEY + ED, also_signed(d="example.net").replace(b"s=sel", b"s=gone"), ["pass", "permerror"], [False, False], 1,
    ),
    "the author's was changed, somebody else's passes": (
        KEY + txt("sel._domainkey.example.net", rsa_record(2048)),
        sign(SIGNED.replace(b"; b=", b"; t=1; b="), bits=2048, d="example.net"), ["pass", "fail"], [False, False], 1,
    ),
    "both fail": (KEY + ED, also_signed(BAD).replace(b"To: bob", b"To: eve"), ["fail", "fail"], [False, False], 1),
    "the only one fails": (KEY, SIGNED.replace(b"To: bob", b"To: eve"), ["fail"], [False], 1),
}  # fmt: skip


@pytest.mark.parametrize(("zone", "message", "results", "outweighed", "code"), BESIDE.values(), ids=[*BESIDE])
async def test_a_signature_that_fails_beside_a_good_one(
    zone: str, message: bytes, results: list[str], outweighed: list[bool], code: int
) -> None:
    evidence, findings = await checked(zone, message=message)
    assert [signature.result for signature in evidence.signatures] == results
    assert [signature.outweighed for signature in evidence.signatures] == outweighed
    assert exit_codes.of_single_check(_report(evidence, findings), "error").code == code
    failing = [finding for finding in findings if finding.id in ("dkim-signature-fail", "dkim-signature-invalid")]
    assert all(finding.severity is (E if code else W) for finding in failing)
    is_strangers = code != 0 and "pass" in results
    assert all(("which is not the author domain, example.org" in each.message) is is_strangers for each in failing)
    if any(outweighed):
        assert {finding.severity for finding in findings} == {W}
        assert "another signature passes" in findings[0].message or findings[0].id == "dkim-signature-policy"


@pytest.mark.parametrize(
    ("added", "words"),
    [
        (b"Subject: another\r\n", "2 Subject fields, at most one is allowed; the signature of example.org verifies, and "
         "covers the lowest of them alone"),
        (b"Date: Fri, 2 Jan 2026 12:00:00 +0000\r\n", "2 Date fields"),
        (b"date: Fri, 2 Jan 2026 12:00:00 +0000\r\n", "covers none of them"),
        (b"To: eve@example.net\r\n" * 2, "3 To fields"),
        (b"Content-Type: text/html\r\n" * 2, "2 Content-Type fields"),
    ],
    ids=range(5),
)  # fmt: skip
async def test_a_field_that_was_put_on_top_is_said_beside_the_pass(added: bytes, words: str) -> None:
    evidence, (finding,) = await checked(KEY, message=added + SIGNED)
    assert evidence.signatures[0].result == "pass"
    assert words in finding.message
    assert "field is not as it should be" in rows(evidence, Detail())[0].text
    assert "fields" in summary(evidence)
