"""What a verdict is made of if the reply names nothing: what evidence shows and says, and what stays usual."""

from __future__ import annotations

import pytest

from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import IpSource, Phase
from smtpprobe.model.words import AuthResult
from tests.diagnosis.evidence import IP, ZONE, iprev, listed, mx, spf, verdict
from tests.diagnosis.test_every_cause import offering
from tests.diagnosis.test_moment import DENIED

PASS, FAIL, PERM = AuthResult.PASS, AuthResult.FAIL, AuthResult.PERMERROR
NO = "550 5.7.1 go away"


@pytest.mark.parametrize(
    ("evidence", "phase", "cause", "statement"),
    [
        (listed(tier=1), Phase.RCPT, "ip-blocklisted", f"{IP} is in {ZONE}"),
        (listed(tier=1, subject="example.org"), Phase.RCPT, "domain-blocklisted", f"example.org is in {ZONE}"),
        (iprev(PERM), Phase.RCPT, "reverse-dns", f"{IP} has no PTR record"),
        (iprev(PASS, helo="nxdomain"), Phase.EHLO, "helo-rejected", "The HELO name client.example.org does not"),
        (spf(FAIL), Phase.RCPT, "email-auth-failed", f"example.org does not allow {IP}"),
        (mx("nxdomain"), Phase.RCPT, "sender-domain-invalid", "example.org does not exist"),
    ],
)
def test_what_only_evidence_shows_is_said_as_the_reason(evidence, phase, cause, statement):
    found = verdict(NO, evidence, phase=phase)
    best = found.causes[0]
    assert (best.id, best.confidence, best.checks) == (cause, Confidence.SUPPORTED, (0,))
    assert best.statement.startswith(statement)
    assert found.summary == best.statement


def test_a_login_that_nobody_asked_for_is_only_supposed():
    before = offering("AUTH PLAIN")
    best = verdict(DENIED, before=before).causes[0]
    assert (best.id, best.confidence, best.checks) == ("auth-required", Confidence.SUPPORTED, ())
    assert [each.text for each in best.because] == ["AUTH is offered and nobody had logged in"]
    assert "AUTH PLAIN" in best.statement
    stated = verdict("530 5.7.0 Authentication required", before=before).causes[0]
    assert stated.id == best.id
    assert stated.statement != best.statement


@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.MESSAGE])
def test_a_login_is_supposed_to_be_missing_only_if_a_recipient_is_refused(phase):
    found = verdict(DENIED, phase=phase, before=offering("AUTH PLAIN"))
    assert not [each for each in found.causes if (each.id, each.confidence) == ("auth-required", Confidence.SUPPORTED)]


def possible(reply: str, *evidence, phase: Phase) -> set[str]:
    found = verdict(reply, *evidence, phase=phase)
    return {each.id for each in found.causes if each.confidence is Confidence.POSSIBLE}


@pytest.mark.parametrize(
    ("reply", "phase", "cause"),
    [
        ("500 5.6.0 no", Phase.GREETING, "spam-content"),
        ("500 5.6.0 no", Phase.RCPT, "spam-content"),
        ("500 5.4.1 no", Phase.EHLO, "recipient-unknown"),
    ],
)
def test_a_usual_cause_that_the_server_cannot_know_of_yet_is_not_possible(reply, phase, cause):
    assert cause not in possible(reply, phase=phase)
    assert cause in possible(reply, phase=Phase.MESSAGE)


@pytest.mark.parametrize(
    ("phase", "evidence", "cause"),
    [(Phase.GREETING, iprev(PASS), "reverse-dns"), (Phase.MAIL, mx("mx"), "sender-domain-invalid")],
)
def test_a_usual_cause_that_evidence_speaks_against_is_not_possible(phase, evidence, cause):
    assert cause in possible("550 No", phase=phase)
    assert cause not in possible("550 No", evidence, phase=phase)


def test_without_a_statement_the_evidence_is_the_summary():
    found = verdict("530 5.7.0 Must issue a STARTTLS command first", phase=Phase.MAIL)
    assert (found.causes[0].confidence, found.causes[0].statement) == (Confidence.CONFIRMED, None)
    assert found.summary == "the command was sent without TLS"


@pytest.mark.parametrize(
    ("reply", "evidence", "quoted", "statement"),
    [
        ("550 5.7.23 SPF fail", spf(FAIL), Confidence.STATED, True),
        ("550 5.7.23 SPF fail", spf(PASS), Confidence.STATED, False),
        ("550 5.7.25 No PTR record", iprev(PERM), Confidence.STATED, True),
    ],
)
def test_evidence_about_another_address_than_the_reply_quotes_decides_nothing(reply, evidence, quoted, statement):
    alone = verdict(reply, evidence).causes[0]
    same = verdict(f"{reply}; client [{IP}]", evidence).causes[0]
    other = verdict(f"{reply}; client [192.31.196.77]", evidence).causes[0]
    assert alone.confidence is same.confidence is not quoted
    assert (other.id, other.confidence, other.statement is not None) == (alone.id, quoted, statement)
    # What the server itself told us is no other address than the one that is judged.
    told = verdict(f"{reply}; client [192.31.196.77]", evidence, source=IpSource.REPLY).causes[0]
    assert told.confidence is alone.confidence


def test_the_record_that_is_advised_permits_the_address_that_its_remedy_names():
    known = verdict("550 5.7.23 SPF fail; client [192.31.196.77]", spf(FAIL)).causes[0]
    assert any(IP in each.action for each in known.remedies)
    assert not any("192.31.196.77" in each.action for each in known.remedies)
