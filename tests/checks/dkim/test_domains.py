"""What stands at and around the selectors of a domain, and what is said of it."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.checks.dkim import CHECK
from tests.finding_cases.row import Given, findings
from tests.mailauth.dkim.signing import rsa_record, txt

KEY = rsa_record(2048)
GUESSED, NAMED = (), ("s1",)
COMMON = len(known_selectors().common)

# Each: the zone, the selectors given, and each finding with its subject and a part of its message.
CASES: list[tuple[str, tuple[str, ...], list[tuple[str, str, str]]]] = [
    (txt("*._domainkey.example.org", "v=DKIM1; p="), GUESSED,
     [("dkim-key-revoked", "*._domainkey.example.org", "a wildcard record gives this answer for every selector")]),
    (txt("*._domainkey.example.org", "v=DKIM1; p=") + txt("default._domainkey.example.org", KEY), GUESSED,
     [("dkim-key-revoked", "*._domainkey.example.org", "a wildcard record")]),
    (txt("*._domainkey.example.org", KEY), GUESSED, []),
    (txt("*.example.org", "v=spf1 -all"), NAMED,
     [("dkim-key-broken", "s1._domainkey.example.org", "an SPF record, which belongs at the domain itself; a wildcard")]),
    (txt("*.example.org", "hello"), NAMED,
     [("dkim-key-broken", "s1._domainkey.example.org", "; a wildcard record gives this answer")]),
    (txt("*.example.org", "v=spf1 -all"), GUESSED,
     [("dkim-not-found-by-guessing", "example.org", f"none of {COMMON} common selectors of example.org has a key")]),
    ("default._domainkey.example.org. CNAME gone.example.net.\n", GUESSED,
     [("dkim-key-missing", "default._domainkey.example.org", "an alias (CNAME) of gone.example.net, which does not exist"),
      ("dkim-not-found-by-guessing", "example.org", "_domainkey.example.org exists")]),
    ("*._domainkey.example.org. CNAME gone.example.net.\n", GUESSED,
     [("dkim-key-missing", "*._domainkey.example.org", "which does not exist; a wildcard record"),
      ("dkim-not-found-by-guessing", "example.org", "")]),
    (txt("s1._domainkey._domainkey.example.org", KEY), NAMED,
     [("dkim-key-missing", "s1._domainkey.example.org", "_domainkey was added to a name that has it")]),
    (txt("s1._domainkey.example.org.example.org", KEY), NAMED,
     [("dkim-key-missing", "s1._domainkey.example.org", "the zone's name was added to a full name")]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "selectors", "expected"), CASES, ids=range(len(CASES)))
async def test_what_is_said_of_a_domain(
    zone: str, selectors: tuple[str, ...], expected: list[tuple[str, str, str]]
) -> None:
    given = Given(zone, client_ip=None, domains=("example.org",), dkim_selectors=selectors)
    found = await findings(CHECK, given)
    assert [(each.id, each.subject) for each in found] == [(id_, subject) for id_, subject, _ in expected]
    assert all(said in each.message for each, (_, _, said) in zip(found, expected, strict=True))
