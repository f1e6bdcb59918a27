"""A target that leads nowhere, a connection that failed, a session that was lost: the cause, and advice that fits."""

from __future__ import annotations

import re

import msgspec
import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.diagnosis.diagnose import diagnose
from smtpprobe.mailauth.dns.rewriting import NO_SUCH_NAME
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.report import BecauseKind, Cause, Confidence
from smtpprobe.model.transcript import Breakage, Identity, IpSource, Outcome, OutcomeFault, Phase, Status
from tests.diagnosis.test_diagnose import ENVELOPE, GREETED, HELLO, session

HOST = "mx.example.net"
MX = DnsLookup(name=HOST, type="MX", status=DnsStatus.NXDOMAIN)
NAMED = DnsLookup(name=HOST, type="MX", status=DnsStatus.ANSWER, records=("10 one.example.net.",))
FAILED = DnsLookup(name=HOST, type="MX", status=DnsStatus.SERVFAIL)
ADDRESS = DnsLookup(name=HOST, type="A", status=DnsStatus.NXDOMAIN)


def answer(name: str, rdtype: str, record: str = "192.0.2.9") -> DnsLookup:
    return DnsLookup(name=name, type=rdtype, status=DnsStatus.ANSWER, records=(record,))


def cause_of(outcome: Outcome, *said, transcript=None, lookups=(), host=HOST) -> Cause:
    transcripts = (transcript,) if transcript else ((session(outcome, *said),) if said else ())
    (verdict,) = diagnose(transcripts, (), ENVELOPE, outcome, host=host, lookups=lookups)
    assert verdict.restates_outcome
    assert verdict.summary == outcome.reason
    (cause,) = verdict.causes
    assert cause.confidence is Confidence.CONFIRMED
    assert [each.kind for each in cause.because] == [BecauseKind.OUTCOME]
    for remedy in cause.remedies:
        assert not re.search(r"[{}]", f"{remedy.action} {remedy.verify}"), remedy
    return cause


def no_session(phase: Phase, **fields) -> Outcome:
    return Outcome(status=Status.NO_SESSION, phase=phase, reason="it is so", exit_code=4, **fields)


@pytest.mark.parametrize(
    ("fault", "lookups", "cause", "starts"),
    [
        (
            OutcomeFault.NAME_UNKNOWN,
            (ADDRESS,),
            "host-not-found",
            [f"Check the spelling of {HOST}: DNS", f"If {HOST} is known only"],
        ),
        (OutcomeFault.NAME_UNKNOWN, (MX,), "domain-undeliverable", [f"Check the spelling of the domain {HOST}: DNS"]),
        (
            OutcomeFault.NO_ADDRESS,
            (ADDRESS,),
            "host-not-found",
            [f"Check that {HOST} is the host's name", "Publish an A or AAAA"],
        ),
        (
            OutcomeFault.NO_ADDRESS,
            (MX,),
            "domain-undeliverable",
            ["Check the spelling of the domain", "Publish an MX record"],
        ),
        (
            OutcomeFault.NULL_MX,
            (MX,),
            "domain-undeliverable",
            ["Nothing on your side is wrong", f"If {HOST} should accept mail"],
        ),
        (
            OutcomeFault.MX_WITHOUT_ADDRESS,
            (NAMED,),
            "domain-undeliverable",
            ["Publish an A or AAAA record for one.example.net", "Tell the"],
        ),
        (
            OutcomeFault.LOOKUP_FAILED,
            (FAILED,),
            "dns-failed",
            ["Try again in a few minutes", "Check that every name server"],
        ),
        (
            OutcomeFault.LOOKUP_FAILED,
            (ADDRESS,),
            "dns-failed",
            ["Try again in a few minutes", "Check that every name server"],
        ),
        (None, (), "host-not-found", ["Check that"]),
    ],
)
def test_a_target_that_leads_nowhere_is_told_by_why(fault, lookups, cause, starts):
    found = cause_of(no_session(Phase.DNS, fault=fault), lookups=lookups)
    assert found.id == cause
    actions = [each.action for each in found.remedies]
    assert all(action.startswith(start) for action, start in zip(actions, starts, strict=False)), actions
    assert len(actions) >= len(starts)
    # The name of the recipient's domain, which is another, is not at fault.
    assert "example.com" not in " ".join(actions)


CONNECT = no_session(Phase.CONNECT)


def failed(breakage: Breakage | None, outcome: Outcome = CONNECT, **fields) -> Cause:
    transcript = msgspec.structs.replace(session(outcome), exchanges=(), breakage=breakage, **fields)
    return cause_of(outcome, transcript=transcript)


