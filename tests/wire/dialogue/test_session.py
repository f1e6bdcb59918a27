"""Lists of replies in, lists of commands out."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import msgspec
import pytest

from smtpprobe.model.request import Credentials, Protocol, TlsPolicy
from smtpprobe.model.transcript import (
    Breakage,
    Certificate,
    Exchange,
    OutcomeFault,
    Phase,
    RecipientStatus,
    Status,
    TlsFault,
)
from smtpprobe.wire.dialogue.session import QUIT_WAIT_S
from tests.wire.dialogue.playing import (
    ALICE,
    BOB,
    BYE,
    CAROL,
    CREDENTIALS,
    EHLO,
    HELO,
    MAIL,
    OFFER,
    QUIT,
    RCPT,
    RSET,
    UNVERIFIED,
    VERIFIED,
    b64,
    login,
    played,
)


def test_a_session_goes_through_and_says_quit():
    session = played("220 Hi", "250 Hi", "250 Ok", "250 Ok", "250 Ok", BYE)
    assert session.commands == [EHLO, MAIL, RCPT, RSET, QUIT]
    assert session.phases == [Phase.EHLO, Phase.MAIL, Phase.RCPT, Phase.RSET, Phase.QUIT]
    assert session.shown == session.commands
    assert session.waits == [None] * 5 + [QUIT_WAIT_S]
    assert session.ending.status is Status.ACCEPTED
    assert [each.status for each in session.ending.recipients] == [RecipientStatus.ACCEPTED]


# Answers; commands; status; phase; the deciding exchange.
STOPS = [
    (["554 No"], [QUIT], Status.REFUSED, Phase.GREETING, 0),
    (["521 No"], [QUIT], Status.REFUSED, Phase.GREETING, 0),
    (["421 Busy"], [], Status.DEFERRED, Phase.GREETING, 0),
    (["450 Busy"], [QUIT], Status.DEFERRED, Phase.GREETING, 0),
    (["354 Go"], [QUIT], Status.NO_SESSION, Phase.GREETING, 0),
    (["220 Hi", "221 Bye"], [EHLO], Status.NO_SESSION, Phase.EHLO, 1),
    (["220 Hi", "220 Hi"], [EHLO, QUIT], Status.NO_SESSION, Phase.EHLO, 1),
    (["220 Hi", "252 Hi"], [EHLO, QUIT], Status.NO_SESSION, Phase.EHLO, 1),
    (["220 Hi", "354 Go"], [EHLO, QUIT], Status.NO_SESSION, Phase.EHLO, 1),
    (["220 Hi", "502 No", "252 Hi"], [EHLO, EHLO.replace("EHLO", "HELO"), QUIT], Status.NO_SESSION, Phase.EHLO, 2),
    (["hello"], [QUIT], Status.NO_SESSION, Phase.GREETING, 0),
    ([Breakage.TIMED_OUT], [], Status.NO_SESSION, Phase.GREETING, 0),
    (["220 Hi", "550 No"], [EHLO, QUIT], Status.REFUSED, Phase.EHLO, 1),
    (["220 Hi", "501 No"], [EHLO, QUIT], Status.REFUSED, Phase.EHLO, 1),
    (["220 Hi", "421 No"], [EHLO], Status.DEFERRED, Phase.EHLO, 1),
    (["220 Hi", "500 What", "500 What"], [EHLO, f"HELO {HELO}", QUIT], Status.REFUSED, Phase.EHLO, 2),
    (["220 Hi", Breakage.CLOSED_BY_PEER], [EHLO], Status.NO_SESSION, Phase.EHLO, 1),
    (["220 Hi", "250 Hi", "554 No"], [EHLO, MAIL, QUIT], Status.REFUSED, Phase.MAIL, 2),
    (["220 Hi", "250 Hi", "451 No"], [EHLO, MAIL, QUIT], Status.DEFERRED, Phase.MAIL, 2),
    (["220 Hi", "250 Hi", "250 Ok", "550 No", "250 Ok"], [EHLO, MAIL, RCPT, RSET, QUIT], Status.REFUSED, Phase.RCPT, 3),
    (
        ["220 Hi", "250 Hi", "250 Ok", "450 No", "250 Ok"],
        [EHLO, MAIL, RCPT, RSET, QUIT],
        Status.DEFERRED,
        Phase.RCPT,
        3,
    ),
    (["220 Hi", "250 Hi", "250 Ok", "421 No"], [EHLO, MAIL, RCPT], Status.DEFERRED, Phase.RCPT, 3),
    (["220 Hi", "250 Hi", "250 Ok", Breakage.RESET], [EHLO, MAIL, RCPT], Status.NO_SESSION, Phase.RCPT, 3),
]


@pytest.mark.parametrize(("answers", "commands", "status", "phase", "exchange"), STOPS)
def test_a_session_ends_where_it_is_decided(answers, commands, status, phase, exchange):
    session = played(*answers, *([BYE] if QUIT in commands else []))
    ending = session.ending
    assert (session.commands, ending.status, ending.phase, ending.exchange) == (commands, status, phase, exchange)


@pytest.mark.parametrize("after", ["421 Bye", Breakage.CLOSED_BY_PEER])
def test_a_peer_that_goes_at_rset_changes_no_verdict(after):
    session = played("220 Hi", "250 Hi", "250 Ok", "550 No", after)
    assert (session.commands[-1], session.ending.status) == (RSET, Status.REFUSED)


def test_a_peer_that_does_not_answer_quit_changes_no_verdict():
    session = played("220 Hi", "250 Hi", "250 Ok", "250 Ok", "250 Ok", Breakage.TIMED_OUT)
    assert session.ending.status is Status.ACCEPTED


@pytest.mark.parametrize("code", ["500", "502"])
def test_helo_is_said_where_ehlo_is_not_known(code):
    session = played("220 Hi", f"{code} What", "250 Hi", "250 Ok", "250 Ok", "250 Ok", BYE)
    assert session.commands[:3] == [EHLO, f"HELO {HELO}", MAIL]


@pytest.mark.parametrize("changes", [{"policy": TlsPolicy.REQUIRE}, {"credentials": CREDENTIALS}])
def test_helo_is_no_way_out_where_extensions_are_needed(changes):
    session = played("220 Hi", "502 What", BYE, **changes)
    assert session.commands == [EHLO, QUIT]


@pytest.mark.parametrize(("protocol", "verb"), [(Protocol.SMTP, "HELO"), (Protocol.LMTP, "LHLO")])
def test_each_protocol_has_its_greeting(protocol, verb):
    assert played("220 Hi", "550 No", BYE, protocol=protocol).commands[0] == f"{verb} {HELO}"


def test_several_recipients_are_weighed():
    session = played(
        "220 Hi", "250 Hi", "250 Ok", "250 Ok", "450 Later", "550 No", "250 Ok", BYE, forward_paths=(BOB, CAROL, ALICE)
    )
    accepted, deferred, refused = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED, RecipientStatus.REFUSED
    assert [each.status for each in session.ending.recipients] == [accepted, deferred, refused]
    assert (session.ending.status, session.ending.exchange) == (Status.REFUSED, 5)


def test_recipients_that_were_not_reached_are_named():
    session = played("220 Hi", "250 Hi", "550 No", BYE, forward_paths=(BOB, CAROL))
    assert [each.status for each in session.ending.recipients] == [RecipientStatus.NOT_TRIED] * 2


def test_no_transaction_is_tried_where_none_is_wanted():
    assert played("220 Hi", "250 Hi", BYE, reverse_path=None).commands == [EHLO, QUIT]


def test_a_path_that_is_not_ascii_needs_smtputf8():
    session = played("220 Hi", "250 Hi", BYE, reverse_path="grün@example.org")
    assert session.commands == [EHLO, QUIT]
    assert "SMTPUTF8" in session.ending.reason
    assert session.ending.fault is OutcomeFault.NOT_OFFERED
    session = played("220 Hi", "250-Hi\r\n250 SMTPUTF8", "550 No", BYE, reverse_path="grün@example.org")
    assert session.commands[1] == "MAIL FROM:<grün@example.org> SMTPUTF8"


@pytest.mark.parametrize(
    ("last", "commands"),
    [(Phase.GREETING, [QUIT]), (Phase.EHLO, [EHLO, QUIT]), (Phase.MAIL, [EHLO, MAIL, QUIT])],
)
def test_a_session_stops_where_the_user_says(last, commands):
    session = played(*["250 Ok"] * len(commands), BYE, quit_after=last)
    assert (session.commands, session.ending.status) == (commands, Status.ACCEPTED)


def test_after_the_handshake_ehlo_is_said_again():
    session = played("220 Hi", OFFER, "220 Go", UNVERIFIED, "250 Hi", "550 No", BYE)
    assert session.commands == [EHLO, "STARTTLS", "TLS", EHLO, MAIL, QUIT]
    assert session.strict == [False]
    assert session.ending.extensions == ()


@pytest.mark.parametrize("reply", ["454 No", "501 No", "250 Ok"])
def test_without_tls_the_session_goes_on_unless_tls_is_required(reply):
    assert played("220 Hi", OFFER, reply, "550 No", BYE).commands == [EHLO, "STARTTLS", MAIL, QUIT]
    required = played("220 Hi", OFFER, reply, BYE, policy=TlsPolicy.REQUIRE)
    assert (required.commands, required.ending.status) == ([EHLO, "STARTTLS", QUIT], Status.NO_SESSION)


def test_tls_that_is_required_and_not_offered_is_no_session():
    session = played("220 Hi", "250 Hi", BYE, policy=TlsPolicy.REQUIRE)
    assert (session.commands, session.ending.phase) == ([EHLO, QUIT], Phase.STARTTLS)
    assert session.ending.fault is OutcomeFault.NOT_OFFERED


def test_tls_that_is_off_is_not_asked_for():
    assert played("220 Hi", OFFER, "550 No", BYE, policy=TlsPolicy.OFF).commands == [EHLO, MAIL, QUIT]


def test_implicit_tls_comes_before_the_greeting():
    session = played(VERIFIED, "220 Hi", OFFER, "550 No", BYE, policy=TlsPolicy.IMPLICIT)
    assert session.commands == ["TLS", EHLO, MAIL, QUIT]


def test_after_a_failed_handshake_nothing_is_said():
    session = played("220 Hi", OFFER, "220 Go", Breakage.TLS_FAILED)
    assert (session.commands, session.ending.status) == ([EHLO, "STARTTLS", "TLS"], Status.NO_SESSION)


def test_credentials_are_sent_over_a_verified_channel_and_hidden():
    session = login("235 Ok", "550 No", BYE)
    initial = b64("\0tim\0hunter22")
    assert session.commands[4] == f"AUTH PLAIN {initial}"
    assert session.shown[3] == "AUTH PLAIN ‹credentials›"
    assert session.hidden == [initial.encode()]
    assert session.strict == [True]


def test_a_refused_login_is_refused_and_tried_once():
    session = login("535 5.7.8 No", BYE)
    assert [line.split()[0] for line in session.commands] == ["EHLO", "STARTTLS", "TLS", "EHLO", "AUTH", "QUIT"]
    assert (session.ending.status, session.ending.phase) == (Status.AUTH_REFUSED, Phase.AUTH)


@pytest.mark.parametrize(("reply", "status"), [("454 x", Status.DEFERRED), ("432 x", Status.AUTH_REFUSED)])
def test_a_login_put_off_is_weighed(reply, status):
    assert login(reply, BYE).ending.status is status


def test_login_shows_the_user_name_as_such_only():
    session = login("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 Ok", "550 No", BYE, mech="login")
    assert session.commands[4:7] == ["AUTH LOGIN", b64("tim"), b64("hunter22")]
    assert session.shown[3:6] == ["AUTH LOGIN", "‹user name›", "‹credentials›"]


def test_cram_md5_answers_the_challenge():
    challenge = b64("<1896.697170952@postoffice.example.net>")
    session = login(f"334 {challenge}", "235 Ok", "550 No", BYE, mech="CRAM-MD5")
    user, _, digest = base64.b64decode(session.commands[5]).partition(b" ")
    assert (user, len(digest)) == (b"tim", 32)
    assert user + b" " + digest in session.hidden


@pytest.mark.parametrize("mech", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_a_server_that_goes_on_asking_is_cancelled(mech):
    rounds = {"PLAIN": 1, "LOGIN": 3, "CRAM-MD5": 2}[mech]
    session = login(*["334 "] * rounds, "501 Cancelled", BYE, mech=mech)
    assert session.commands[-2:] == ["*", QUIT]
    assert (session.ending.status, session.ending.phase) == (Status.NO_SESSION, Phase.AUTH)
    assert session.shown[-2] == "*"
    assert session.ending.reason == f"login cancelled: {mech} has no further step"
    assert session.ending.fault is OutcomeFault.LOGIN_CANCELLED


@pytest.mark.parametrize(
    ("changes", "offer", "why"),
    [
        ({}, "250 Hi", "offers no AUTH"),
        ({}, "250-Hi\r\n250 AUTH OTP", "OTP, which is not supported here"),
        ({"mech": "SCRAM-SHA-256"}, OFFER, "not SCRAM-SHA-256"),
        ({"mech": "gssapi"}, "250-Hi\r\n250 AUTH GSSAPI", "GSSAPI"),
    ],
)
def test_credentials_that_cannot_be_used_are_not_sent(changes, offer, why):
    session = login(BYE, offer=offer, **changes)
    assert session.commands == [EHLO, "STARTTLS", "TLS", EHLO, QUIT]
    assert session.ending.status is Status.NO_SESSION
    assert (session.ending.fault, session.ending.needs) == (OutcomeFault.CREDENTIALS_NOT_SENT, None)
    assert why in session.ending.reason


def test_a_session_with_credentials_ends_politely_where_the_certificate_does_not_verify():
    session = played("220 Hi", OFFER, "220 Go", UNVERIFIED, BYE, credentials=CREDENTIALS)
    assert session.commands == [EHLO, "STARTTLS", "TLS", QUIT]
    ending = session.ending
    assert (ending.status, ending.phase, ending.exchange) == (Status.NO_SESSION, Phase.TLS, 3)
    assert (ending.fault, ending.needs) == (OutcomeFault.UNVERIFIED, None)


def test_no_password_goes_to_a_server_that_says_throughout_that_it_is_another():
    other = msgspec.structs.replace(UNVERIFIED, faults=(TlsFault.NAME,), chain=(named("s12.hoster.example"),))
    hello = "250-s12.hoster.example\r\n250-STARTTLS\r\n250 AUTH PLAIN"
    answers = ["220 s12.hoster.example", hello, "220 Go", other]
    session = played(*answers, hello, BYE, credentials=CREDENTIALS, insecure_auth=True)
    assert session.commands == [EHLO, "STARTTLS", "TLS", EHLO, QUIT]
    assert (session.ending.fault, session.ending.needs) == (OutcomeFault.OTHER_HOST, "tls.name")
    session = played(*answers, BYE, credentials=CREDENTIALS)
    assert session.commands == [EHLO, "STARTTLS", "TLS", QUIT]
    assert (session.ending.fault, session.ending.phase) == (OutcomeFault.OTHER_HOST, Phase.TLS)
    # One that is only not verified is what --insecure-auth is for.
    plain = msgspec.structs.replace(other, chain=(named("mx.example.net"),))
    session = played(
        *answers[:3], plain, hello, "235 Ok", BYE, credentials=CREDENTIALS, insecure_auth=True, mech="PLAIN",
        quit_after=Phase.AUTH,
    )  # fmt: skip
    assert session.ending.status is Status.ACCEPTED


@pytest.mark.parametrize("host", ["192.0.2.1", "s12.hoster.example", "mx.example.com"])
def test_whom_a_server_claims_to_be_is_held_against_the_name_that_its_certificate_was_judged_for(host):
    asked = {"host": host, "credentials": CREDENTIALS}
    other = msgspec.structs.replace(
        UNVERIFIED, name="mail.example.org", faults=(TlsFault.NAME,), chain=(named("s12.hoster.example"),)
    )
    hello = "250-s12.hoster.example\r\n250-STARTTLS\r\n250 AUTH PLAIN"
    answers = ["220 s12.hoster.example", hello, "220 Go", other]
    session = played(*answers, hello, BYE, insecure_auth=True, **asked)
    assert session.commands == [EHLO, "STARTTLS", "TLS", EHLO, QUIT]
    assert session.ending.fault is OutcomeFault.OTHER_HOST
    assert "another host than mail.example.org" in session.ending.reason
    session = played(*answers, BYE, **asked)
    assert session.ending.fault is OutcomeFault.OTHER_HOST
    assert "another host than mail.example.org" in session.ending.reason


def named(*names: str) -> Certificate:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Certificate(
        subject="CN=x", issuer="CN=CA", names=names, not_before=at, not_after=at, serial="1", key="", signature="",
        sha256="", spki_sha256="", self_signed=False,
    )  # fmt: skip


def test_nobody_is_taken_leave_of_who_has_not_greeted():
    session = played(UNVERIFIED, policy=TlsPolicy.IMPLICIT, verify=True)
    assert session.commands == ["TLS"]
    assert session.ending.fault is OutcomeFault.UNVERIFIED


def test_over_implicit_tls_a_server_with_another_name_may_still_say_who_it_is():
    other = msgspec.structs.replace(UNVERIFIED, faults=(TlsFault.NAME,), chain=(named("s12.hoster.example"),))
    hello = "250-s12.hoster.example\r\n250 AUTH PLAIN"
    implicit = {"credentials": CREDENTIALS, "policy": TlsPolicy.IMPLICIT}
    session = played(other, "220 s12.hoster.example", hello, BYE, **implicit)
    assert session.commands == ["TLS", EHLO, QUIT]
    assert (session.ending.fault, session.ending.phase) == (OutcomeFault.OTHER_HOST, Phase.TLS)
    assert session.ending.exchange == 0
    session = played(other, "220 mx.example.com", "250 mx.example.com", BYE, **implicit)
    assert (session.ending.fault, session.commands[-1]) == (OutcomeFault.UNVERIFIED, QUIT)
    # A refusal is the end of it, and after 421 nobody is left to say QUIT to.
    for greeting, said in (("554 No", [QUIT]), ("421 Busy", [])):
        session = played(other, greeting, *[BYE] * len(said), **implicit)
        assert session.commands == ["TLS", *said]
        assert session.ending.fault is OutcomeFault.UNVERIFIED


def test_credentials_are_not_sent_in_clear():
    session = played("220 Hi", "250-Hi\r\n250 AUTH PLAIN", BYE, credentials=CREDENTIALS)
    assert session.commands == [EHLO, QUIT]
    session = played("220 Hi", "250-Hi\r\n250 AUTH PLAIN", BYE, credentials=CREDENTIALS, policy=TlsPolicy.OFF)
    assert session.commands == [EHLO, QUIT]


@pytest.mark.parametrize("changes", [{"insecure_auth": True, "mech": "PLAIN"}, {"private_channel": True}])
def test_credentials_are_sent_in_clear_where_that_is_allowed(changes):
    session = played(
        "220 Hi", "250-Hi\r\n250 AUTH PLAIN", "535 No", BYE, credentials=CREDENTIALS, policy=TlsPolicy.OFF, **changes
    )
    assert session.commands[1].startswith("AUTH PLAIN ")


@pytest.mark.parametrize("after", [Breakage.CLOSED_BY_PEER, Breakage.TIMED_OUT, Breakage.DEADLINE])
def test_a_refused_recipient_outranks_the_breakage_after_it(after):
    session = played("220 Hi", "250 Hi", "250 Ok", "550 No", after, forward_paths=(BOB, CAROL))
    assert (session.ending.status, session.ending.phase, session.ending.exchange) == (Status.REFUSED, Phase.RCPT, 3)
    assert [each.status for each in session.ending.recipients] == [RecipientStatus.REFUSED, RecipientStatus.NOT_TRIED]
    assert session.commands[-1] == f"RCPT TO:<{CAROL}>"


@pytest.mark.parametrize(("first", "second", "deciding"), [("550 No", "554 No", 3), ("450 No", "451 No", 3)])
def test_of_two_refusals_of_one_class_the_first_decides(first, second, deciding):
    session = played("220 Hi", "250 Hi", "250 Ok", first, second, "250 Ok", BYE, forward_paths=(BOB, CAROL))
    assert session.ending.exchange == deciding


def test_an_accepted_recipient_does_not():
    session = played("220 Hi", "250 Hi", "250 Ok", "250 Ok", Breakage.RESET, forward_paths=(BOB, CAROL))
    assert (session.ending.status, session.ending.exchange) == (Status.NO_SESSION, 4)


def test_a_refused_ehlo_outranks_the_silence_after_helo():
    session = played("220 Hi", "502 What", Breakage.CLOSED_BY_PEER)
    assert session.commands == [EHLO, f"HELO {HELO}"]
    assert (session.ending.status, session.ending.phase, session.ending.exchange) == (Status.REFUSED, Phase.EHLO, 1)


@pytest.mark.parametrize("last", [Phase.STARTTLS, Phase.TLS])
def test_a_session_that_is_to_stop_after_tls_has_not_come_to_it_where_tls_was_refused(last):
    session = played("220 Hi", OFFER, "454 No", BYE, quit_after=last)
    assert session.commands == [EHLO, "STARTTLS", QUIT]
    assert session.ending.fault is OutcomeFault.STAGE_NOT_REACHED
    assert (session.ending.status, session.ending.phase, session.ending.exchange) == (
        Status.NO_SESSION, Phase.STARTTLS, 2
    )  # fmt: skip


@pytest.mark.parametrize(
    ("last", "answers", "changes", "commands"),
    [
        (Phase.STARTTLS, ["220 Hi", "250 Hi"], {}, [EHLO]),
        (Phase.TLS, ["220 Hi", "250 Hi"], {}, [EHLO]),
        (Phase.TLS, ["220 Hi", OFFER], {"policy": TlsPolicy.OFF}, [EHLO]),
        (Phase.STARTTLS, [VERIFIED, "220 Hi", OFFER], {"policy": TlsPolicy.IMPLICIT}, ["TLS", EHLO]),
        (Phase.AUTH, ["220 Hi", "250 Hi"], {}, [EHLO]),
        (Phase.RCPT, ["220 Hi", "250 Hi", "250 Ok", "250 Ok"], {"forward_paths": ()}, [EHLO, MAIL, RSET]),
    ],
)
def test_a_stage_that_is_not_reached_is_no_session(last, answers, changes, commands):
    session = played(*answers, BYE, quit_after=last, **changes)
    assert session.commands == [*commands, QUIT]
    assert (session.ending.status, session.ending.fault) == (Status.NO_SESSION, OutcomeFault.STAGE_NOT_REACHED)
    assert f"the session should have ended after {last.value}, but did not get there: " in session.ending.reason


def test_a_refusal_on_the_way_to_the_last_stage_is_the_answer():
    session = played("220 Hi", "250 Hi", "550 No", BYE, quit_after=Phase.RCPT)
    assert (session.ending.status, session.ending.fault) == (Status.REFUSED, None)


def test_after_the_connection_alone_nothing_is_said_or_waited_for():
    session = played(quit_after=Phase.CONNECT)
    assert (session.commands, session.ending.status) == ([], Status.ACCEPTED)


@pytest.mark.parametrize(
    "name", ["bad!name", "MX.Lab.Test", "mx.lab.test.", "a b", "-", "[1.2.3", "ü.example", "x" * 600]
)
def test_the_helo_name_goes_out_as_it_is(name):
    session = played("220 Hi", "502 What", "550 No", BYE, helo=name)
    assert session.commands == [f"EHLO {name}", f"HELO {name}", QUIT]


def test_an_initial_response_that_makes_the_command_too_long_waits_for_its_challenge():
    token = Credentials("tim@example.org", "t" * 600)
    offer = "250-mx.example.com\r\n250 AUTH XOAUTH2"
    answers = ["220 Hi", OFFER, "220 Go", VERIFIED, offer, "334 ", "235 Ok", "550 No", BYE]
    session = played(*answers, credentials=token, mech="XOAUTH2")
    initial = b64(f"user=tim@example.org\x01auth=Bearer {'t' * 600}\x01\x01")
    assert session.commands[4:6] == ["AUTH XOAUTH2", initial]
    assert session.shown[3:5] == ["AUTH XOAUTH2", "‹credentials›"]
    assert initial.encode() in session.hidden


def broken_off(breakage: Breakage, phase: Phase = Phase.GREETING, **changes) -> Exchange:
    return Exchange(index=0, phase=phase, sent=None, breakage=breakage, **changes)


@pytest.mark.parametrize("breakage", Breakage)
def test_each_way_to_break_off_has_words(breakage):
    ending = played(broken_off(breakage)).ending
    assert ending.status is Status.NO_SESSION
    assert (ending.reason and not ending.reason.startswith(breakage.value)) or breakage is Breakage.INTERRUPTED
    assert ending.fault is (OutcomeFault.DEADLINE if breakage is Breakage.DEADLINE else None)


@pytest.mark.parametrize(("octets", "length"), [(372, 512), (373, len("AUTH EXTERNAL\r\n"))])
def test_an_initial_response_may_fill_the_command_to_the_last_octet(octets, length):
    # RFC 5321 §4.5.3.1.4: a command line has at most 512 octets, its CR LF among them.
    asked = ["334 "] if octets > 372 else []
    answers = ["220 Hi", OFFER, "220 Go", VERIFIED, "250-Hi\r\n250 AUTH EXTERNAL", *asked, "235 Ok", "550 No", BYE]
    session = played(*answers, credentials=Credentials("u" * octets, ""), mech="EXTERNAL")
    assert len(session.commands[4]) + len("\r\n") == length


@pytest.mark.parametrize(
    ("partial", "words"),
    [
        (b"HTTP/1.1 400 Bad", "HTTP"),
        (b"SSH-2.0-x", "SSH"),
        (b"* OK IMAP4", "IMAP"),
        (b"+OK", "POP3"),
        (b"\x15\x03\x01", "implicit TLS"),
        (b"220-half", "in the middle of the greeting (8 octets)"),
    ],
)
def test_octets_of_a_broken_greeting_are_named(partial, words):
    broken = Exchange(index=0, phase=Phase.GREETING, sent=None, breakage=Breakage.CLOSED_BY_PEER, partial=partial)
    assert words in played(broken).ending.reason


@pytest.mark.parametrize("changes", [{}, {"mech": "LOGIN"}, {"insecure_auth": True}])
def test_what_surely_cannot_work_spends_no_attempt(changes):
    run = login(BYE, unfit="the password is empty", **changes)
    assert run.commands == [EHLO, "STARTTLS", "TLS", EHLO, QUIT]
    assert run.hidden == []
    ending = run.ending
    assert (ending.status, ending.phase, ending.exchange) == (Status.NO_SESSION, Phase.AUTH, None)
    assert (ending.fault, ending.needs) == (OutcomeFault.CREDENTIALS_UNFIT, "send_anyway")
    assert ending.reason == "credentials not sent: the password is empty"


def test_a_channel_that_may_not_carry_it_is_said_first():
    run = played("220 Hi", OFFER, "220 Go", UNVERIFIED, BYE, credentials=CREDENTIALS, unfit="the password is empty")
    assert run.ending.fault is not OutcomeFault.CREDENTIALS_UNFIT
