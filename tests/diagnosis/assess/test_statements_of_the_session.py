"""What a verdict says for people of what the transcript shows, and of names that lead nowhere: with the case's values."""

from __future__ import annotations

import base64

import msgspec
import pytest

from smtpprobe.diagnosis.assess.dns import domain_statement, helo_statement
from smtpprobe.model.evidence.iprev import HeloName, HeloStatus
from smtpprobe.model.evidence.mx import MxStatus
from smtpprobe.model.report import Completed, Confidence
from smtpprobe.model.transcript import Exchange, Phase
from smtpprobe.model.words import AuthResult
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.evidence import iprev, mx, verdict
from tests.diagnosis.test_every_cause import offering

PASS, FAIL = AuthResult.PASS, AuthResult.FAIL
SAID = (Confidence.STATED, Confidence.CONFIRMED)  # what the reply says, checked or not
NOT_THEIRS = Confidence.CONTRADICTED
CLEAR, LOG_IN = "530 5.7.0 Must issue a STARTTLS command first", "530 5.7.0 Authentication required"
RELAY = "554 5.7.1 <bob@example.com>: Relay access denied"
OLD = "530 5.7.10 TLS required, upgrade to TLS 1.2"
LARGE, BLOCKED = "552 5.3.4 Message size exceeds fixed limit", "534 5.7.9 Application-specific password required"


def best(reply: str, *evidence, phase: Phase = Phase.MAIL, **fields):
    return verdict(reply, *evidence, phase=phase, **fields).causes[0]


@pytest.mark.parametrize(
    ("reply", "fields", "cause", "statement"),
    [
        (CLEAR, {"before": offering("STARTTLS")}, "tls-required", "The server offers STARTTLS"),
        (CLEAR, {"before": offering()}, "tls-required", "this port offers no STARTTLS"),
        (OLD, {"over_tls": True}, "tls-required", "The server refuses TLS versions before 1.2"),
        (LOG_IN, {"before": offering("AUTH PLAIN")}, "auth-required", "AUTH PLAIN)"),
        (LOG_IN, {"before": offering("STARTTLS")}, "auth-required", "offers no AUTH without TLS"),
        (LOG_IN, {"before": offering()}, "auth-required", "this port offers no AUTH"),
        (BLOCKED, {"before": offering("AUTH NTLM GSSAPI"), "phase": Phase.AUTH}, "auth-method-blocked",
         "The server offers NTLM GSSAPI alone"),
        (LARGE, {"before": offering("SIZE 1000")}, "message-too-large", "at most 1000 octets"),
        ("550 5.2.1 The mailbox is disabled, use carol@example.net", {"phase": Phase.RCPT}, "recipient-inactive",
         "the reply gives carol@example.net as the new address"),
        ("500 5.5.1 What", {"phase": Phase.EHLO, "sent": "LHLO x"}, "protocol-error", "LHLO was sent"),
        ("502 5.5.1 What", {"phase": Phase.EHLO, "sent": "HELO x"}, "protocol-error", "neither EHLO nor HELO"),
        ("450 4.2.0 Greylisted, try again in 119 seconds", {"phase": Phase.RCPT}, "greylisted", "to wait 119 s"),
        ("450 4.2.0 Greylisted, try again in 120 seconds", {"phase": Phase.RCPT}, "greylisted", "to wait 2 min"),
        ("450 4.2.0 Greylisted, try again in 209 seconds", {"phase": Phase.RCPT}, "greylisted", "to wait 3 min"),
        ("554 5.7.1 Client host rejected: no mail service here", {"phase": Phase.GREETING}, "policy-rejected",
         "accepts no mail at all"),
    ],
)  # fmt: skip
def test_what_the_session_shows_is_said(reply, fields, cause, statement):
    found = best(reply, **fields)
    assert (found.id, found.confidence in SAID) == (cause, True)
    assert statement in found.statement


