"""Rows of the DMARC check: the author domain is example.org, and SPF permits 192.0.2.1."""

from __future__ import annotations

from dataclasses import replace

from tests.finding_cases.row import Given, Row
from tests.mailauth.dkim.signing import MESSAGE, rsa_record, sign, txt

SPF = txt("example.org", "v=spf1 ip4:192.0.2.1 -all") + txt("example.net", "v=spf1 ip4:192.0.2.1 -all")
KEY = txt("sel._domainkey.example.org", rsa_record())
TESTED = txt("default._domainkey.example.org", rsa_record(extra="t=y; "))
REJECT = txt("_dmarc.example.org", "v=DMARC1; p=reject")
MAIL = "example.org. A 192.0.2.1\nsub.example.org. A 192.0.2.1\nexample.net. A 192.0.2.1\n"
TWO_ADDRESSES = sign(MESSAGE.replace(b"<alice@example.org>", b"<alice@example.org> <mallory@example.net>"))
SPOOF = MESSAGE.replace(b"Alice <", b'"ceo@example.net" <')
TWO_FIELDS = b"From: mallory@example.net\r\n" + sign()
GOOD = Given(REJECT + SPF)
UNSIGNED = replace(GOOD, message=MESSAGE)
SIGNED = replace(GOOD, zone=GOOD.zone + KEY, message=sign())


def record(*texts: str) -> Given:
    """These are the records; neither SPF nor DKIM is asked."""
    return Given(MAIL + txt("_dmarc.example.org", *texts), client_ip=None)


def below(text: str) -> Given:
    """The author domain is mail.example.org, and this its record; example.org has one too."""
    zone = REJECT + txt("_dmarc.mail.example.org", text)
    return Given(zone, client_ip=None, reverse_path="alice@mail.example.org")


def audited(zone: str) -> Given:
    """The domain is looked at by itself."""
    return Given(zone, client_ip=None, domains=("example.org",))


SERVERS = "example.org. NS ns1.example.net.\nns1.example.net. A 192.0.2.1\nns1.example.net. A 192.0.2.2\n"
ASKED = Given(SERVERS + REJECT, client_ip=None, all_nameservers=True)

