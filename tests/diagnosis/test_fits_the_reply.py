"""What a verdict says fits what the reply says: whose list it is, which port, how long to wait, and what it lacks."""

from __future__ import annotations

import pytest

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.login.secret import PasswordRecord, PasswordSource
from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import Exchange, Phase
from smtpprobe.model.words import AuthResult
from smtpprobe.wire.reply_reader import parse_reply
from tests.diagnosis.evidence import IP, ZONE, iprev, listed, mx, spf, verdict
from tests.diagnosis.test_every_cause import offering

CONFIRMED, STATED, CONTRADICTED, POSSIBLE = (
    Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED, Confidence.POSSIBLE,
)  # fmt: skip
PTR = f"450 4.7.25 Client host rejected: cannot find your hostname, [{IP}]"
LOGIN = offering("AUTH PLAIN")


def done(phase: Phase, sent: str, reply: str, index: int = 1) -> Exchange:
    return Exchange(index=index, phase=phase, sent=sent, reply=parse_reply(f"{reply}\r\n".encode()))


def ptr(status: DnsStatus) -> tuple[DnsLookup, ...]:
    return tuple(DnsLookup(name="client.example.org", type=each, status=status, records=()) for each in ("A", "AAAA"))


MAIL = done(Phase.MAIL, "MAIL FROM:<alice@example.org>", "250 2.1.0 Ok")
RCPT = done(Phase.RCPT, "RCPT TO:<bob@example.com>", "250 2.1.5 Ok", 2)
HELLO = done(Phase.EHLO, "EHLO client.example.org", "250 mx.example.com")
# reply, phase, what else is given, cause, confidence, statement, first remedy, retry
ROWS = (
    # Through which port or server to send instead.
    ("550 5.7.1 You must use our submission server on port 587", Phase.RCPT, {}, "auth-required", STATED,
     "The server wants this mail on port 587, with a login", "Send through port 587, with a login", "Yes, with a login."),
    ("554 Please submit your mail through port 465", Phase.MAIL, {"before": LOGIN}, "auth-required", STATED,
     "The server wants this mail on port 465", "Send through port 465, with a login", "Yes, with a login."),
    ("550 5.7.1 Use the submission service for outgoing mail", Phase.RCPT, {}, "auth-required", STATED,
     "The server wants this mail sent through a submission server", "Send through the submission server, on", "Yes"),
    ("550 Send your mail through your company's smarthost", Phase.RCPT, {}, "policy-rejected", STATED, None,
     "Send through the server that the reply tells you to use", "Not until"),
    # A rule is no list; a list of the server's own has no operator.
    ("550 5.7.1 Mail from your network is refused by our policy", Phase.RCPT, {}, "policy-rejected", STATED, None,
     "Look the time", "Not until"),
    ("550 5.7.1 Your IP 192.31.196.7 is on our local blacklist", Phase.RCPT, {}, "ip-blocklisted", STATED,
     f"The server has {IP} on a list of its own", f"Ask their postmaster, through another provider, to take {IP} off",
     "No, until their postmaster"),
    ("554 Banned: you are in this server's deny list", Phase.GREETING, {}, "ip-blocklisted", STATED,
     f"The server has {IP} on a list of its own", "Ask their postmaster", "No, until their postmaster"),
    (f"554 {IP} is blacklisted", Phase.GREETING, {}, "ip-blocklisted", STATED,
     f"The server says that {IP} is listed or blocked, and names no zone that could be asked",
     f"Ask their postmaster, through another provider, which list has {IP}", "No, until the address is off"),
    (f"554 DROP list: {IP}, see https://check.dnsbl.example/?ip={IP}", Phase.GREETING, {}, "ip-blocklisted", STATED,
     f"The server says that {IP} is listed or blocked", "Make sure that", "No, until the address is off"),
    # Only later, and when.
    ("451 4.7.1 Please try again later", Phase.RCPT, {}, "greylisted", POSSIBLE, None, "Wait a few minutes", "Yes: from"),
    ("450 4.7.1 Greylisted, try again in five minutes", Phase.RCPT, {}, "greylisted", STATED,
     "The server asks to wait 5 minutes", "Wait 5 minutes", "Yes: after 5 minutes, from the same client IP"),
    ("450 4.2.1 The user is receiving mail too quickly. Try again in 15 minutes", Phase.RCPT, {},
     "recipient-rate-limited", STATED, None, "Wait, and combine", "Yes: after 15 minutes"),
    ("421 4.7.0 Too many connections, retry in 90 seconds", Phase.GREETING, {}, "rate-limited", STATED,
     "The server asks to wait 90 seconds", "Wait 90 seconds", "Yes: after 90 seconds or more"),
    ("451 4.3.2 System overloaded, try again in half an hour", Phase.RCPT, {}, "server-temporary", STATED,
     "The server asks to wait 30 minutes", "Wait 30 minutes", "Yes: after 30 minutes"),
    # The new address is known.
    ("551 5.1.6 User has moved; please try <carol@example.com>", Phase.RCPT, {}, "recipient-inactive", STATED,
     "The recipient has moved", "Send to carol@example.com", "At once, to the new address."),
    # The server could not check a login.
    ("454 4.7.0 Temporary authentication failure: Connection lost to authentication server", Phase.AUTH, {},
     "server-temporary", STATED, "The server could not check the login just now", "Try the login once more", "Yes"),
    ("535 5.7.8 Error: authentication failed: (reason unavailable)", Phase.AUTH, {}, "auth-failed", STATED,
     "The server rejects this user name and password: the login service behind it said no and gave no reason", "Try", "Not"),
    # What the server lacks, it had.
    ("503 5.5.1 need MAIL", Phase.RCPT, {"before": (MAIL,)}, "protocol-error", CONTRADICTED,
     "Not your fault: the server had answered MAIL FROM with 250, and asks for it again", "Look up in the server's log what",
     "Once, in a new session"),
    ("503 Sender not yet given", Phase.RCPT, {"before": (MAIL,)}, "protocol-error", CONTRADICTED, "Not your fault", "Look",
     "Once"),
    ("503 5.5.1 Error: need RCPT command", Phase.DATA, {"before": (MAIL, RCPT)}, "protocol-error", CONTRADICTED,
     "Not your fault: the server had answered RCPT TO with 250", "Look up in the server's log", "Once"),
    ("503 Polite people say HELO first", Phase.MAIL, {"before": (HELLO,)}, "protocol-error", CONTRADICTED,
     "Not your fault: the server had answered EHLO with 250", "Look up in the server's log", "Once"),
    ("503 5.5.1 need MAIL", Phase.RCPT, {}, "protocol-error", STATED, None, "Compare the transcript", "No, until"),
    # A name that does not exist does not lead back.
    (PTR, Phase.RCPT, {"given": (iprev(AuthResult.FAIL),), "lookups": ptr(DnsStatus.NXDOMAIN)}, "reverse-dns", CONFIRMED,
     f"{IP} has the PTR client.example.org, which does not exist", "Give client.example.org", "Once the PTR"),
    (PTR, Phase.RCPT, {"given": (iprev(AuthResult.FAIL),), "lookups": ptr(DnsStatus.NODATA)}, "reverse-dns", CONFIRMED,
     f"{IP} has the PTR client.example.org, which has no address", "Give client.example.org", "Once the PTR"),
    # A list that does not have the address: nothing is to be taken off.
    (f"554 5.7.1 Client host [192.0.2.10] blocked using {ZONE}", Phase.RCPT,
     {"given": (listed(DnsblStatus.NOT_LISTED, subject="192.0.2.10"),)}, "ip-blocklisted", STATED,
     f"192.0.2.10 is not a public address, and {ZONE} does not list it here", "Look at the server's cache and resolver",
     "In a few hours"),
)  # fmt: skip


