"""Which zone a listing is told of, among several, and what is an end-user range."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.facts.listings import deciding_zone, is_end_user, of_listings, removal_page
from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.transcript import Phase
from tests.diagnosis.evidence import IP, ZONE, listed, spf
from tests.diagnosis.facts.rejections import held, rejected
from tests.diagnosis.test_facts import PASS

LISTED = f"554 5.7.1 Service unavailable; Client host [{IP}] blocked using {ZONE}"
CLEAN = DnsblStatus.NOT_LISTED
OTHER_IP = "192.31.196.8"


def zones(*evidence: DnsblEvidence) -> DnsblEvidence:
    return DnsblEvidence(tuple(each.zones[0] for each in evidence), ())


def named(name: str | None, **captured):
    """A rejection whose reply names the list like this."""
    found = rejected(reply=LISTED)
    captures = msgspec.structs.replace(found.explanation.captures, list=name, **captured)
    return msgspec.structs.replace(found.explanation, captures=captures)


@pytest.mark.parametrize(
    ("evidence", "ip", "place"),
    [
        (zones(listed(CLEAN, zone="a.example"), listed()), IP, 1),
        (zones(listed(), listed(zone="a.example")), IP, 0),
        (zones(listed(CLEAN), listed()), IP, 1),
        (zones(listed(CLEAN), listed(DnsblStatus.NO_ANSWER)), IP, 0),
        (zones(listed(subject=OTHER_IP), listed(CLEAN)), IP, 1),
        (zones(listed(subject=OTHER_IP), listed(CLEAN)), None, 0),
        (zones(listed(CLEAN, subject=OTHER_IP), listed(subject="192.31.196.6")), IP, 1),
        (zones(listed(zone="a.example")), IP, None),
        (zones(), IP, None),
    ],
)
def test_the_zone_is_the_one_that_the_reply_names(evidence, ip, place):
    found = deciding_zone(rejected(spf(PASS), evidence, explanation=named(ZONE, ip=ip)), "ip-blocklisted")
    assert found == (None if place is None else (1, evidence.zones[place]))


def test_of_a_domain_the_zones_subject_is_the_domain_that_the_reply_names():
    evidence = zones(listed(subject="example.net"), listed(CLEAN, subject="example.org"), listed(CLEAN))
    found = rejected(evidence, explanation=named(ZONE, domain="example.org", ip=IP))
    assert deciding_zone(found, "domain-blocklisted") == (0, evidence.zones[1])
    assert deciding_zone(found, "ip-blocklisted") == (0, evidence.zones[2])


@pytest.mark.parametrize("name", [f"{ZONE}.", ZONE.upper(), f"{ZONE.upper()}."])
def test_a_zones_name_is_the_same_in_capitals_and_with_a_dot(name):
    assert deciding_zone(rejected(listed(), explanation=named(name)), "ip-blocklisted") is not None
    assert deciding_zone(rejected(listed(zone=name), explanation=named(ZONE)), "ip-blocklisted") is not None
    assert deciding_zone(rejected(listed(), explanation=named(f"x{name}")), "ip-blocklisted") is None


@pytest.mark.parametrize(
    ("fields", "cause", "phase", "explains"),
    [
        ({}, "ip-blocklisted", Phase.GREETING, True),
        ({"tier": 2}, "ip-blocklisted", Phase.RCPT, False),
        ({"tier": 0}, "ip-blocklisted", Phase.RCPT, False),
        ({"kind": "allow"}, "ip-blocklisted", Phase.RCPT, False),
        ({"status": CLEAN}, "ip-blocklisted", Phase.RCPT, False),
        ({}, "domain-blocklisted", Phase.RCPT, False),
        ({"subject": "example.org"}, "ip-blocklisted", Phase.RCPT, False),
        ({"subject": "example.org"}, "domain-blocklisted", Phase.GREETING, False),
        ({"subject": "example.org"}, "domain-blocklisted", Phase.EHLO, False),
        ({"subject": "example.org"}, "domain-blocklisted", Phase.AUTH, False),
        ({"subject": "example.org"}, "domain-blocklisted", Phase.MAIL, True),
        ({"subject": "example.org"}, "domain-blocklisted", Phase.RCPT, True),
        ({"subject": "example.org"}, "domain-blocklisted", Phase.DATA, True),
        ({"subject": "example.org"}, "domain-blocklisted", Phase.MESSAGE, True),
    ],
)
def test_a_zone_that_no_reply_names_explains_what_the_server_knew(fields, cause, phase, explains):
    evidence = zones(listed(CLEAN, tier=1, zone="a.example"), listed(**({"tier": 1} | fields)))
    found = deciding_zone(rejected(spf(PASS), evidence, phase=phase), cause)
    assert found == ((1, evidence.zones[1]) if explains else None)


def test_without_an_answer_only_a_refused_question_is_told():
    assert held(of_listings(rejected(reply=LISTED), "ip-blocklisted")) == {}
    own = rejected(reply="550 192.0.2.7 is on our blacklist")
    assert held(of_listings(own, "ip-blocklisted")) == {"list_unnamed": "yes"}
    assert held(of_listings(own, "domain-blocklisted")) == {}
    refused = rejected(reply=f"{LISTED} 127.255.255.254")
    assert held(of_listings(refused, "domain-blocklisted")) == {"list_refusal": "yes"}
    assert of_listings(rejected(listed(), reply=LISTED), "reverse-dns") == {}


@pytest.mark.parametrize("status", [DnsblStatus.BROKEN_ZONE, CLEAN])
def test_a_reply_that_quotes_a_refusal_says_nothing_of_the_zone(status):
    found = rejected(listed(status), reply=f"{LISTED} 127.255.255.254")
    assert held(of_listings(found, "ip-blocklisted")) == {
        "list": ZONE,
        "list_subject": IP,
        "list_refusal": "yes",
    }


def test_an_end_user_range_is_told_only_while_the_zone_lists_it():
    codes = ("127.0.0.10",)
    assert of_listings(rejected(listed(codes=codes), reply=LISTED), "ip-blocklisted")["end_user_range"] == "yes"
    for status in (CLEAN, DnsblStatus.BROKEN_ZONE):
        found = of_listings(rejected(listed(status, codes=codes), reply=LISTED), "ip-blocklisted")
        assert found["end_user_range"] is None


@pytest.mark.parametrize(
    ("zone", "codes", "end_user"),
    [
        ("zen.spamhaus.org", ("127.0.0.10",), True),
        ("zen.spamhaus.org", ("127.0.0.10", "127.0.0.11"), True),
        ("zen.spamhaus.org", ("127.0.0.2",), False),
        ("zen.spamhaus.org", ("127.0.0.10", "127.0.0.2"), False),
        ("zen.spamhaus.org", (), False),
        ("zen.mirror.example", ("127.0.0.11",), True),
        ("pbl.mirror.example", ("127.0.0.10",), True),
        ("sbl.mirror.example", ("127.0.0.10",), False),
        ("mirror.zen.example", ("127.0.0.10",), False),
    ],
)
def test_an_end_user_range_is_known_by_its_codes_also_on_a_mirror(zone, codes, end_user):
    assert is_end_user(listed(zone=zone, codes=codes).zones[0]) is end_user


@pytest.mark.parametrize(
    ("fields", "url", "page"),
    [
        ({"removal": "https://a.example", "url": "https://b.example"}, "https://c.example", "https://a.example"),
        ({"url": "https://b.example"}, "https://c.example", "https://b.example"),
        ({}, "https://c.example", "https://c.example"),
        ({}, None, None),
    ],
)
def test_the_page_for_removal_is_the_lists_before_the_replys(fields, url, page):
    assert removal_page(rejected(explanation=named(ZONE, url=url)), listed(**fields).zones[0]) == page