@pytest.mark.parametrize(
    ("breakage", "fields", "fault", "starts"),
    [
        (Breakage.REFUSED, {"port": 25}, None, ["Check that the mail server runs and listens on port 25 of 192.0.2.9"]),
        (Breakage.REFUSED, {"port": 2525}, None, ["Check the port", "Check that the mail server"]),
        (
            Breakage.TIMED_OUT,
            {"port": 25},
            OutcomeFault.PORT_25_BLOCKED,
            ["Send through", "If this host should", "Probe the same"],
        ),
        (Breakage.TIMED_OUT, {"port": 587}, None, ["Check the address, and whether a firewall"]),
        (Breakage.UNREACHABLE, {"port": 25}, None, ["Check that this host is on the network"]),
        (Breakage.UNREACHABLE, {"port": 25, "address": "2001:db8::9"}, None, ["Connect over IPv4"]),
        (Breakage.RESET, {"port": 25}, None, ["Look for what takes connections"]),
        (Breakage.LOCAL, {"port": 25}, None, ["Check that a firewall of this host"]),
        (
            Breakage.LOCAL,
            {"port": None, "address": "/run/lmtp"},
            None,
            ["Check that the server runs, that its socket is at /run/lmtp"],
        ),
        (
            Breakage.REFUSED,
            {"port": None, "address": "/run/lmtp"},
            None,
            ["Check that the server runs, that its socket is at /run/lmtp"],
        ),
        (Breakage.UNKNOWN, {"port": 25}, None, []),
        (None, {"port": 25}, None, []),
    ],
)
def test_a_connection_that_failed_is_told_by_how(breakage, fields, fault, starts):
    outcome = msgspec.structs.replace(CONNECT, fault=fault)
    given = {"address": "192.0.2.9", **fields}
    found = failed(breakage, outcome, **given)
    assert found.id == "connection-failed"
    actions = [each.action for each in found.remedies]
    assert len(actions) == len(starts), actions
    assert all(action.startswith(start) for action, start in zip(actions, starts, strict=True)), actions


@pytest.mark.parametrize(
    ("lookups", "name"),
    [
        ((answer(HOST, "A"), answer(NO_SUCH_NAME, "A")), HOST),
        ((answer(HOST, "MX", "10 one.example.net."), answer("one.example.net", "A"), answer(NO_SUCH_NAME, "A")),
         "one.example.net"),
        ((answer(HOST, "A"), answer(NO_SUCH_NAME, "A", "192.0.2.77")), None),
        ((answer(HOST, "A"), DnsLookup(name=NO_SUCH_NAME, type="A", status=DnsStatus.NXDOMAIN)), None),
        ((answer(HOST, "A"),), None),
        ((answer(NO_SUCH_NAME, "A"),), None),
    ],
)  # fmt: skip
def test_an_address_that_the_resolver_makes_up_is_no_host_of_anybody(lookups, name):
    failed = msgspec.structs.replace(session(CONNECT), breakage=Breakage.REFUSED, address="192.0.2.9", port=25)
    found = cause_of(CONNECT, transcript=failed, lookups=lookups)
    assert found.id == ("host-not-found" if name else "connection-failed")
    actions = [each.action for each in found.remedies]
    assert [action.startswith(f"Check the spelling of {name}, and look it up") for action in actions] == [bool(name)]


def test_a_fault_of_ours_is_no_cause():
    outcome = no_session(Phase.CONNECT, fault=OutcomeFault.INTERNAL_ERROR)
    (verdict,) = diagnose((session(outcome),), (), ENVELOPE, outcome)
    assert verdict.causes == ()


def test_an_address_that_gave_no_connection_has_no_verdict_where_another_did():
    accepted = Outcome(status=Status.ACCEPTED)
    assert diagnose((session(CONNECT), session(accepted, GREETED)), (), ENVELOPE, accepted) == ()


def test_addresses_that_failed_in_the_same_way_have_one_verdict():
    refused = msgspec.structs.replace(session(CONNECT), breakage=Breakage.REFUSED)
    silent = msgspec.structs.replace(session(CONNECT), breakage=Breakage.TIMED_OUT)
    found = diagnose((refused, silent, refused, refused), (), ENVELOPE, CONNECT)
    assert [(each.transcript, len(each.causes[0].because)) for each in found] == [(0, 3), (1, 1)]


@pytest.mark.parametrize(
    ("phase", "sent", "breakage", "starts"),
    [
        (
            Phase.RCPT,
            "RCPT TO:<a@b.example>",
            Breakage.RESET,
            ["Look the time up", "Look for a firewall or a virus scanner"],
        ),
        (Phase.RCPT, "RCPT TO:<a@b.example>", Breakage.CLOSED_BY_PEER, ["Look the time up"]),
        (Phase.MAIL, "MAIL FROM:<>", Breakage.TIMED_OUT, ["See what MAIL FROM waits for", "Wait longer"]),
        (Phase.STARTTLS, "STARTTLS", Breakage.CLOSED_BY_PEER, ["Look the time up"]),
        (Phase.AUTH, "AUTH PLAIN ‹credentials›", Breakage.TIMED_OUT, ["See what AUTH waits for", "Wait longer"]),
    ],
)
def test_a_session_that_was_lost_is_told_by_where_and_how(phase, sent, breakage, starts):
    found = cause_of(no_session(phase), GREETED, HELLO, (phase, sent, breakage))
    assert found.id == ("reply-timeout" if breakage is Breakage.TIMED_OUT else "connection-lost")
    actions = [each.action for each in found.remedies]
    assert len(actions) == len(starts), actions
    assert all(action.startswith(start) for action, start in zip(actions, starts, strict=True)), actions