@pytest.mark.parametrize(("reply", "phase", "given", "cause", "confidence", "statement", "first", "retry"), ROWS)
def test_what_is_said_fits_the_reply(reply, phase, given, cause, confidence, statement, first, retry):
    given = dict(given)
    best = verdict(reply, *given.pop("given", ()), phase=phase, **given).causes[0]
    assert (best.id, best.confidence) == (cause, confidence)
    assert (best.statement or "").startswith(statement or "")
    assert statement is not None or best.statement is None
    assert best.remedies[0].action.startswith(first), [each.action for each in best.remedies]
    assert (best.retry or "").startswith(retry)


@pytest.mark.parametrize(
    ("reply", "given", "unfit"),
    [
        ("550 5.7.1 Your IP 192.31.196.7 is on our local blacklist", {}, "operator"),
        (f"554 {IP} is blacklisted", {"phase": Phase.GREETING}, "operator"),
        (
            f"554 5.7.1 Client host [192.0.2.10] blocked using {ZONE}",
            {"given": (listed(DnsblStatus.NOT_LISTED, subject="192.0.2.10"),)},
            "Find and stop",
        ),
        ("550 5.7.1 You must use our submission server on port 587", {"before": LOGIN}, "this port offers AUTH"),
        ("530 5.7.0 Authentication required", {"given": (mx("mx", "forward-path"),), "port": 12687}, "allow that"),
        ("550 5.7.1 You must use port 587 with a login", {"port": 587, "before": LOGIN}, "Send through port 587"),
        (
            "550 5.7.9 Mail to submission port must be authenticated",
            {"before": LOGIN},
            "Send through the submission server",
        ),
        ("530 Authentication required on port 587", {"port": 2587, "before": LOGIN}, "Send through port 587"),
        ("550 5.7.1 rejected as spam", {"phase": Phase.RCPT}, "put back one part"),
        ("535 5.7.8 authentication failed", {"phase": Phase.AUTH, "user": "alice@example.org"}, "whole address"),
        ("535 5.7.8 authentication failed", {"phase": Phase.AUTH, "user": "alice"}, "without the domain"),
    ],
)
def test_what_does_not_fit_the_reply_is_not_said(reply, given, unfit):
    given = dict(given)
    found = verdict(reply, *given.pop("given", ()), **given)
    assert not [each.action for cause in found.causes for each in cause.remedies if unfit in each.action]


