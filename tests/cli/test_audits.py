"""`spf --flatten`, `dmarc DOMAIN` and `dkim DOMAIN`: what an auditor of a domain reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.catalogue.selectors import known_selectors
from tests.cli.conftest import Ran
from tests.mailauth.dkim.signing import rsa_record

COMMON = len(known_selectors().common)


def said(ran: Ran) -> str:
    return " ".join(ran.out.split())


def test_a_flattened_record_and_its_upkeep(cli: Callable[..., Ran]) -> None:
    records = (
        'example.org. TXT "v=spf1 include:spf.protection.outlook.com include:x.example -all"',
        'spf.protection.outlook.com. TXT "v=spf1 ip4:198.51.100.0/24 -all"',
        'x.example. TXT "v=spf1 exists:%{i}.y.example -all"',
    )
    assumed = [each for record in records for each in ("--assume", record)]
    ran = cli("spf", "example.org", "--flatten", "--at", "2026-03-01T12:00:00Z", *assumed)
    assert ran.code == 0
    assert '\n  example.org. TXT "v=spf1 ip4:198.51.100.0/24 include:x.example -all"\n' in ran.out
    text = said(ran)
    assert "49 octets, lookups 2 of 10 instead of 3; resolved 2026-03-01 12:00 UTC" in text
    assert "include:x.example stays as it is: whom exists:%{i}.y.example in it matches cannot be listed" in text
    assert "published again: include:spf.protection.outlook.com (Microsoft 365)" in text
    evidence = cli("spf", "example.org", "--flatten", "--format", "json", *assumed).report["evidence"]["flattened"]
    assert evidence["replaced"] == ["include:spf.protection.outlook.com"]
    assert evidence["kept"] == [{"term": "include:x.example", "because": ["exists:%{i}.y.example"]}]


def test_flatten_is_about_a_record_by_itself(cli: Callable[..., Ran]) -> None:
    ran = cli("spf", "example.org", "--flatten", "--ip", "192.0.2.1")
    assert (ran.code, ran.out) == (2, "")
    assert "leave out --ip" in ran.err


def test_dmarc_says_what_is_asked_for_and_what_comes_next(cli: Callable[..., Ran]) -> None:
    record = '_dmarc.example.org. TXT "v=DMARC1; p=quarantine; sp=none; adkim=s; rua=mailto:r@example.org"'
    text = said(cli("dmarc", "example.org", "--assume", record))
    # Nothing was found that mail could pass by: a stricter policy would refuse all of it.
    assert "next: p=reject" not in text
    spf = 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"'
    text = said(cli("dmarc", "example.org", "--assume", record, "--assume", spf))
    assert "policy quarantine for example.org, none for names below it, none for names that do not exist" in text
    assert "alignment: DKIM strict, SPF relaxed" in text
    assert "next: p=reject" in text
    assert "next: sp= and np= as strict as p=" in text
    strict = record.replace("p=quarantine; sp=none", "p=reject")
    mail = "example.org. MX 10 mx.example.org."
    text = said(cli("dmarc", "example.org", "--assume", strict, "--assume", mail))
    assert "enforced as far as a record can ask for it" in text


def test_a_policy_does_not_rest_on_a_key_for_testing(cli: Callable[..., Ran]) -> None:
    zone = (
        '_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:r@example.org"',
        'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"',
        f'default._domainkey.example.org. TXT "{rsa_record(extra="t=y; ")}"',
    )
    text = said(cli("dmarc", "example.org", *(each for record in zone for each in ("--assume", record))))
    assert "the policy rests on SPF alone" in text
    assert "DKIM: no usable key but one for testing (t=y) at default" in text
    assert "next: remove t=y from the DKIM keys once their signatures pass" in text
    assert "[dmarc-key-testing]" in text


def test_a_policy_that_is_not_first_is_written_right(cli: Callable[..., Ran]) -> None:
    zone = (
        '_dmarc.example.org. TXT "v=DMARC1; rua=mailto:r@example.org; p=reject"',
        "example.org. MX 10 mx.example.org.",
    )
    text = said(cli("dmarc", "example.org", *(each for record in zone for each in ("--assume", record))))
    assert "p= is not directly behind v=DMARC1: receivers of RFC 7489 may discard the record (RFC 7489 §6.4)" in text
    assert "written right: v=DMARC1; p=reject; rua=mailto:r@example.org" in text
    assert "next: write p= directly behind v=DMARC1" in text
    assert "enforced as far as" not in text


ONCE = "once the reports show that all own mail passes"


@pytest.mark.parametrize(
    ("tags", "steps"),
    [
        ("pct=0; t=y", [f"remove t=y and pct= together, {ONCE}"]),
        ("pct=5", [f"remove pct=, {ONCE}: receivers that still read it apply less than the policy"]),
        ("t=y", [f"remove t=y {ONCE}"]),
        ("pct=100; t=y", [f"remove t=y {ONCE}"]),
    ],
)
def test_what_slows_a_policy_down_goes_under_one_condition(
    cli: Callable[..., Ran], tags: str, steps: list[str]
) -> None:
    record = f'_dmarc.example.org. TXT "v=DMARC1; p=reject; {tags}; rua=mailto:r@example.org"'
    ran = cli("dmarc", "example.org", "--assume", record, "--assume", 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"')
    told = [each.strip() for each in ran.out.replace("\n      ", " ").splitlines() if "remove" in each]
    assert told == [f"next: {step}" for step in steps]


def test_dmarc_says_what_the_policy_rests_on(cli: Callable[..., Ran]) -> None:
    policy, spf = '_dmarc.example.org. TXT "v=DMARC1; p=reject"', 'example.org. TXT "v=spf1 ip4:192.0.2.1 -all"'
    text = said(cli("dmarc", "example.org", "--assume", policy, "--assume", spf))
    assert "the policy rests on SPF alone, as far as was found: forwarded mail fails" in text
    assert "SPF: v=spf1 ip4:192.0.2.1 -all" in text
    assert "next: sign the domain's mail with DKIM, or give the selector" in text
    assert f"DKIM: none of {COMMON} common selectors has a usable key, which proves nothing (--selector)" in text
    without = said(cli("dmarc", "example.org", "--assume", spf))
    assert ("the policy rests on" in without, "SPF: v=spf1 ip4:192.0.2.1 -all" in without) == (False, True)
    revoked = 'own._domainkey.example.org. TXT "v=DKIM1; p="'
    ran = cli(
        "dmarc", "example.org", "--selector", "own", *(x for each in (policy, revoked) for x in ("--assume", each))
    )
    assert "dmarc-rests-on-nothing" in ran.out
    assert "DKIM: no usable key at the selectors given; unusable ones at own" in said(ran)
    assert "next: publish an SPF record that names the hosts" in said(ran)
    assert "next: sign the domain's mail with DKIM" in said(ran)
    ran = cli("dmarc", "example.org", "--format", "json", "--assume", policy, "--assume", spf)
    assert ran.report["evidence"]["backing"]["lacks"] == ["signatures"]


@pytest.mark.parametrize("char", ["\u200b", "\u00a0", "\u0430", "\u200e"])
def test_what_cannot_be_seen_in_a_record_has_one_form(cli: Callable[..., Ran], char: str) -> None:
    form = f"<U+{ord(char):04X}>"
    for command, record in (
        ("spf", f'example.org. TXT "v=spf1 mx a:m{char}x.example.net -all"'),
        ("dmarc", f'_dmarc.example.org. TXT "v=DMARC1;{char}p=reject; rua={char}mailto:a@example.org"'),
        ("dkim", f'mx._domainkey.example.org. TXT "v=DKIM1; k={char}rsa; s=e{char}mail; p=x"'),
    ):
        ran = cli(command, "example.org", "--assume", record)
        assert (char in ran.out, form in ran.out) == (False, True)


@pytest.mark.parametrize("spf", ["v=spf1 +all", "v=spf1 ip4:0.0.0.0/0 -all", "v=spf1 include:p.example ~all"])
@pytest.mark.parametrize("policy", ["reject", "quarantine"])
def test_a_policy_is_not_enforced_where_everybody_passes_spf(cli: Callable[..., Ran], spf: str, policy: str) -> None:
    records = (
        f'_dmarc.example.org. TXT "v=DMARC1; p={policy}; rua=mailto:r@example.org"',
        f'example.org. TXT "{spf}"',
        "example.org. MX 10 mx.example.org.",
        'p.example. TXT "v=spf1 +all"',
    )
    text = said(cli("dmarc", "example.org", *(each for record in records for each in ("--assume", record))))
    assert "everybody passes by SPF, whoever sends: DMARC stops nobody" in text
    assert "[dmarc-spf-open]" in text
    assert "next: remove what lets everybody pass from the SPF record" in text
    for untrue in ("enforced", "forwarded mail fails", "next: p=reject"):
        assert untrue not in text


@pytest.mark.parametrize(
    "given",
    [
        ("example.org", "--selector", "own._domainkey.example.org"),
        ("example.org", "--selector", "own._domainkey.example.org."),
        ("example.org", "--selector", "own._domainkey"),
        ("own._domainkey.example.org",),
        ("OWN._domainkey.example.org.",),
    ],
)
def test_the_name_of_a_key_record_is_understood(cli: Callable[..., Ran], given: tuple[str, ...]) -> None:
    ran = cli("dkim", *given, "--assume", 'own._domainkey.example.org. TXT "v=DKIM1; p="')
    assert ran.code == 1
    name = "own._domainkey" if given[-1] == "own._domainkey" else "own._domainkey.example.org"
    assert f"key own._domainkey.example.org (given as {name}: its selector was taken): revoked" in said(ran)


def test_the_name_of_a_dmarc_record_is_understood(cli: Callable[..., Ran]) -> None:
    ran = cli("dmarc", "_dmarc.example.org", "--assume", '_dmarc.example.org. TXT "v=DMARC1; p=reject"')
    assert "policy reject from _dmarc.example.org" in said(ran)


def test_dmarc_takes_the_author_domain_of_a_message(cli: Callable[..., Ran], tmp_path: Path) -> None:
    message = tmp_path / "message.eml"
    message.write_bytes(b"From: a@example.org\r\n\r\nhi\r\n")
    policy = '_dmarc.example.org. TXT "v=DMARC1; p=reject"'
    ran = cli("dmarc", "--message", str(message), "--spf-pass", "example.net", "--assume", policy)
    assert (ran.code, "no aligned SPF or DKIM pass for example.org" in said(ran)) == (1, True)
    ran = cli("dmarc", "--message", str(message), "--assume", policy)
    assert (ran.code, "example.org: fail unless SPF passes and aligns, policy reject" in said(ran)) == (6, True)
    message.write_bytes(b"From: a@example.org, b@example.net\r\n\r\nhi\r\n")
    ran = cli("dmarc", "--message", str(message))
    assert (ran.code, "receivers typically refuse such messages" in said(ran)) == (1, True)
    both = cli("dmarc", "example.org", "--message", str(message))
    assert (both.code, "leave out DOMAIN or --message" in both.err) == (2, True)


def test_dkim_says_whose_a_key_is_and_how_many_were_tried(cli: Callable[..., Ran]) -> None:
    records = (
        "selector1._domainkey.example.org. CNAME k.onmicrosoft.com.",
        'k.onmicrosoft.com. TXT "v=DKIM1; t=y; p="',
    )
    text = said(cli("dkim", "example.org", *(each for record in records for each in ("--assume", record))))
    assert "revoked, rsa, Microsoft 365, for testing (t=y)" in text
    assert f"example.org: 1 of {COMMON} selectors tried have a key; others cannot be listed" in text
