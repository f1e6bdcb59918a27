"""The ways in which people misspell DMARC records: the record that was meant by each, and that receivers read it so."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dmarc.record import RecordFault, is_dmarc_record, is_look_alike, read_record
from smtpprobe.mailauth.dmarc.spelling import spelled

REJECT = "v=DMARC1; p=reject"
A, B = "mailto:a@example.org", "mailto:b@example.org"
REPORTED = f"{REJECT}; rua={A}"
BOTH = f"{REJECT}; rua={A},{B}"

# Each: what is published, and what was meant by it; None where that is not certain.
TEXTS: list[tuple[str, str | None]] = [
    # right
    (REJECT, None),
    (REPORTED, None),
    (f"v=DMARC1;p=reject;rua={A},{B};", None),
    ("v = DMARC1 ; p = reject", None),
    # characters
    (f"v=DMARC1;\u00a0p=reject;\u00a0rua={A}", REPORTED),
    (f"v=DMARC1\u00a0; p=reject; rua={A}", REPORTED),
    ("v=DMARC1; p=reject\u200b", REJECT),
    ("\ufeffv=DMARC1; p=reject", REJECT),
    ("v=DM\u200bARC1; p=reject", REJECT),
    ("\u201cv=DMARC1; p=reject\u201d", REJECT),
    ("\u2018v=DMARC1; p=reject\u2019", REJECT),
    ("v=DMARC1\uff1b p=reject\uff1b", REJECT),
    ("v\uff1dDMARC1; p\uff1dreject", REJECT),
    ("v=DMARC1\u037e p=reject", REJECT),
    ("v=DMARC1; p=\u201creject\u201d", REJECT),
    (f"v=DMARC1; p=reject; rua=\u200b{A}", REPORTED),
    ("v=DMARC1;\\xa0p=reject", REJECT),
    ("v=DMARC1;&nbsp;p=reject", REJECT),
    ("v=DMARC1;\tp=reject", None),
    ("v=DMARC1;\r\np=reject", REJECT),
    # the version
    ("v=dmarc1; p=reject", REJECT),
    ("V=DMARC1; p=reject", REJECT),
    ("v=DMARC1 p=reject", REJECT),
    ("v=DMARC1, p=reject", REJECT),
    ("v=DMARC1: p=reject", REJECT),
    ("v=DMARC1. p=reject", REJECT),
    ("v=DMARC1|p=reject", REJECT),
    ("v=DMARC1p=reject", REJECT),
    (" v=DMARC1; p=reject", REJECT),
    ("v=DMARC; p=reject", REJECT),
    ("v=DMARC 1; p=reject", REJECT),
    ("v=DMARC-1; p=reject", REJECT),
    ("v=DMRAC1; p=reject", REJECT),
    ("v:DMARC1; p=reject", REJECT),
    ("v DMARC1; p=reject", REJECT),
    ("version=DMARC1; p=reject", REJECT),
    ("DMARC1; p=reject", REJECT),
    ("p=reject", REJECT),
    (f"p=reject; rua={A}", REPORTED),
    ("p=reject; v=DMARC1", REJECT),
    (f"p=reject; v=DMARC1; rua={A}", REPORTED),
    ("; v=DMARC1; p=reject", REJECT),
    ("v=DKIM1; p=reject", REJECT),
    # of a zone file
    ('"v=DMARC1; p=reject"', REJECT),
    ("'v=DMARC1; p=reject'", REJECT),
    ('\\"v=DMARC1; p=reject\\"', REJECT),
    ("v=DMARC1\\; p=reject", REJECT),
    ('_dmarc IN TXT "v=DMARC1; p=reject"', REJECT),
    ('_dmarc.example.org. 3600 IN TXT ( "v=DMARC1; p=reject; " "rua=mailto:a@example.org" )', REPORTED),
    ("_dmarc TXT v=DMARC1; p=reject", REJECT),
    ("TXT v=DMARC1; p=reject", REJECT),
    ("IN TXT v=DMARC1; p=reject", REJECT),
    # twice
    ("v=DMARC1; p=reject; v=DMARC1; p=reject", REJECT),
    ("v=DMARC1; p=rejectv=DMARC1; p=reject", REJECT),
    (f"v=DMARC1; p=reject v=DMARC1; p=reject; rua={A}", REPORTED),
    ("v=DMARC1; p=reject; v=DMARC1; p=none", None),
    ("v=DMARC1; p=reject; p=reject", REJECT),
    ("v=DMARC1; p=reject; p=none", None),
    # policies
    ("v=DMARC1; p=quarantaine", "v=DMARC1; p=quarantine"),
    ("v=DMARC1; p=quarentine", "v=DMARC1; p=quarantine"),
    ("v=DMARC1; p=quarantined", "v=DMARC1; p=quarantine"),
    ("v=DMARC1; p=rejected", REJECT),
    ("v=DMARC1; p=rejct", REJECT),
    ("v=DMARC1; p=monitor", "v=DMARC1; p=none"),
    ("v=DMARC1; p=none.", "v=DMARC1; p=none"),
    ('v=DMARC1; p="reject"', REJECT),
    ("v=DMARC1; p==reject", REJECT),
    ("v=DMARC1; p=Reject", None),
    ("v=DMARC1; policy=reject", REJECT),
    ("v=DMARC1; p=reject; sp=rejekt", f"{REJECT}; sp=reject"),
    ("v=DMARC1; p=bounce", None),
    ("v=DMARC1; p=", None),
    ("v=DMARC1", None),
    ("v=DMARC1; adkim=s", None),
    (f"v=DMARC1; rua={A}", f"v=DMARC1; p=none; rua={A}"),
    # separators
    ("v=DMARC1; p=reject sp=reject", f"{REJECT}; sp=reject"),
    (f"v=DMARC1; p=reject rua={A}", REPORTED),
    (f"v=DMARC1; p=reject, rua={A}", REPORTED),
    (f"v=DMARC1; p=rejectrua={A}", REPORTED),
    (f"v=DMARC1; rua={A} p=reject", REPORTED),
    (f"v=DMARC1; p=reject; rua={A}, ruf={B}", f"{REPORTED}; ruf={B}"),
    (f"v=DMARC1; p=reject: rua={A}", REPORTED),
    ("v=DMARC1; p reject", REJECT),
    ("v=DMARC1; p:reject", REJECT),
    ("v=DMARC1;; p=reject", None),
    # destinations
    ("v=DMARC1; p=reject; rua=a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto://a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto:<a@example.org>", REPORTED),
    ("v=DMARC1; p=reject; rua=<mailto:a@example.org>", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto: a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto;a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto=a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mail:a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto:mailto:a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua:mailto:a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rau=mailto:a@example.org", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org mailto:b@example.org", BOTH),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org; mailto:b@example.org", BOTH),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org; b@example.org", BOTH),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org,b@example.org", BOTH),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org; rua=mailto:b@example.org", BOTH),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org,", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org,https://example.net/r", REPORTED),
    ("v=DMARC1; p=reject; rua=https://example.net/r", REJECT),
    ("v=DMARC1; p=reject; rua=mailto:a@example.org!10m", REPORTED),
    ("v=DMARC1; p=reject; rua=mailto:a%zz@example.org", REJECT),
    ("v=DMARC1; p=reject; rua=mailto:a%2cb@example.org", None),
    # the other tags
    ("v=DMARC1; p=reject; adkim=relaxed; aspf=strict", f"{REJECT}; adkim=r; aspf=s"),
    ("v=DMARC1; p=reject; akdim=s", f"{REJECT}; adkim=s"),
    ("v=DMARC1; p=reject; dkim=s", f"{REJECT}; adkim=s"),
    ("v=DMARC1; p=reject; t=yes", f"{REJECT}; t=y"),
    ("v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400", REJECT),
    ("v=DMARC1; p=reject; pct=100%", REJECT),
    ("v=DMARC1; p=reject; pct=50", None),
    ("v=DMARC1; p=reject; pct=50%", f"{REJECT}; pct=50"),
    (f"v=DMARC1; p=reject; fo=0,1; ruf={A}", f"{REJECT}; fo=1; ruf={A}"),
    ("v=DMARC1; p=reject; fo=1", REJECT),
    ("v=DMARC1; p=reject; junk", REJECT),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), TEXTS)
def test_the_record_that_was_meant(text: str, meant: str | None) -> None:
    found = spelled(text)
    assert found.meant == meant
    assert is_dmarc_record(text) or is_look_alike(text)
    if meant is None:
        return
    assert read_record(meant).has_policy
    left = {problem.fault for problem in read_record(meant).problems}
    assert left <= {RecordFault.HISTORIC}
    assert spelled(meant).meant is None
    if not is_dmarc_record(text):
        assert found.faults


# Each: what is published, and what is said of it.
FAULTS = [
    ("\u201cv=DMARC1; p=reject\u201d", "U+201C LEFT DOUBLE QUOTATION MARK"),
    ("v=DM\u200bARC1; p=reject", "U+200B ZERO WIDTH SPACE"),
    ("v=DMARC1\uff1b p=reject", "U+FF1B FULLWIDTH SEMICOLON"),
    ('_dmarc IN TXT "v=DMARC1; p=reject"', "a line of a zone file"),
    ('"v=DMARC1; p=reject"', "quotation marks"),
    ("v=DMARC1; p=reject; v=DMARC1; p=reject", "the record is in it 2 times"),
    ("p=reject; v=DMARC1", "'p=reject;' is before v=DMARC1"),
    (" v=DMARC1; p=reject", "a blank is before v=DMARC1"),
    ("v=dmarc1; p=reject", "'v=dmarc1' is not v=DMARC1"),
    ("v=DMARC1 p=reject", "a semicolon is missing behind v=DMARC1"),
    ("p=reject", "v=DMARC1 is missing"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_what_is_wrong_with_a_text(text: str, said: str) -> None:
    assert said in "; ".join(spelled(text).faults)


# Each: what follows v=DMARC1, and what the problem of a tag ends in.
HINTS = [
    ("p=quarantaine", "probably p=quarantine"),
    ("p=reject rua=mailto:a@example.org", "a semicolon is missing before 'rua=mailto:a@example.org'"),
    ("policy=reject", "probably p="),
    ("p=reject; adkim=strict", "probably adkim=s"),
    ("p=reject; adkim s", "probably adkim=s"),
    ("p=reject;\u00a0sp=none", "it contains U+00A0 NO-BREAK SPACE"),
    ("p=reject; rua=a@example.org", "probably mailto:a@example.org"),
    ("p=reject; rua=https://example.net/r", "only by mail"),
    ("p=reject; rua=mailto:a@example.org; b@example.org", "separated by commas"),
    ("p=reject; rua=mailto:a%zz@example.org", "a percent sign without two hexadecimal digits"),
    ("p=reject; pct=50%", "expected a number from 0 to 100"),
]


@pytest.mark.parametrize(("rest", "said"), HINTS)
def test_a_problem_says_what_was_probably_meant(rest: str, said: str) -> None:
    assert any(said in problem.message for problem in read_record(f"v=DMARC1; {rest}").problems)


@pytest.mark.parametrize(
    "text", ["v=spf1 -all", "dmarc-verification=abc", "google-site-verification=p", "", "v=DKIM1; p=MIIB", "vdm=reject"]
)
def test_other_texts_were_not_meant_as_dmarc(text: str) -> None:
    assert not is_look_alike(text)
