"""What a server can know when: which causes that nobody states are possible, and what evidence cannot explain."""

from __future__ import annotations

import pytest

from smtpprobe.diagnosis.moment import can_be_meant
from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import iprev, listed, spf, verdict
from tests.diagnosis.test_every_cause import offering

FAIL = AuthResult.FAIL
SERVES_NOBODY = "554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: no mail service here"


@pytest.mark.parametrize(
    ("cause", "first"),
    [
        ("helo-rejected", Phase.EHLO),
        ("auth-required", Phase.EHLO),
        ("auth-failed", Phase.AUTH),
        ("sender-domain-invalid", Phase.MAIL),
        ("email-auth-failed", Phase.MAIL),
        ("relay-denied", Phase.RCPT),
        ("recipient-unknown", Phase.RCPT),
        ("domain-undeliverable", Phase.RCPT),
        ("spam-content", Phase.DATA),
    ],
)
def test_a_cause_can_be_meant_from_the_command_on_that_tells_of_it(cause, first):
    order = [Phase.GREETING, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE]
    assert [can_be_meant(cause, phase) for phase in order] == [
        order.index(each) >= order.index(first) for each in order
    ]


@pytest.mark.parametrize("cause", ["ip-blocklisted", "reverse-dns", "policy-rejected", "server-temporary", "unknown"])
def test_what_the_connection_tells_can_always_be_meant(cause):
    assert all(can_be_meant(cause, phase) for phase in Phase)


@pytest.mark.parametrize(
    ("reply", "phase"),
    [("554 No", Phase.GREETING), ("554 5.7.1 no", Phase.GREETING), ("550 No", Phase.EHLO), ("550 No", Phase.MAIL)],
)
def test_nothing_is_possible_that_the_server_does_not_know_yet(reply, phase):
    for cause in verdict(reply, phase=phase).causes[1:]:
        assert can_be_meant(cause.id, phase), cause.id


def test_a_host_that_serves_nobody_is_not_explained_by_the_client():
    evidence = (iprev(AuthResult.PERMERROR), listed(tier=1), spf(FAIL))
    found = verdict(SERVES_NOBODY, *evidence, phase=Phase.GREETING)
    assert (found.causes[0].id, found.causes[0].confidence) == ("policy-rejected", Confidence.STATED)
    assert not [cause for cause in found.causes if cause.confidence is Confidence.SUPPORTED]


DENIED = "554 5.7.1 <bob@example.com>: Recipient address rejected: Access denied"


@pytest.mark.parametrize(
    ("reply", "phase", "before", "supported"),
    [
        (DENIED, Phase.RCPT, offering("AUTH PLAIN"), True),
        (DENIED, Phase.RCPT, offering("STARTTLS"), True),
        (DENIED, Phase.RCPT, offering("AUTH PLAIN", logged_in=True), False),
        (DENIED, Phase.RCPT, offering(), False),
        (DENIED, Phase.RCPT, (), False),
        ("554 5.7.1 Client host rejected: Access denied", Phase.RCPT, offering("AUTH PLAIN"), False),
        (DENIED.replace("Recipient", "Sender"), Phase.MAIL, offering("AUTH PLAIN"), False),
    ],
)
def test_a_login_that_is_missing_would_explain_a_recipient_who_is_denied(reply, phase, before, supported):
    causes = verdict(reply, phase=phase, before=before).causes
    assert (("auth-required", "supported") in {(each.id, each.confidence.value) for each in causes}) is supported
    if supported:
        assert causes[0].id == "auth-required"


def test_of_many_mechanisms_the_first_are_named():
    reply, before = "530 5.7.0 Authentication required", offering("AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 XOAUTH2")
    best = verdict(reply, phase=Phase.RCPT, before=before).causes[0]
    assert "AUTH PLAIN LOGIN CRAM-MD5 (+2)" in best.statement