@pytest.mark.parametrize(
    ("breakage", "starts"),
    [
        (Breakage.CLOSED_BY_PEER, ["Try from another address", "Ask whether the port expects a load balancer"]),
        (Breakage.RESET, ["Try from another address", "Ask whether the port expects a load balancer"]),
        (Breakage.TIMED_OUT, ["If the port uses TLS from the start", "Look at the server's log"]),
    ],
)
def test_a_server_that_says_nothing_at_all(breakage, starts):
    found = cause_of(no_session(Phase.GREETING), (Phase.GREETING, None, breakage))
    assert found.id == ("reply-timeout" if breakage is Breakage.TIMED_OUT else "connection-lost")
    actions = [each.action for each in found.remedies]
    assert all(action.startswith(start) for action, start in zip(actions, starts, strict=False)), actions


@pytest.mark.parametrize(
    ("ip", "start"),
    [
        ("192.31.196.7", "Check whether 192.31.196.7 is on a blocklist"),
        ("127.0.0.1", "Try from another"),
        (None, "Try"),
    ],
)
def test_a_client_whose_address_is_global_is_looked_up_in_lists(ip, start):
    outcome = no_session(Phase.GREETING)
    identity = Identity(client_ip=ip, client_ip_source=IpSource.SOCKET, helo=None)
    transcript = session(outcome, (Phase.GREETING, None, Breakage.CLOSED_BY_PEER))
    found = cause_of(outcome, transcript=msgspec.structs.replace(transcript, identity=identity))
    assert found.remedies[0].action.startswith(start)


@pytest.mark.parametrize(
    ("partial", "breakage", "cause", "start"),
    [
        (b"SSH-2.0-x", Breakage.NOT_SMTP, "not-smtp", "Check host and port"),
        (b"* OK IMAP4rev1 ready\r\n", Breakage.CLOSED_BY_PEER, "not-smtp", "Check host and port"),
        (b"\x15\x03\x01\x00\x02\x02\x46", Breakage.CLOSED_BY_PEER, "not-smtp", "Connect with TLS"),
        (b"22", Breakage.CLOSED_BY_PEER, "connection-lost", "Try from another address"),
        (b"220-mx", Breakage.CLOSED_BY_PEER, "connection-lost", "Try from another address"),
    ],
)
def test_what_is_no_smtp_is_told_apart_from_half_a_reply(partial, breakage, cause, start):
    outcome = no_session(Phase.GREETING)
    found = session(outcome, (Phase.GREETING, None, breakage))
    last = msgspec.structs.replace(found.exchanges[0], partial=partial)
    cause_found = cause_of(outcome, transcript=msgspec.structs.replace(found, exchanges=(last,)))
    assert cause_found.id == cause
    assert cause_found.remedies[0].action.startswith(start)


@pytest.mark.parametrize(("over_tls", "start"), [(False, "If the port uses TLS"), (True, "Look at the server's log")])
def test_who_is_silent_over_tls_does_not_wait_for_it(over_tls, start):
    outcome = no_session(Phase.GREETING)
    found = session(outcome, (Phase.GREETING, None, Breakage.TIMED_OUT))
    last = msgspec.structs.replace(found.exchanges[0], over_tls=over_tls)
    cause_found = cause_of(outcome, transcript=msgspec.structs.replace(found, exchanges=(last,)))
    assert cause_found.remedies[0].action.startswith(start)


def test_octets_before_the_handshake_are_the_cause_and_not_the_handshake():
    outcome = no_session(Phase.TLS, fault=OutcomeFault.INJECTED)
    found = cause_of(
        outcome, GREETED, HELLO, (Phase.STARTTLS, "STARTTLS", "220 Go"), (Phase.TLS, None, Breakage.TLS_FAILED)
    )
    assert found.id == "starttls-injection"
    assert any("send no password" in each.action for each in found.remedies)


def test_a_challenge_that_cannot_be_answered_names_its_mechanism():
    outcome = no_session(Phase.AUTH, fault=OutcomeFault.LOGIN_CANCELLED, reply_code=501)
    said = (Phase.AUTH, "AUTH CRAM-MD5", "334 x"), (Phase.AUTH, "*", "501 cancelled")
    found = cause_of(outcome, GREETED, HELLO, *said)
    assert found.id == "challenge-invalid"
    assert ["CRAM-MD5" in each.action for each in found.remedies] == [True, True]


def test_each_of_these_causes_is_described():
    for cause in (
        "host-not-found",
        "dns-failed",
        "connection-failed",
        "connection-lost",
        "reply-timeout",
        "extension-missing",
        "not-smtp",
        "starttls-injection",
        "challenge-invalid",
    ):
        assert not causes()[cause].by_reply
