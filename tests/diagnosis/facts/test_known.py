"""All facts of a rejection in one: each kind is there, and what they show together."""

from __future__ import annotations

import pytest

from smtpprobe.diagnosis.facts.known import known_facts
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import IP, ZONE, dmarc, iprev, listed, mx, spf
from tests.diagnosis.facts.rejections import holding, rejected

PASS, FAIL = AuthResult.PASS, AuthResult.FAIL
LISTED = f"554 5.7.1 Service unavailable; Client host [{IP}] blocked using {ZONE}"


def test_every_kind_of_evidence_is_told():
    evidence = (iprev(PASS), mx("nxdomain"), listed(), spf(PASS), dmarc(PASS))
    found = known_facts(rejected(*evidence, reply=LISTED), "ip-blocklisted")
    names = ("ip", "list", "listed", "ptr_known", "helo_leads_here", "sender_missing", "spf_passes", "dmarc_passes")
    assert {*holding(found, *names)} == {*names}


def test_the_cause_decides_which_lists_and_which_identity_are_told():
    found = rejected(listed(), spf(FAIL), reply=LISTED)
    about_the_list, about_spf = known_facts(found, "ip-blocklisted"), known_facts(found, "email-auth-failed")
    names = ("listed", "spf_known", "spf_fails")
    assert holding(about_the_list, *names) == {"listed": "yes", "spf_known": "yes"}
    assert holding(about_spf, *names) == {"spf_known": "yes", "spf_fails": "yes"}


@pytest.mark.parametrize(
    ("evidence", "in_order"),
    [
        ((spf(PASS), iprev(PASS)), True),
        ((spf(FAIL), iprev(PASS)), False),
        ((spf(PASS), iprev(FAIL)), False),
        ((spf(PASS),), False),
        ((iprev(PASS),), False),
        ((), False),
    ],
)
def test_checks_are_in_order_if_spf_and_reverse_dns_both_are(evidence, in_order):
    found = known_facts(rejected(*evidence), "policy-rejected")
    assert (found["checks_in_order"] is not None) is in_order