@pytest.mark.parametrize(
    ("port", "said"), [(12687, "as a mail server, use port 25"), (25, "without a login: allow that")]
)
def test_the_port_for_mail_between_servers_is_25(port, said):
    best = verdict("530 5.7.0 Authentication required", mx("mx", "forward-path"), port=port).causes[0]
    assert [each for each in best.remedies if said in each.action]


@pytest.mark.parametrize(("user", "said"), [("alice", "whole address"), ("alice@example.org", "without the domain")])
def test_the_other_form_of_the_user_name_is_advised(user, said):
    best = verdict("535 5.7.8 authentication failed", phase=Phase.AUTH, user=user).causes[0]
    assert said in best.remedies[0].action


def test_quotation_marks_around_a_password_are_named_first():
    quoted = PasswordRecord(source=PasswordSource.FILE, ascii=True, blank_at_end=False, quoted=True)
    best = verdict("535 5.7.8 authentication failed", phase=Phase.AUTH, password=quoted).causes[0]
    assert "quotation marks" in best.remedies[0].action


def test_a_lookup_that_failed_within_spf_says_when_it_may_pass():
    evidence = spf(AuthResult.TEMPERROR)
    best = verdict("450 4.7.24 SPF temporary error for example.org", evidence).causes[0]
    assert (best.retry or "").startswith("Yes, once the lookup of example.org succeeds again")