@pytest.mark.parametrize(
    ("reply", "fields"),
    [
        (CLEAR, {}),
        (LOG_IN, {}),
        (LARGE, {}),
        (LARGE, {"before": offering("SIZE 0")}),
        (BLOCKED, {"before": offering("AUTH NTLM PLAIN"), "phase": Phase.AUTH}),
        ("550 5.2.1 The mailbox is disabled", {"phase": Phase.RCPT}),
        ("500 5.5.1 What", {"phase": Phase.EHLO, "sent": "NOOP"}),
        ("450 4.2.0 Greylisted", {"phase": Phase.RCPT}),
        ("450 4.2.0 Greylisted, try again in 0 seconds", {"phase": Phase.RCPT}),
        (RELAY, {"phase": Phase.RCPT}),
        (RELAY, {"phase": Phase.RCPT, "before": offering("AUTH PLAIN", logged_in=True)}),
        ("550 5.7.1 Rejected by local policy", {"phase": Phase.RCPT}),
    ],
)
def test_what_no_transcript_tells_is_not_said(reply, fields):
    assert best(reply, **fields).statement is None


@pytest.mark.parametrize(
    ("reply", "fields", "statement"),
    [
        (CLEAR, {"over_tls": True}, "Not your fault: the command went over TLS"),
        (LOG_IN, {"before": offering("AUTH PLAIN", logged_in=True)}, "Not your fault: the session was logged in"),
    ],
)
def test_what_the_session_had_done_is_not_the_readers_fault(reply, fields, statement):
    found = best(reply, **fields)
    assert found.confidence is NOT_THEIRS
    assert found.statement.startswith(statement)


@pytest.mark.parametrize(
    ("evidence", "address", "fields", "statement", "checks"),
    [
        (mx("nxdomain", "forward-path"), "192.31.196.99", {}, "example.com does not exist", (1,)),
        (mx("mx", "forward-path"), "192.31.196.25", {}, "The MX records of example.com name this server", (1,)),
        (mx("mx", "forward-path"), "192.31.196.99", {}, "at mx0.example.com, not at this server", (1,)),
        (
            mx("nothing", "forward-path"),
            "192.31.196.99",
            {"before": offering("AUTH PLAIN")},
            "nobody had logged in",
            (1,),
        ),
        (mx("mx"), "192.31.196.99", {"before": offering("AUTH PLAIN")}, "nobody had logged in", ()),
    ],
)
def test_relaying_is_denied_for_where_the_mail_goes_before_who_sends_it(evidence, address, fields, statement, checks):
    other = Completed(check="other", evidence=None, transcript=0)
    found = best(RELAY, other, evidence, phase=Phase.RCPT, address=address, **fields)
    assert found.id == "relay-denied"
    assert statement in found.statement
    assert found.checks == checks


def challenge(code: int, text: bytes, phase: Phase = Phase.AUTH) -> Exchange:
    reply = parse_reply(b"%d %b\r\n" % (code, base64.b64encode(text)))
    return Exchange(index=1, phase=phase, sent="AUTH XOAUTH2 x", reply=reply)


@pytest.mark.parametrize(
    ("before", "status"),
    [
        ((challenge(334, b'{"status":"400"}'),), "400"),
        ((challenge(334, b'{"status":401,"schemes":"bearer"}'),), "401"),
        ((challenge(334, b'{"status":"' + b"x" * 50 + b'"}'),), "x" * 40),
        ((challenge(334, b'{"scope":"x"}'),), None),
        ((challenge(334, b'{"status":""}'),), None),
        ((challenge(334, b"[400]"),), None),
        ((challenge(334, b"no json"),), None),
        ((challenge(335, b'{"status":"400"}'),), None),
        ((challenge(334, b'{"status":"400"}', Phase.MAIL),), None),
        ((Exchange(index=1, phase=Phase.AUTH, sent="AUTH XOAUTH2", reply=parse_reply(b"334 =\r\n")),), None),
        ((Exchange(index=1, phase=Phase.AUTH, sent="AUTH XOAUTH2", reply=parse_reply(b"334 e30=!\r\n")),), None),
        ((Exchange(index=1, phase=Phase.AUTH, sent="AUTH XOAUTH2"),), None),
        ((), None),
    ],
)
def test_a_token_that_was_not_accepted_is_told_with_the_challenges_status(before, status):
    found = best("535 5.7.8 no", phase=Phase.AUTH, sent="AUTH XOAUTH2 x", before=before)
    ending = f" (status {status})" if status else ""
    assert (found.id, found.confidence) == ("auth-failed", Confidence.STATED)
    assert [each.text for each in found.because[1:]] == [f"the access token was not accepted{ending}"]
    assert found.statement.startswith("The access token")
    assert found.statement.endswith(ending or "accepted")