ROWS = (
    Row("dmarc-key-testing", replace(SIGNED, zone=SIGNED.zone.replace("k=rsa", "t=y; k=rsa"), client_ip=None),
        replace(SIGNED, client_ip=None)),
    Row("dmarc-key-testing", audited(REJECT + SPF + TESTED), audited(REJECT + SPF + TESTED.replace("t=y", "t=s"))),
    Row("dmarc-none", Given(client_ip=None), record("v=DMARC1; p=reject")),
    Row("dmarc-none", replace(record(), reverse_path="alice@sub.example.org"),
        replace(record("v=DMARC1; p=reject"), reverse_path="alice@sub.example.org")),
    Row("dmarc-record-invalid", record("v=DMARC1 p=reject"), record("v=DMARC1; p=reject")),
    Row("dmarc-record-invalid", record("v=DMARC1 p=reject"), record("unrelated"), ("dmarc-none",)),
    Row("dmarc-record-invalid", record("v=DMARC1; p=refuse"), record("v=DMARC1; p=reject")),
    Row("dmarc-record-invalid", record("p=reject; v=DMARC1"), record("v=DMARC1; p=reject")),
    Row("dmarc-record-syntax", record("v=DMARC1; p=reject; adkim=x"), record("v=DMARC1; p=reject; adkim=s")),
    Row(
        "dmarc-record-syntax",
        record("v=DMARC1; p=reject; rua=a@example.org"),
        record("v=DMARC1; p=reject; rua=mailto:a@example.org"),
    ),
    Row(
        "dmarc-record-syntax",
        record("v=DMARC1; rua=mailto:a@example.org; p=reject"),
        record("v=DMARC1; p=reject; rua=mailto:a@example.org"),
    ),
    Row("dmarc-record-syntax", record("v=DMARC1; p=reject; ri=1"), record("v=DMARC1; p=reject")),
    Row("dmarc-record-syntax", below("v=DMARC1; p=reject; sp=reject"), below("v=DMARC1; p=reject")),
    Row(
        "dmarc-multiple-records",
        record("v=DMARC1; p=reject", "v=DMARC1; p=none"),
        record("v=DMARC1; p=reject", "unrelated"),
    ),
    Row("dmarc-policy-none", record("v=DMARC1; p=none"), record("v=DMARC1; p=quarantine")),
    Row("dmarc-testing", record("v=DMARC1; p=reject; t=y"), record("v=DMARC1; p=reject; t=n")),
    Row("dmarc-fail", replace(UNSIGNED, client_ip="192.0.2.2"), replace(UNSIGNED, client_ip="192.0.2.1")),
    Row("dmarc-fail", replace(UNSIGNED, client_ip="192.0.2.2"), replace(SIGNED, client_ip="192.0.2.2")),
    Row("dmarc-fail", replace(UNSIGNED, reverse_path="a@example.net"), replace(UNSIGNED, reverse_path="a@example.org")),
    Row("dmarc-rests-on-dkim", replace(GOOD, client_ip="192.0.2.2"), replace(GOOD, client_ip="192.0.2.1")),
    Row("dmarc-rests-on-spf", replace(UNSIGNED, client_ip=None), replace(SIGNED, client_ip=None)),
    Row("dmarc-rests-on-nothing", audited(REJECT), audited(REJECT + SPF)),
    Row("dmarc-rests-on-nothing", audited(REJECT), audited(REJECT + txt("default._domainkey.example.org", rsa_record()))),
    Row("dmarc-rests-on-nothing", audited(REJECT + txt("example.org", "v=spf1 ?all")),
        audited(REJECT + txt("example.org", "v=spf1 -all"))),
    Row("dmarc-rests-on-nothing", audited(REJECT),
        replace(audited(REJECT + "example.org. A 192.0.2.1\n"), domains=("gone.example.org",))),
    Row("dmarc-spf-open", audited(REJECT + txt("example.org", "v=spf1 +all")),
        audited(REJECT + txt("example.org", "v=spf1 ip4:192.0.2.1 ~all"))),
    Row(
        "dmarc-differs-rfc7489",
        record("v=DMARC1; p=reject; pct=99"),
        record("v=DMARC1; p=reject; pct=100"),
        ("dmarc-pct-ignored",),
    ),
    Row("dmarc-pct-ignored", record("v=DMARC1; p=reject; pct=100"), record("v=DMARC1; p=reject")),
    Row(
        "dmarc-reports-unauthorized",
        record("v=DMARC1; p=reject; rua=mailto:a@example.net"),
        replace(
            record("v=DMARC1; p=reject; rua=mailto:a@example.net"),
            zone=record("v=DMARC1; p=reject; rua=mailto:a@example.net").zone
            + txt("example.org._report._dmarc.example.net", "v=DMARC1"),
        ),
    ),
    Row(
        "dmarc-reports-unauthorized",
        record("v=DMARC1; p=reject; rua=mailto:a@example.net"),
        record("v=DMARC1; p=reject; rua=mailto:a@sub.example.org"),
    ),
    Row(
        "dmarc-reports-unreachable",
        record("v=DMARC1; p=reject; rua=mailto:a@gone.example.org"),
        record("v=DMARC1; p=reject; rua=mailto:a@sub.example.org"),
    ),
    Row("dmarc-from-ambiguous", replace(SIGNED, message=TWO_ADDRESSES), SIGNED),
    Row("dmarc-from-ambiguous", replace(SIGNED, message=sign(SPOOF)), SIGNED),
    Row("dmarc-no-author-domain", replace(SIGNED, message=TWO_FIELDS), SIGNED),
    Row("dmarc-psd-misused", record("v=DMARC1; p=reject; psd=y"), record("v=DMARC1; p=reject; psd=n")),
    Row("dmarc-record-misplaced", Given(txt("example.org", "v=DMARC1; p=reject"), client_ip=None),
        record("v=DMARC1; p=reject")),
    Row("dmarc-record-misplaced", Given(txt("_dmarc.example.org.example.org", "v=DMARC1; p=reject"), client_ip=None),
        record("v=DMARC1; p=reject")),
    Row(
        "dmarc-nameservers-differ",
        replace(ASKED, servers={"192.0.2.1": REJECT, "192.0.2.2": ""}),
        replace(ASKED, servers={"192.0.2.1": REJECT, "192.0.2.2": REJECT}),
    ),
    Row(
        "dmarc-temperror",
        Given(";! SERVFAIL _dmarc.example.org TXT", client_ip=None),
        Given(";! NXDOMAIN _dmarc.example.org TXT", client_ip=None),
        ("dmarc-none",),
    ),
)  # fmt: skip
