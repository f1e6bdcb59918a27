"""A session without a reply that decided it: which sentence says why, on which exchange it rests, and what stays open."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.catalogue.causes import causes
from smtpprobe.diagnosis.no_session import no_session
from smtpprobe.diagnosis.unreached import lost, nowhere, unconnected
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.report import Because, BecauseKind, Confidence
from smtpprobe.model.transcript import (
    Breakage,
    Exchange,
    Identity,
    IpSource,
    Outcome,
    OutcomeFault,
    Phase,
    Status,
    TlsFault,
    TlsSession,
    Transcript,
)
from tests.diagnosis.test_diagnose import GREETED, HELLO, session

HOST = "example.net"
MX = DnsLookup(name=HOST, type="MX", status=DnsStatus.ANSWER, records=("10 one.example.net.", "20 two.example.net."))
NULL_MX = DnsLookup(name=HOST, type="MX", status=DnsStatus.ANSWER, records=("0 .",))
OTHERS_MX = DnsLookup(name="example.org", type="MX", status=DnsStatus.ANSWER, records=("10 mx.example.org.",))
A = DnsLookup(name=HOST, type="A", status=DnsStatus.NODATA)


def ended(phase: Phase | None, reason: str | None = "so it is", **fields) -> Outcome:
    return Outcome(**({"status": Status.NO_SESSION, "phase": phase, "reason": reason} | fields))


@pytest.mark.parametrize(
    ("fault", "lookups", "cause"),
    [
        (OutcomeFault.NAME_UNKNOWN, (MX,), "domain-undeliverable"),
        (OutcomeFault.NO_ADDRESS, (A, MX), "domain-undeliverable"),
        (OutcomeFault.NULL_MX, (NULL_MX,), "domain-undeliverable"),
        (OutcomeFault.MX_WITHOUT_ADDRESS, (MX,), "domain-undeliverable"),
        (OutcomeFault.LOOKUP_FAILED, (MX,), "dns-failed"),
        (OutcomeFault.NAME_UNKNOWN, (A,), "host-not-found"),
        (OutcomeFault.NAME_UNKNOWN, (OTHERS_MX,), "host-not-found"),
        (OutcomeFault.NAME_UNKNOWN, (), "host-not-found"),
        (None, (MX,), "domain-undeliverable"),
    ],
)
def test_a_name_that_leads_nowhere_is_the_domain_if_its_mx_was_asked(fault, lookups, cause):
    found = nowhere(ended(Phase.DNS, fault=fault), HOST, lookups)
    assert (found.transcript, found.exchange, found.summary, found.restates_outcome) == (0, None, "so it is", True)
    (only,) = found.causes
    assert (only.id, only.title, only.confidence) == (cause, causes()[cause].title, Confidence.CONFIRMED)
    assert (only.statement, only.because) == ("So it is", (Because(kind=BecauseKind.OUTCOME, text="so it is"),))


def test_a_name_that_leads_nowhere_without_a_reason():
    found = nowhere(ended(Phase.DNS, reason=None), HOST, ())
    assert (found.summary, found.causes[0].statement) == ("the name leads nowhere", "The name leads nowhere")
    assert any(HOST in each.action for each in found.causes[0].remedies)


def test_the_mail_host_without_an_address_is_the_first_of_the_domain_that_was_asked():
    found = nowhere(ended(Phase.DNS, fault=OutcomeFault.MX_WITHOUT_ADDRESS), HOST, (OTHERS_MX, A, MX))
    actions = " ".join(each.action for each in found.causes[0].remedies)
    assert "one.example.net" in actions
    assert "two.example.net" not in actions


@pytest.mark.parametrize(
    ("outcome", "is_one"),
    [
        (None, False),
        (ended(Phase.CONNECT), True),
        (ended(Phase.CONNECT, fault=OutcomeFault.PORT_25_BLOCKED), True),
        (ended(Phase.CONNECT, fault=OutcomeFault.INTERNAL_ERROR), False),
        (ended(Phase.GREETING), False),
        (ended(Phase.CONNECT, status=Status.DEFERRED), False),
    ],
)
def test_what_counts_as_no_connection(outcome, is_one):
    assert session(outcome).is_unconnected is is_one
    assert len(unconnected([session(outcome)], HOST, ())) == is_one


def failed(breakage: Breakage | None, reason: str | None, **fields) -> Transcript:
    return msgspec.structs.replace(session(ended(Phase.CONNECT, reason=reason, **fields)), breakage=breakage)


def test_addresses_that_fail_in_the_same_way_are_told_in_the_verdict_on_the_first():
    blocked = OutcomeFault.PORT_25_BLOCKED
    found = unconnected(
        [
            session(None),
            failed(Breakage.TIMED_OUT, "first"),
            failed(Breakage.REFUSED, "second"),
            session(ended(Phase.GREETING)),
            failed(Breakage.TIMED_OUT, "third"),
            failed(Breakage.TIMED_OUT, None),
            failed(Breakage.TIMED_OUT, "fourth", fault=blocked),
            failed(Breakage.REFUSED, None),
        ],
        HOST,
        (),
    )
    assert [(each.transcript, each.exchange, each.summary, each.restates_outcome) for each in found] == [
        (1, None, "first", True), (2, None, "second", True), (6, None, "fourth", True)
    ]  # fmt: skip
    assert [[because.text for because in each.causes[0].because] for each in found] == [
        ["first", "third", "no connection"], ["second", "no connection"], ["fourth"]
    ]  # fmt: skip
    assert {because.kind for each in found for because in each.causes[0].because} == {BecauseKind.OUTCOME}
    assert [each.causes[0].statement for each in found] == ["First", "Second", "Fourth"]


def test_no_connection_without_a_reason():
    (found,) = unconnected([failed(Breakage.REFUSED, None)], HOST, ())
    assert (found.summary, found.causes[0].statement) == ("no connection", None)


CLOSED, RESET, TIMED_OUT = Breakage.CLOSED_BY_PEER, Breakage.RESET, Breakage.TIMED_OUT
BEFORE = "before any greeting"


def broken(phase: Phase, breakage: Breakage | None, **fields) -> Exchange:
    return Exchange(index=0, phase=phase, sent=None, breakage=breakage, **fields)


@pytest.mark.parametrize(
    ("phase", "breakage", "statement"),
    [
        (Phase.GREETING, CLOSED, f"The server closed the connection {BEFORE}"),
        (Phase.GREETING, RESET, f"The connection was reset {BEFORE}"),
        (Phase.GREETING, Breakage.UNREACHABLE, f"The connection was reset {BEFORE}"),
        (Phase.GREETING, TIMED_OUT, "The connection is open, and no greeting came"),
        (Phase.EHLO, CLOSED, "The server closed the connection at EHLO, without a reply"),
        (Phase.RCPT, RESET, "The connection was reset at RCPT TO, by the server or something in between"),
        (Phase.DATA, TIMED_OUT, "No reply to DATA came in time"),
        (
            Phase.MESSAGE,
            CLOSED,
            "The server closed the connection without an answer to the message: it may have been delivered",
        ),
        (Phase.MESSAGE, RESET, "The connection was reset before the message was answered: it may have been delivered"),
        (Phase.MESSAGE, TIMED_OUT, "No reply to the message came in time: it may have been delivered"),
        (Phase.MAIL, TIMED_OUT, "No reply to MAIL FROM came in time"),
    ],
)
def test_a_loss_is_said_by_how_and_where(phase, breakage, statement):
    fault = OutcomeFault.MAYBE_DELIVERED if "delivered" in statement else None
    outcome = ended(phase, fault=fault)
    found = lost(session(outcome), outcome, broken(phase, breakage))
    cause = "reply-timeout" if breakage is TIMED_OUT else "connection-lost"
    assert (found.id, found.confidence, found.statement) == (cause, Confidence.CONFIRMED, statement)
    assert [each.text for each in found.because] == ["so it is"]


@pytest.mark.parametrize(
    "last",
    [
        None,
        broken(Phase.RCPT, None),
        broken(Phase.TLS, CLOSED),
        broken(Phase.EHLO, CLOSED, tls_fault=TlsFault.CLOSED),
        broken(Phase.RCPT, Breakage.LOCAL),
        broken(Phase.RCPT, Breakage.DEADLINE),
        broken(Phase.RCPT, Breakage.UNKNOWN),
    ],
)
def test_what_ended_otherwise_is_no_loss(last):
    outcome = ended(Phase.RCPT)
    assert lost(session(outcome), outcome, last) is None


@pytest.mark.parametrize(
    ("fields", "speaks_tls"),
    [
        ({"partial": b"\x15\x03\x01\x00"}, True),
        ({"partial": b"\x16\x03\x01\x00"}, True),
        ({"partial": b"\x17\x03\x01\x00"}, False),
        ({"partial": b"x\x15\x03\x01"}, False),
        ({"partial": b"\x15\x03\x01\x00", "over_tls": True}, False),
        ({"partial": b"SSH-2.0"}, False),
    ],
)
def test_a_port_that_wants_tls_at_once_is_told_by_its_alert(fields, speaks_tls):
    outcome = ended(Phase.GREETING)
    found = lost(session(outcome), outcome, broken(Phase.GREETING, CLOSED, **fields))
    assert (found.id, found.statement) == ("not-smtp", "So it is")
    assert any(each.action.startswith("Connect with TLS") for each in found.remedies) is speaks_tls


@pytest.mark.parametrize(
    ("partial", "breakage", "cause"),
    [
        (b"", CLOSED, "connection-lost"),
        (b"2", CLOSED, "connection-lost"),
        (b"220", CLOSED, "connection-lost"),
        (b"220 mx", CLOSED, "connection-lost"),
        (b"22x", CLOSED, "not-smtp"),
        (b"x", CLOSED, "not-smtp"),
        (b"2 x", CLOSED, "not-smtp"),
        (b"220 mx", Breakage.NOT_SMTP, "not-smtp"),
    ],
)
def test_half_a_reply_is_one(partial, breakage, cause):
    outcome = ended(Phase.GREETING)
    assert lost(session(outcome), outcome, broken(Phase.GREETING, breakage, partial=partial)).id == cause


@pytest.mark.parametrize(("ip", "listed"), [("192.31.196.7", True), ("10.0.0.1", False), ("", False), (None, False)])
def test_only_a_global_address_can_be_on_a_list(ip, listed):
    outcome = ended(Phase.GREETING)
    identity = Identity(client_ip=ip, client_ip_source=IpSource.SOCKET, helo=None)
    transcript = msgspec.structs.replace(session(outcome), identity=identity)
    found = lost(transcript, outcome, broken(Phase.GREETING, CLOSED))
    assert any(each.action.startswith("Check whether") for each in found.remedies) is listed


@pytest.mark.parametrize(
    ("said", "mechanism"),
    [
        (((Phase.AUTH, "AUTH CRAM-MD5", "334 x"), (Phase.AUTH, "*", "501 x")), "CRAM-MD5"),
        (((Phase.AUTH, "x y", "334 x"), (Phase.AUTH, "AUTH SCRAM-SHA-1 x", "334 x")), "SCRAM-SHA-1"),
        (((Phase.AUTH, None, "334 x"), (Phase.AUTH, "AUTH PLAIN", "334 x")), "PLAIN"),
        (((Phase.MAIL, "AUTH X", "334 x"), (Phase.AUTH, "AUTH PLAIN", "334 x")), "PLAIN"),
        (((Phase.AUTH, "AUTH", "334 x"), (Phase.AUTH, "AUTH PLAIN", "334 x")), "PLAIN"),
    ],
)
def test_a_challenge_that_cannot_be_answered_is_of_the_login_that_was_tried(said, mechanism):
    outcome = ended(Phase.AUTH, fault=OutcomeFault.LOGIN_CANCELLED)
    found = lost(session(outcome, *said), outcome, None)
    assert (found.id, found.statement) == ("challenge-invalid", "So it is")
    assert all(mechanism in each.action for each in found.remedies)
    assert found.remedies


def test_octets_before_the_handshake_are_said_by_the_outcome():
    outcome = ended(Phase.TLS, reason=None, fault=OutcomeFault.INJECTED)
    found = lost(session(outcome), outcome, None)
    assert (found.id, found.statement, found.because[0].text) == ("starttls-injection", None, "no session")


@pytest.mark.parametrize(("code", "field"), [(421, "retry_transient"), (554, "retry"), (None, "retry")])
def test_when_to_try_again_is_said_by_the_outcomes_code(code, field):
    outcome = ended(Phase.RCPT, reply_code=code)
    found = lost(session(outcome), outcome, broken(Phase.RCPT, CLOSED))
    assert found.retry == getattr(causes()["connection-lost"], field)


TLS = TlsSession(
    version=None, cipher=None, bits=None, name="mx.example.com", sni=None, chain=(), verified=False, faults=()
)  # fmt: skip


def handshake(outcome: Outcome, **fields):
    """The verdict on a session whose handshake was its last exchange."""
    before = session(outcome, GREETED, HELLO)
    last = Exchange(index=2, **({"phase": Phase.TLS, "sent": None, "breakage": Breakage.TLS_FAILED} | fields))
    return no_session(3, msgspec.structs.replace(before, exchanges=(*before.exchanges, last)), outcome)


@pytest.mark.parametrize(
    ("outcome", "fields", "statement"),
    [
        (ended(Phase.TLS), {}, "So it is"),
        (ended(Phase.TLS), {"detail": "no shared cipher"}, "The TLS handshake failed: no shared cipher"),
        (ended(Phase.TLS), {"tls": TLS}, "So it is"),
        (ended(Phase.TLS), {"tls": msgspec.structs.replace(TLS, problems=("it is old", "it is weak")), "detail": "x"},
         "It is old; it is weak"),
        (ended(Phase.STARTTLS), {"phase": Phase.EHLO, "breakage": None, "detail": "x"},
         "TLS was required, and the server does not offer STARTTLS"),
        (ended(Phase.STARTTLS, reply_code=454), {"phase": Phase.STARTTLS, "breakage": None, "detail": "x"}, "So it is"),
        (ended(Phase.AUTH, fault=OutcomeFault.OTHER_HOST), {}, "So it is"),
    ],
)  # fmt: skip
def test_why_there_is_no_tls_is_said_by_the_certificate_before_the_handshake(outcome, fields, statement):
    found = handshake(outcome, **fields)
    assert (found.transcript, found.exchange, found.summary, found.restates_outcome) == (3, 2, "so it is", True)
    assert [(each.id, each.statement) for each in found.causes] == [("tls-failed", statement)]
    assert found.causes[0].because == (Because(kind=BecauseKind.OUTCOME, text="so it is"),)


@pytest.mark.parametrize("breakage", [Breakage.LOCAL, Breakage.DEADLINE, Breakage.UNKNOWN])
def test_a_handshake_that_broke_off_for_our_reasons_has_no_cause(breakage):
    found = handshake(ended(Phase.TLS), breakage=breakage)
    assert (found.exchange, found.summary, found.causes) == (2, "so it is", ())


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (ended(Phase.TLS, fault=OutcomeFault.INTERNAL_ERROR), None),
        (ended(Phase.TLS, fault=OutcomeFault.STAGE_NOT_REACHED), None),
        (ended(Phase.MAIL, fault=OutcomeFault.NOT_OFFERED), "extension-missing"),
        (ended(Phase.MAIL, fault=OutcomeFault.CREDENTIALS_NOT_SENT), None),
        (ended(Phase.MAIL, fault=OutcomeFault.DEADLINE), None),
        (ended(Phase.MAIL), None),
    ],
)
def test_what_the_outcome_proves(outcome, cause):
    found = no_session(0, session(outcome, GREETED, HELLO), outcome)
    assert [(each.id, each.statement) for each in found.causes] == ([(cause, "So it is")] if cause else [])
    assert (found.exchange, found.summary) == (1, "so it is")


@pytest.mark.parametrize(("code", "field"), [(450, "retry_transient"), (550, "retry"), (None, "retry")])
def test_an_extension_that_is_missing_is_what_is_advised_on(code, field):
    outcome = ended(Phase.MAIL, fault=OutcomeFault.NOT_OFFERED, reply_code=code)
    (cause,) = no_session(0, session(outcome, GREETED, HELLO), outcome).causes
    assert cause.because == (Because(kind=BecauseKind.OUTCOME, text="so it is"),)
    assert cause.retry == getattr(causes()["extension-missing"], field)
    assert [each.action for each in cause.remedies] == [
        each.action for each in causes()["extension-missing"].remedies if not each.needs
    ]


@pytest.mark.parametrize(
    ("over_tls", "lines", "cause"),
    [
        ((False, False), ("250-x\n250 AUTH NTLM", "250-x\n250 AUTH PLAIN"), []),
        ((False, False), ("250-x\n250 AUTH PLAIN", "250-x\n250 AUTH NTLM"), ["auth-method-blocked"]),
        ((False, True), ("250-x\n250 AUTH PLAIN", "250-x\n250 AUTH NTLM"), ["auth-method-blocked"]),
        ((False, True), ("250-x\n250 AUTH NTLM", "250-x\n250 AUTH PLAIN"), []),
    ],
)
def test_credentials_are_held_back_for_what_the_channel_in_use_offers(over_tls, lines, cause):
    outcome = ended(Phase.AUTH, fault=OutcomeFault.CREDENTIALS_NOT_SENT)
    shaken = over_tls[1]
    first, second = ((Phase.EHLO, "EHLO x", each) for each in lines)
    transcript = session(outcome, GREETED, first, *(((Phase.TLS, None, "250 -"),) if shaken else ()), second)
    exchanges = list(transcript.exchanges)
    exchanges[-1] = msgspec.structs.replace(exchanges[-1], over_tls=shaken)
    if shaken:
        exchanges[2] = msgspec.structs.replace(exchanges[2], reply=None, tls=TLS)
    found = no_session(0, msgspec.structs.replace(transcript, exchanges=tuple(exchanges)), outcome)
    assert [each.id for each in found.causes] == cause
    for each in found.causes:
        assert each.statement.startswith("The server offers NTLM alone")


QUIT = (Phase.QUIT, "QUIT", "221 Bye")
SHAKEN = (Phase.TLS, None, "250 -")


@pytest.mark.parametrize(
    ("outcome", "said", "exchange"),
    [
        (ended(Phase.TLS), (GREETED, SHAKEN, HELLO, QUIT), 1),
        (ended(Phase.TLS), (GREETED, SHAKEN, SHAKEN, HELLO, QUIT), 2),
        (ended(Phase.TLS), (GREETED, SHAKEN, HELLO), 2),
        (ended(Phase.TLS), (GREETED, QUIT), 1),
        (ended(Phase.STARTTLS), (GREETED, SHAKEN, QUIT), 2),
        (ended(Phase.AUTH, fault=OutcomeFault.OTHER_HOST), (GREETED, SHAKEN, HELLO, QUIT), 1),
        (ended(Phase.AUTH, fault=OutcomeFault.DEADLINE), (GREETED, SHAKEN, HELLO, QUIT), 3),
        (ended(Phase.TLS), (), None),
    ],
)
def test_the_exchange_that_ended_the_session_stands_before_a_polite_quit(outcome, said, exchange):
    assert no_session(0, session(outcome, *said), outcome).exchange == exchange


def test_a_session_that_says_nothing_of_its_end():
    outcome = ended(None, reason=None)
    found = no_session(2, session(outcome), outcome)
    assert (found.transcript, found.exchange, found.summary, found.causes) == (2, None, "no session", ())
