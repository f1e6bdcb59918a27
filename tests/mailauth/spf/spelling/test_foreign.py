"""Other records that stand in the text of an SPF record: taken out, and where they belong is said."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.spf.edit.mended import mended
from smtpprobe.mailauth.spf.lint.terms import lint_record
from smtpprobe.model.words import AuthResult
from tests.mailauth.spf.spelling.test_spelling import DOMAIN, INCLUDE, ONE, edit, resolver

DMARC = "v=DMARC1; p=quarantine; rua=mailto:d@example.org,mailto:e@example.net"


@pytest.mark.parametrize(
    ("text", "record", "taken_out", "belongs_at"),
    [
        (f"v=spf1 {INCLUDE} -all; {DMARC}", f"{INCLUDE} -all", DMARC, "_dmarc.example.org"),
        (f"v=spf1 {INCLUDE} -all;{DMARC.replace(' ', '')};", f"{INCLUDE} -all", DMARC.replace(" ", ""), "_dmarc."),
        (f"v=spf1 {INCLUDE} -allv=DMARC1;p=none", f"{INCLUDE} -all", "v=DMARC1;p=none", "_dmarc.example.org"),
        (f'v=spf1 {INCLUDE} -all" "v=DMARC1; p=none"', f"{INCLUDE} -all", "v=DMARC1; p=none", "_dmarc.example.org"),
        (f"v=spf1 {INCLUDE}; v = dmarc1 ; p = none; -all", f"{INCLUDE} -all", "v = dmarc1 ; p = none", "_dmarc."),
        (f"v=DMARC1; p=none; v=spf1 {INCLUDE} -all", f"{INCLUDE} -all", "v=DMARC1; p=none", "_dmarc.example.org"),
        (
            f"v=spf1 {INCLUDE}, -all v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB",
            f"{INCLUDE} -all",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB",
            "._domainkey.example.org",
        ),
        (
            f"v=spf1 {INCLUDE}, -all v=TLSRPTv1; rua=mailto:t@example.org",
            f"{INCLUDE} -all",
            "v=TLSRPTv1; rua=mailto:t@example.org",
            "_smtp._tls.example.org",
        ),
        (
            f"v=spf1 {INCLUDE}, -all; v=STSv1; id=20260101",
            f"{INCLUDE} -all",
            "v=STSv1; id=20260101",
            "_mta-sts.example.org",
        ),
        (
            f"v=spf1 {INCLUDE}, -all; v=BIMI1; l=https://example.org/l.svg; a=",
            f"{INCLUDE} -all",
            "v=BIMI1; l=https://example.org/l.svg; a=",
            "._bimi.example.org",
        ),
        (
            f"v=spf1 {INCLUDE}, -all google-site-verification=a1_B-2",
            f"{INCLUDE} -all",
            "google-site-verification=a1_B-2",
            "of its own",
        ),
        (
            f"v=spf1 google-site-verification: a1_B-2 {INCLUDE} -all",
            f"{INCLUDE} -all",
            "google-site-verification: a1_B-2",
            "of its own",
        ),
        (f"v=spf1 {INCLUDE}; -all;MS=ms12345678", f"{INCLUDE} -all", "MS=ms12345678", "of its own"),
    ],
)
async def test_another_record_is_taken_out_and_where_it_belongs_is_said(
    text: str, record: str, taken_out: str, belongs_at: str
) -> None:
    made = await edit(text)
    assert made.record == f"v=spf1 {record}"
    assert made.result is AuthResult.PASS
    assert made.notes == ()
    [change] = [each for each in made.changes if taken_out in each]
    assert belongs_at in change


async def test_a_record_in_effect_is_put_right_without_the_other_one() -> None:
    asked = resolver(f"v=spf1 {INCLUDE} -all v=DMARC1; p=none")
    made = await mended(asked, DOMAIN)
    await asked.aclose()
    assert made is not None
    assert made.record == f"v=spf1 {INCLUDE} -all"
    assert len(made.changes) == 1
    assert (made.begins, made.stops) == ((), ())


@pytest.mark.parametrize(
    "record",
    [
        f"{ONE} -all x-note=v=DMARC ra=postmaster", f"{ONE} redirect=verification.example.net", f"{ONE} v=1 -all",
        "include:v.dmarc1.example.net a:site-verification.example.net -all", "exists:%{i}.MS.example.net -all",
    ],
)  # fmt: skip
async def test_what_is_no_other_record_stays(record: str) -> None:
    asked = resolver(f"v=spf1 {record}")
    made = await mended(asked, DOMAIN)
    await asked.aclose()
    assert made is None or not [change for change in made.changes if "record" in change]
    assert not [each for each in lint_record(DOMAIN, f"v=spf1 {record}") if "belongs" in each.message]


@pytest.mark.parametrize(
    "text", [f"v=spf1 {ONE} -all {DMARC}", f"v=spf1 {ONE} {DMARC} -all", f'v=spf1 {ONE} "{DMARC}" -all']
)
def test_another_record_is_told_once(text: str) -> None:
    [found] = lint_record(DOMAIN, text)
    assert found.id == "spf-modifier-unknown"
    assert "_dmarc.example.org" in found.message
    assert text[found.position or 0 :].startswith("v=DMARC1")
