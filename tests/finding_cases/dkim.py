"""Rows of the DKIM check: a message of alice@example.org, signed or not, and the key of selector sel."""

from __future__ import annotations

from dataclasses import replace

from tests.finding_cases.row import NOW, Given, Row
from tests.mailauth.dkim.signing import MESSAGE, ed_record, rsa_record, sign, txt

SEL = "sel._domainkey.example.org"
KEY = txt(SEL, rsa_record(2048))
SIGNED = sign(bits=2048)
SECONDS = int(NOW.timestamp())
CANONICAL = len(b"Hello Bob,\r\n\r\nlunch?\r\n")  # octets of the body in its relaxed form


def message(octets: bytes) -> Given:
    return Given(KEY, message=octets)


def key(*records: str) -> Given:
    """The selector is given, these are the records at it."""
    return Given(txt(SEL, *records), dkim_selectors=("sel",))


SERVERS = "example.org. NS ns1.example.net.\nns1.example.net. A 192.0.2.1\nns1.example.net. A 192.0.2.2\n"
ASKED = Given(SERVERS + KEY, dkim_selectors=("sel",), all_nameservers=True)

ROWS = (
    Row(
        "dkim-signature-fail",
        message(SIGNED.replace(b"To: bob", b"To: eve")),
        message(SIGNED.replace(b"Date: Thu", b"Date: Fri")),
    ),
    Row("dkim-body-hash-mismatch", message(SIGNED + b"x\r\n"), message(SIGNED + b"\r\n")),
    Row("dkim-signature-invalid", message(sign(bits=2048, v=2)), message(sign(bits=2048, v=1))),
    Row("dkim-signature-invalid", Given(message=SIGNED), message(SIGNED)),
    Row(
        "dkim-signature-policy",
        message(sign(bits=2048, x=SECONDS)),
        message(sign(bits=2048, x=SECONDS + 1)),
    ),
    Row(
        "dkim-signature-policy",
        message(sign(bits=2048, a="rsa-sha1")),
        message(sign(bits=2048, a="rsa-sha256")),
    ),
    Row(
        "dkim-body-partly-signed",
        message(sign(bits=2048, l=CANONICAL - 1)),
        message(sign(bits=2048, l=CANONICAL)),
    ),
    Row("dkim-no-signature", message(MESSAGE), message(SIGNED)),
    Row("dkim-from-invalid", message(b"From: eve@example.org\r\n" + SIGNED), message(SIGNED)),
    Row(
        "dkim-from-ambiguous",
        message(sign(MESSAGE.replace(b"From: Alice", b"From: bob@example.org, Alice"), bits=2048)),
        message(sign(MESSAGE.replace(b"From: Alice", b'From: "bob@example.org, Alice"'), bits=2048)),
    ),
    Row(
        "dkim-field-repeated",
        message(b"Subject: another\r\n" + SIGNED),
        message(b"Comments: one\r\nComments: another\r\n" + SIGNED),
    ),
    Row("dkim-bare-lf", message(SIGNED.replace(b"lunch?\r\n", b"lunch?\n")), message(SIGNED.replace(b"\r\n", b"\n"))),
    Row("dkim-key-missing", key(), key(rsa_record(2048))),
    Row("dkim-key-revoked", key("v=DKIM1; p="), key(ed_record())),
    Row("dkim-key-broken", key("v=DKIM1; k=rsa; p=A!"), key(rsa_record(2048))),
    Row("dkim-key-weak", key(rsa_record(2047)), key(rsa_record(2048))),
    Row("dkim-key-testing", key(rsa_record(2048, "t=y; ")), key(rsa_record(2048, "t=s; "))),
    Row("dkim-key-untidy", key(rsa_record(2048).replace("k=rsa;", "k=rsa;;")), key(rsa_record(2048))),
    Row("dkim-multiple-records", key(rsa_record(2048), ed_record()), key(rsa_record(2048))),
    Row("dkim-multiple-records", key(rsa_record(2048), rsa_record(2048)[300:]), key(rsa_record(2048))),
    Row("dkim-not-found-by-guessing", Given(KEY), Given(txt("s1._domainkey.example.org", rsa_record(2048)))),
    Row(
        "dkim-nameservers-differ",
        replace(ASKED, servers={"192.0.2.1": KEY, "192.0.2.2": ""}),
        replace(ASKED, servers={"192.0.2.1": KEY, "192.0.2.2": KEY}),
    ),
    Row(
        "dkim-temperror",
        Given(f";! SERVFAIL {SEL} TXT", dkim_selectors=("sel",)),
        Given(f";! NXDOMAIN {SEL} TXT", dkim_selectors=("sel",)),
        ("dkim-key-missing",),
    ),
    Row(
        "dkim-temperror",
        Given(f";! TIMEOUT {SEL} TXT", message=SIGNED),
        Given(f";! NODATA {SEL} TXT", message=SIGNED),
        ("dkim-signature-invalid",),
    ),
)
