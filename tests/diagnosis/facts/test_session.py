"""What the transcript shows of the channel on which a command was refused, and of nothing after it."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.diagnosis.facts.session import mechanism_used, of_channel, of_session
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.login.secret import LoginRecord, PasswordRecord, PasswordSource
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from tests.diagnosis.facts.rejections import holding, rejected, said

GREETING = (Phase.GREETING, None, "220 mx.example.com")
LOGIN, LOGIN_REFUSED = (Phase.AUTH, "AUTH PLAIN x", "235 Ok"), (Phase.AUTH, "AUTH PLAIN x", "535 No")
RCPT = (Phase.RCPT, "RCPT TO:<bob@example.com>", "550 No")


def hello(*lines: str, sent: str = "EHLO x", code: int = 250) -> tuple[Phase, str, str]:
    return Phase.EHLO, sent, "\n".join((*(f"{code}-{line}" for line in ("mx.example.com", *lines)), f"{code} HELP"))


def transcript(*exchanges: Exchange, port: int | None = 25) -> Transcript:
    return msgspec.structs.replace(rejected().transcript, exchanges=exchanges, port=port)


def refused(*exchanges: Exchange, port: int | None = 25, at: int = -1, **fields) -> Rejection:
    """The rejection that is the exchange at this place."""
    exchange = exchanges[at]
    return msgspec.structs.replace(
        rejected(), transcript=transcript(*exchanges, port=port), exchange=exchange, reply=exchange.reply, **fields
    )


CHANNEL = (
    "logged_in", "offer_known", "auth_offered", "auth_missing", "auth_after_tls", "starttls_offered", "starttls_missing",
    "size_limit", "ntlm_only",
)  # fmt: skip
OFFER = {"offer_known": "yes"}
CLEAR = OFFER | {"starttls_missing": "yes"}
NOTHING = CLEAR | {"auth_missing": "yes"}


@pytest.mark.parametrize(
    ("lines", "in_clear", "over_tls"),
    [
        ((), NOTHING, OFFER | {"auth_missing": "yes"}),
        (
            ("STARTTLS",),
            OFFER | {"starttls_offered": "yes", "auth_after_tls": "yes"},
            OFFER | {"auth_missing": "yes"},
        ),
        (
            ("STARTTLS", "AUTH PLAIN"),
            OFFER | {"starttls_offered": "yes", "auth_offered": "PLAIN"},
            OFFER | {"auth_offered": "PLAIN"},
        ),
        (("AUTH PLAIN LOGIN X",), CLEAR | {"auth_offered": "PLAIN LOGIN X"}, OFFER | {"auth_offered": "PLAIN LOGIN X"}),
        (
            ("AUTH PLAIN LOGIN X Y",),
            CLEAR | {"auth_offered": "PLAIN LOGIN X (+1)"},
            OFFER | {"auth_offered": "PLAIN LOGIN X (+1)"},
        ),
        (("AUTH",), NOTHING, OFFER | {"auth_missing": "yes"}),
        (
            ("AUTH NTLM GSSAPI",),
            CLEAR | {"auth_offered": "NTLM GSSAPI", "ntlm_only": "yes"},
            OFFER | {"auth_offered": "NTLM GSSAPI", "ntlm_only": "yes"},
        ),
        (("AUTH NTLM PLAIN",), CLEAR | {"auth_offered": "NTLM PLAIN"}, OFFER | {"auth_offered": "NTLM PLAIN"}),
        (("SIZE 1000",), NOTHING | {"size_limit": "1000"}, OFFER | {"auth_missing": "yes", "size_limit": "1000"}),
        (("SIZE 0",), NOTHING, OFFER | {"auth_missing": "yes"}),
        (("SIZE",), NOTHING, OFFER | {"auth_missing": "yes"}),
        (("SIZE much 10",), NOTHING | {"size_limit": "10"}, OFFER | {"auth_missing": "yes", "size_limit": "10"}),
    ],
)
def test_what_is_offered_on_the_channel(lines, in_clear, over_tls):
    for encrypted, facts in ((False, in_clear), (True, over_tls)):
        exchanges = said(GREETING, hello(*lines), RCPT, over_tls=encrypted)
        assert holding(of_channel(transcript(*exchanges), 2, over_tls=encrypted), *CHANNEL) == facts
        assert holding(of_session(refused(*exchanges)), *CHANNEL) == facts


@pytest.mark.parametrize(
    ("mechanisms", "windows"),
    [
        ("NTLM", True),
        ("GSSAPI", True),
        ("GSS-SPNEGO", True),
        ("KERBEROS_V4 KERBEROS_V5", True),
        ("PLAIN", False),
        ("KERBEROS_V4 LOGIN", False),
    ],
)
def test_mechanisms_of_a_windows_domain(mechanisms, windows):
    found = of_channel(transcript(*said(GREETING, hello(f"AUTH {mechanisms}"))), 2, over_tls=False)
    assert found["ntlm_only"] == ("yes" if windows else None)


@pytest.mark.parametrize(
    ("exchanges", "before", "facts"),
    [
        (said(GREETING, RCPT), 1, {}),
        # The last answer on the same channel counts, and none that is a refusal.
        (said(GREETING, hello("SIZE 1"), hello("SIZE 2"), RCPT), 3, NOTHING | {"size_limit": "2"}),
        (said(GREETING, hello("SIZE 1"), hello("SIZE 2", code=550), RCPT), 3, NOTHING | {"size_limit": "1"}),
        (said(GREETING, hello(code=502), RCPT), 2, {}),
        (said(GREETING, (Phase.EHLO, "EHLO x", None), RCPT), 2, {}),
        (said(GREETING, hello("SIZE 1"), RCPT, hello("SIZE 2")), 2, NOTHING | {"size_limit": "1"}),
        (said(GREETING, RCPT, hello("SIZE 2")), 1, {}),
        (said(GREETING, (Phase.MAIL, "MAIL", "250-a\n250 SIZE 3"), RCPT), 2, {}),
        (said(GREETING, hello(), over_tls=True), 2, {}),
        (said(GREETING, hello("STARTTLS")) + said(hello("SIZE 2"), over_tls=True), 3,
         OFFER | {"starttls_offered": "yes", "auth_after_tls": "yes"}),
        (said(GREETING, LOGIN, RCPT), 2, {"logged_in": "yes"}),
        (said(GREETING, hello(), LOGIN, RCPT), 3, NOTHING | {"logged_in": "yes"}),
        (said(GREETING, hello(), LOGIN_REFUSED, RCPT), 3, NOTHING),
        (said(GREETING, hello(), (Phase.AUTH, "AUTH PLAIN", "334 x"), RCPT), 3, NOTHING),
        (said(GREETING, hello(), (Phase.AUTH, "AUTH PLAIN", None), RCPT), 3, NOTHING),
        (said(GREETING, hello(), RCPT, LOGIN), 2, NOTHING),
    ],
)  # fmt: skip
def test_what_was_said_before_on_the_same_channel_counts(exchanges, before, facts):
    assert holding(of_channel(transcript(*exchanges), before, over_tls=False), *CHANNEL) == facts


def test_what_came_after_the_refused_command_is_not_known_yet():
    exchanges = said(GREETING, hello("SIZE 1"), RCPT, LOGIN, hello("SIZE 2"))
    found = of_session(refused(*exchanges, at=2))
    assert (found["size_limit"], found["logged_in"]) == ("1", None)
    assert holding(of_session(refused(*said(GREETING, hello("SIZE 1"), over_tls=True))), *CHANNEL) == {}


@pytest.mark.parametrize(
    ("exchanges", "port", "at_auth", "submission"),
    [
        (said(GREETING, RCPT), 25, None, None),
        (said(GREETING, RCPT), None, None, None),
        (said(GREETING, RCPT), 587, None, "yes"),
        (said(GREETING, RCPT), 465, None, "yes"),
        (said(GREETING, LOGIN, RCPT), 25, None, "yes"),
        (said(GREETING, LOGIN_REFUSED), 25, "yes", "yes"),
    ],
)
def test_where_mail_is_submitted(exchanges, port, at_auth, submission):
    found = of_session(refused(*exchanges, port=port))
    assert (found["at_auth"], found["submission"], found["over_tls"]) == (at_auth, submission, None)


def test_over_tls():
    assert of_session(refused(*said(GREETING, RCPT, over_tls=True)))["over_tls"] == "yes"


@pytest.mark.parametrize(
    ("sent", "token", "hashed"),
    [
        ("AUTH PLAIN x", None, None),
        ("auth plain x", None, None),
        ("AUTH XOAUTH2 x", "yes", None),
        ("AUTH OAUTHBEARER x", "yes", None),
        ("auth cram-md5", None, "CRAM-MD5"),
        ("AUTH SCRAM-SHA-1 x", None, "SCRAM-SHA-1"),
        ("AUTH SCRAM-SHA-256 x", None, "SCRAM-SHA-256"),
        ("AUTH SCRAM-SHA-256-PLUS x", None, "SCRAM-SHA-256-PLUS"),
        ("AUTH DIGEST-MD5", None, "DIGEST-MD5"),
        ("AUTH", None, None),
    ],
)
def test_the_mechanism_that_was_used(sent, token, hashed):
    found = of_session(refused(*said(GREETING, (Phase.AUTH, sent, "535 No"))))
    assert (found["token"], found["hashed_mechanism"]) == (token, hashed)
    assert found["bound_mechanism"] == (hashed if "-PLUS" in sent else None)


CRAM, PLAIN = (Phase.AUTH, "AUTH CRAM-MD5", "334 x"), (Phase.AUTH, "AUTH PLAIN x", "535 No")
ANSWER = (Phase.AUTH, "x y", "535 No")


@pytest.mark.parametrize(
    ("exchanges", "at", "used"),
    [
        (said(GREETING, CRAM, ANSWER), 2, "CRAM-MD5"),
        (said(GREETING, CRAM, ANSWER), 1, "CRAM-MD5"),
        (said(GREETING, PLAIN, CRAM, ANSWER), 3, "CRAM-MD5"),
        (said(GREETING, PLAIN, CRAM, ANSWER), 1, "PLAIN"),
        (said(GREETING, CRAM, (Phase.AUTH, None, "535 No")), 2, "CRAM-MD5"),
        (said(GREETING, CRAM, (Phase.AUTH, "AUTH", "535 No")), 2, "CRAM-MD5"),
        (said(GREETING, CRAM, (Phase.MAIL, "AUTH LOGIN", "250 Ok"), ANSWER), 3, "CRAM-MD5"),
        (said(GREETING, ANSWER), 1, None),
        (said(GREETING, CRAM, RCPT), 2, None),
    ],
)
def test_the_mechanism_is_that_of_the_login_that_the_exchange_belongs_to(exchanges, at, used):
    assert mechanism_used(transcript(*exchanges), exchanges[at]) == used


def password(*, ascii=True, blank_at_end=False, names_variable=False, quoted=False):
    return PasswordRecord(
        source=PasswordSource.FILE,
        ascii=ascii,
        blank_at_end=blank_at_end,
        names_variable=names_variable,
        quoted=quoted,
    )


@pytest.mark.parametrize(
    ("password", "facts"),
    [
        (None, {}),
        (password(), {}),
        (password(ascii=False), {"password_not_ascii": "yes"}),
        (password(blank_at_end=True), {"password_blank": "yes"}),
        (password(names_variable=True), {"password_variable": "yes"}),
        (password(quoted=True), {"password_quoted": "yes"}),
    ],
)
def test_what_is_told_of_the_password(password, facts):
    found = of_session(refused(*said(GREETING, LOGIN_REFUSED), login=LoginRecord(user="alice", password=password)))
    assert holding(found, "password_not_ascii", "password_blank", "password_variable", "password_quoted") == facts


@pytest.mark.parametrize(
    ("phase", "sent", "reply", "facts"),
    [
        (Phase.EHLO, "LHLO x", "500 What", {"lhlo_refused": "yes"}),
        (Phase.EHLO, "lhlo x", "502 What", {"lhlo_refused": "yes"}),
        (Phase.EHLO, "HELO x", "502 What", {"hello_refused": "yes"}),
        (Phase.EHLO, "HELO x", "500 What", {"hello_refused": "yes"}),
        (Phase.EHLO, "HELO x", "550 No", {}),
        (Phase.EHLO, "LHLO x", "501 No", {}),
        (Phase.EHLO, "EHLO x", "500 What", {}),
        (Phase.EHLO, None, "500 What", {}),
        (Phase.MAIL, "HELO x", "500 What", {}),
    ],
)
def test_a_way_of_introducing_oneself_that_is_not_known(phase, sent, reply, facts):
    found = of_session(refused(*said(GREETING, (phase, sent, reply))))
    assert holding(found, "lhlo_refused", "hello_refused") == facts