def test_a_password_that_was_refused_is_told_apart_from_a_token():
    found = best("535 5.7.8 Error: authentication failed", phase=Phase.AUTH, sent="AUTH PLAIN x")
    assert "user name and password" in found.statement


SENDER, HOSTS = "<alice@example.org>: Sender address rejected: Domain not found", "mx0.example.org, mx1.example.org"
UNVERIFIED = "<alice@example.org>: Sender address rejected: unverified address"


@pytest.mark.parametrize(
    ("evidence", "beginning"),
    [
        (mx("temperror"), "The name servers of example.org give no answer"),
        (mx("mx", "reverse-path", "temperror"), "The name servers of example.org give no answer"),
        (mx("mx", "reverse-path", "temperror", "no-address"), "The name servers of example.org give no answer"),
        (mx("mx", "reverse-path", "no-address"), "No mail host of example.org can be reached: mx0.example.org has no"),
        (mx("nothing"), "example.org has neither MX nor address records"),
        (mx("null-mx"), "example.org says in DNS"),
    ],
)
def test_what_dns_says_of_a_domain_that_takes_no_mail(evidence, beginning):
    found = best(f"550 5.1.8 {SENDER}", evidence, phase=Phase.RCPT)
    assert found.id == "sender-domain-invalid"
    assert found.statement.startswith(beginning)


def test_what_dns_says_of_a_domain_that_takes_mail_names_its_hosts():
    found = best(f"550 5.1.8 {SENDER}", mx("mx", "reverse-path", None, None), phase=Phase.RCPT)
    assert found.confidence is NOT_THEIRS
    assert HOSTS in found.statement
    unreachable = domain_statement(mx("mx", "reverse-path", "no-address").domains[0])
    assert unreachable == "No mail host of example.org can be reached: mx0.example.org has no address"


def test_an_address_that_was_not_verified_is_named_with_what_dns_has_for_it():
    found = best(f"550 5.1.8 {UNVERIFIED}", mx("mx", "reverse-path", None, None), phase=Phase.RCPT)
    assert (found.id, found.confidence) == ("sender-domain-invalid", Confidence.STATED)
    for part in ("alice@example.org", "DNS of example.org is fine", HOSTS):
        assert part in found.statement


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (HeloStatus.NXDOMAIN, "x.example does not exist"),
        (HeloStatus.NODATA, "x.example has no address"),
        (HeloStatus.NOT_A_NAME, "x.example is not a host name: letters, digits and hyphens between dots"),
    ],
)
def test_a_helo_name_that_leads_nowhere(status, ending):
    name = HeloName(name="x.example", status=status, addresses=(), matches_ip=None, matches_ptr=None)
    assert helo_statement(name) == f"The HELO name {ending}"


def test_only_the_first_run_about_mail_hosts_is_named():
    evidence = mx("nxdomain")
    assert evidence.domains[0].status is MxStatus.NXDOMAIN
    found = best(f"550 5.1.8 {SENDER}", iprev(PASS), evidence, msgspec.structs.replace(evidence), phase=Phase.RCPT)
    assert found.checks == (1,)
