"""How a session ends, to the word: the phase, the exchange and the reason of each ending."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Credentials, Protocol, TlsPolicy
from smtpprobe.model.transcript import Breakage, Exchange, OutcomeFault, Phase, Recipient, RecipientStatus, Status
from smtpprobe.wire.dialogue.steps import Ending
from tests.wire.dialogue.playing import (
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
    VERIFIED,
    Played,
    b64,
    login,
    played,
)

CLEAR = {"policy": TlsPolicy.OFF, "credentials": CREDENTIALS, "reverse_path": None}
REQUIRED = {"policy": TlsPolicy.REQUIRE}
IN_CLEAR = "; senders that may do without TLS would try again without it"
UNTRIED = (Recipient(BOB, RecipientStatus.NOT_TRIED),)


def no_session(phase: Phase, exchange: int | None, reason: str, **changes) -> Ending:
    given = {"recipients": UNTRIED, **changes}
    return Ending(status=Status.NO_SESSION, phase=phase, exchange=exchange, reason=reason, **given)


def silence(breakage: Breakage | None, phase: Phase = Phase.GREETING, **changes) -> Exchange:
    return Exchange(index=0, phase=phase, sent=None, breakage=breakage, **changes)


@pytest.mark.parametrize(
    ("exchange", "reason"),
    [
        (silence(Breakage.CLOSED_BY_PEER), "the server closed the connection before the greeting"),
        (silence(Breakage.RESET), "the connection was reset before the greeting"),
        (silence(Breakage.TIMED_OUT), "the server stopped responding before the greeting"),
        (silence(Breakage.TIMED_OUT, Phase.EHLO), "the server stopped responding before the answer to EHLO"),
        (silence(Breakage.CLOSED_BY_PEER, Phase.RCPT), "the server closed the connection before the answer to RCPT TO"),
        (
            silence(Breakage.CLOSED_BY_PEER, Phase.MESSAGE),
            "the server closed the connection before the answer to the message",
        ),
        (
            silence(Breakage.TIMED_OUT, Phase.TLS, detail="no handshake in 5 s"),
            "the server stopped responding: no handshake in 5 s",
        ),
        (
            silence(Breakage.RESET, Phase.EHLO, detail="by peer"),
            "the connection was reset before the answer to EHLO: by peer",
        ),
        (silence(Breakage.UNREACHABLE), "the server cannot be reached"),
        (
            silence(Breakage.CLOSED_BY_PEER, partial=b"220-half", detail="EOF"),
            "the server closed the connection in the middle of the greeting (8 octets): EOF",
        ),
        (silence(Breakage.TLS_FAILED, partial=b"220-half"), "the TLS handshake failed"),
        (silence(None), "it broke off"),
    ],
)
def test_what_broke_is_said_to_the_word(exchange, reason):
    session = played(exchange)
    assert session.commands == []
    assert session.ending.reason == reason
    assert session.ending.phase is exchange.phase


# Answers, what the session is to do, the ending, and whether QUIT is said.
ENDINGS = [
    (["354 Go"], {}, no_session(Phase.GREETING, 0, "the reply 354 is not expected here"), True),
    (
        ["220 Hi", "250 Hi"],
        REQUIRED,
        no_session(Phase.STARTTLS, None, "the server does not offer STARTTLS", fault=OutcomeFault.NOT_OFFERED),
        True,
    ),
    (
        ["220 Hi", "250-Hi\r\n250-STARTTLS\r\n250 SIZE", "454 No"],
        REQUIRED,
        no_session(Phase.STARTTLS, 2, "the server answers STARTTLS with 454", extensions=("STARTTLS", "SIZE")),
        True,
    ),
    (
        ["220 Hi", "250-Hi\r\n250 STARTTLS", "421 No"],
        REQUIRED,
        no_session(Phase.STARTTLS, 2, "the server answers STARTTLS with 421", extensions=("STARTTLS",)),
        False,
    ),
    (
        ["220 Hi", "250-Hi\r\n250 STARTTLS", "421 No"],
        {},
        Ending(status=Status.DEFERRED, phase=Phase.STARTTLS, exchange=2, recipients=UNTRIED, extensions=("STARTTLS",)),
        False,
    ),
    (
        ["220 Hi", "250-Hi\r\n250 STARTTLS", Breakage.RESET],
        {},
        no_session(
            Phase.STARTTLS, 2, "the connection was reset before the answer to STARTTLS", extensions=("STARTTLS",)
        ),
        False,
    ),
    (
        ["220 Hi", "250-Hi\r\n250 STARTTLS", "220 Go", Breakage.TLS_FAILED],
        {},
        no_session(Phase.TLS, 3, f"the TLS handshake failed{IN_CLEAR}", extensions=("STARTTLS",)),
        False,
    ),
    (
        ["220 Hi", "250-Hi\r\n250 STARTTLS", "220 Go", Breakage.DEADLINE],
        REQUIRED,
        no_session(
            Phase.TLS,
            3,
            "the session's deadline passed",
            fault=OutcomeFault.DEADLINE,
            needs="deadline_s",
            extensions=("STARTTLS",),
        ),
        False,
    ),
    (
        ["220 Hi", "250-Hi\r\n250 STARTTLS", "220 Go", Breakage.TLS_FAILED],
        {"credentials": CREDENTIALS},
        no_session(Phase.TLS, 3, "the TLS handshake failed", extensions=("STARTTLS",)),
        False,
    ),
    (
        [Breakage.TLS_FAILED],
        {"policy": TlsPolicy.IMPLICIT},
        no_session(Phase.TLS, 0, "the TLS handshake failed"),
        False,
    ),
    (
        ["220 Hi", "250-Hi\r\n250 STARTTLS", "220 Go", "220 no handshake"],
        {},
        no_session(Phase.TLS, 3, f"it broke off{IN_CLEAR}", extensions=("STARTTLS",)),
        False,
    ),
    # What was offered before the handshake is forgotten, also where EHLO is refused after it.
    (
        ["220 Hi", OFFER, "220 Go", VERIFIED, "550 No"],
        {},
        Ending(status=Status.REFUSED, phase=Phase.EHLO, exchange=4, recipients=UNTRIED),
        True,
    ),
    (
        ["220 Hi", "250 Hi"],
        {"reverse_path": "grün@example.org"},
        no_session(
            Phase.MAIL,
            None,
            "the server does not offer SMTPUTF8, which <grün@example.org> needs",
            fault=OutcomeFault.NOT_OFFERED,
        ),
        True,
    ),
    (
        ["220 Hi", "250 Hi", "250 Ok", "250 Ok", "250 Ok"],
        {},
        Ending(status=Status.ACCEPTED, recipients=(Recipient(BOB, RecipientStatus.ACCEPTED, 3),)),
        True,
    ),
    (
        ["220 Hi", "250 Hi", "250 Ok", "250 Ok", "421 Bye"],
        {},
        Ending(status=Status.ACCEPTED, recipients=(Recipient(BOB, RecipientStatus.ACCEPTED, 3),)),
        False,
    ),
    (
        ["220 Hi", "250 Hi", "250 Ok", "450 Later", "250 Ok", "250 Ok"],
        {"forward_paths": (BOB, CAROL)},
        Ending(
            status=Status.DEFERRED,
            phase=Phase.RCPT,
            exchange=3,
            recipients=(
                Recipient(BOB, RecipientStatus.DEFERRED, 3),
                Recipient(CAROL, RecipientStatus.ACCEPTED, 4),
            ),
        ),
        True,
    ),
]


@pytest.mark.parametrize(("answers", "changes", "ending", "polite"), ENDINGS)
def test_an_ending_is_decided_to_the_word(answers, changes, ending, polite):
    session = played(*answers, *([BYE] if polite else []), **changes)
    assert session.ending == ending
    assert (session.commands[-1] == QUIT) is polite


def unsent(session: Played) -> str:
    """Why credentials were not sent, of a session that says nothing else about it."""
    ending = session.ending
    assert session.commands[-1] == QUIT
    assert (ending.status, ending.phase, ending.exchange) == (Status.NO_SESSION, Phase.AUTH, None)
    assert ending.reason.startswith("credentials not sent: ")
    return ending.reason.removeprefix("credentials not sent: ")


@pytest.mark.parametrize(
    ("changes", "offer", "reason"),
    [
        ({}, "250 Hi", "the server offers no AUTH over TLS"),
        ({}, "250-Hi\r\n250 AUTH OTP XYMCOOKIE", "the server offers OTP XYMCOOKIE, which are not supported here"),
        ({}, "250-Hi\r\n250 AUTH OTP", "the server offers OTP, which is not supported here"),
        (
            {},
            "250-Hi\r\n250 AUTH XOAUTH2",
            "the server offers XOAUTH2, which is used only if it is asked for by name",
        ),
        (
            {},
            "250-Hi\r\n250 AUTH GSSAPI NTLM",
            "the server offers GSSAPI NTLM, none of which is used unless it is asked for by name",
        ),
        ({"mech": "scram-sha-1"}, OFFER, "the server offers PLAIN LOGIN CRAM-MD5, not SCRAM-SHA-1"),
        ({"mech": "otp"}, "250-Hi\r\n250 AUTH OTP", "OTP is not a known mechanism"),
        ({"mech": "gssapi"}, "250-Hi\r\n250 AUTH GSSAPI", "GSSAPI: GSSAPI cannot be computed here"),
        (
            {"mech": "scram-sha-256-plus"},
            "250-Hi\r\n250 AUTH SCRAM-SHA-256-PLUS",
            "SCRAM-SHA-256-PLUS: tls-exporter over TLS 1.3 cannot be computed here, so it is not testable",
        ),
    ],
)
def test_why_credentials_are_not_sent_over_tls_is_said_to_the_word(changes, offer, reason):
    assert unsent(login(BYE, offer=offer, **changes)) == reason


@pytest.mark.parametrize(
    ("changes", "offer", "reason"),
    [
        ({}, "250-Hi\r\n250 AUTH PLAIN", "the connection is not encrypted"),
        ({"insecure_auth": True}, "250 Hi", "the server offers no AUTH without TLS"),
        (
            {"insecure_auth": True},
            "250-Hi\r\n250 AUTH PLAIN CRAM-MD5",
            "the server offers PLAIN CRAM-MD5; over a connection that is not verified only SCRAM is used unless another "
            "mechanism is asked for by name",
        ),
        (
            {"insecure_auth": True},
            "250-Hi\r\n250 AUTH CRAM-MD5",
            "the server offers CRAM-MD5, which is used only if it is asked for by name",
        ),
    ],
)
def test_why_credentials_are_not_sent_in_clear_is_said_to_the_word(changes, offer, reason):
    assert unsent(played("220 Hi", offer, BYE, **CLEAR, **changes)) == reason


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        # A unix socket counts as verified: there PLAIN tells best.
        ({"insecure_auth": True, "mech": "CRAM-MD5"}, "AUTH CRAM-MD5"),
        ({"private_channel": True}, f"AUTH PLAIN {b64(chr(0) + 'tim' + chr(0) + 'hunter22')}"),
    ],
)
def test_the_mechanism_is_chosen_by_the_channel(changes, line):
    session = played("220 Hi", "250-Hi\r\n250 AUTH CRAM-MD5 PLAIN", "535 No", BYE, **CLEAR, **changes)
    assert session.commands == [EHLO, line, QUIT]
    assert session.phases == [Phase.EHLO, Phase.AUTH, Phase.QUIT]


@pytest.mark.parametrize("policy", [TlsPolicy.AUTO, TlsPolicy.OFF])
def test_where_clear_is_allowed_a_refused_starttls_is_no_end(policy):
    asked = ["454 No"] if policy is TlsPolicy.AUTO else []
    answers = ["220 Hi", "250-Hi\r\n250-STARTTLS\r\n250 AUTH LOGIN", *asked, "535 No", BYE]
    session = played(*answers, **{**CLEAR, "policy": policy}, insecure_auth=True, mech="LOGIN")
    assert session.commands == [EHLO, *(["STARTTLS"] if asked else []), "AUTH LOGIN", QUIT]
    assert (session.ending.status, session.ending.exchange) == (Status.AUTH_REFUSED, len(answers) - 2)


@pytest.mark.parametrize(
    ("changes", "strict"),
    [
        ({}, False),
        ({"verify": True}, True),
        ({"credentials": CREDENTIALS}, True),
        ({"credentials": CREDENTIALS, "insecure_auth": True}, False),
        ({"credentials": CREDENTIALS, "private_channel": True}, False),
    ],
)
def test_a_certificate_has_to_verify_where_that_is_wanted_or_a_password_depends_on_it(changes, strict):
    session = played(VERIFIED, "554 No", BYE, policy=TlsPolicy.IMPLICIT, **changes)
    assert (session.commands, session.strict) == (["TLS", QUIT], [strict])


@pytest.mark.parametrize(("protocol", "verb"), [(Protocol.SMTP, "HELO"), (Protocol.LMTP, "LHLO")])
@pytest.mark.parametrize("code", ["500", "502"])
def test_only_ehlo_has_a_way_out(protocol, verb, code):
    session = played("220 Hi", f"{code} What", BYE, protocol=protocol)
    assert session.commands == [f"{verb} {HELO}", QUIT]
    assert session.ending.exchange == 1


@pytest.mark.parametrize(
    ("last", "commands"),
    [
        (Phase.GREETING, [QUIT]),
        (Phase.EHLO, [EHLO, QUIT]),
        (Phase.STARTTLS, [EHLO, "STARTTLS", "TLS", EHLO, QUIT]),
        (Phase.TLS, [EHLO, "STARTTLS", "TLS", EHLO, QUIT]),
        (Phase.AUTH, [EHLO, "STARTTLS", "TLS", EHLO, "AUTH LOGIN", b64("tim"), b64("hunter22"), QUIT]),
    ],
)
def test_a_session_with_everything_stops_where_the_user_says(last, commands):
    answers = ["220 Hi", OFFER, "220 Go", VERIFIED, OFFER, "334 ", "334 ", "235 Ok"]
    session = played(*answers[: len(commands)], BYE, credentials=CREDENTIALS, mech="LOGIN", quit_after=last)
    assert (session.commands, session.ending.status, session.ending.reason) == (commands, Status.ACCEPTED, None)


def test_one_forward_path_that_is_not_ascii_needs_smtputf8_too():
    path = "grün@example.com"
    session = played("220 Hi", "250 Hi", BYE, forward_paths=(BOB, path))
    assert session.ending.reason == f"the server does not offer SMTPUTF8, which <{path}> needs"
    session = played(
        "220 Hi", "250-Hi\r\n250 SMTPUTF8", "250 Ok", "250 Ok", "250 Ok", "250 Ok", BYE, forward_paths=(BOB, path)
    )
    assert session.commands == [EHLO, f"{MAIL} SMTPUTF8", RCPT, f"RCPT TO:<{path}>", RSET, QUIT]


def logged_in(offer: str, *answers, user: str = "tim", **changes) -> Played:
    credentials = Credentials(user, "tanstaaftanstaaf")
    begun = ["220 Hi", OFFER, "220 Go", VERIFIED, f"250-Hi\r\n250 AUTH {offer}"]
    return played(*begun, *answers, credentials=credentials, mech=offer, reverse_path=None, **changes)


CHALLENGE = "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"


# RFC 2195 §2.
@pytest.mark.parametrize("reply", [f"334 {CHALLENGE}", f"334  {CHALLENGE} "])
def test_the_challenge_is_decoded_and_what_is_computed_hidden(reply):
    session = logged_in("CRAM-MD5", reply, "235 Ok", BYE)
    response = "tim b913a602c7eda7a495b4e6e7334d3890"
    assert session.commands[4:6] == ["AUTH CRAM-MD5", b64(response)]
    assert session.hidden == [response[4:].encode(), b64(response).encode(), response.encode()]


@pytest.mark.parametrize("challenge", ["Username:", "Grüße", "*"])
def test_a_prompt_of_login_need_not_be_base64(challenge):
    session = logged_in("LOGIN", f"334 {challenge}", "334 Password:", "235 Ok", BYE)
    assert session.commands[4:] == ["AUTH LOGIN", b64("tim"), b64("tanstaaftanstaaf"), QUIT]
    assert session.hidden == [b64("tanstaaftanstaaf").encode(), b"tanstaaftanstaaf"]
    assert session.phases[3:] == [Phase.AUTH] * 3 + [Phase.QUIT]


@pytest.mark.parametrize(("after", "polite"), [("501 Ok", True), ("421 Bye", False), (Breakage.RESET, False)])
@pytest.mark.parametrize("challenge", ["not base64!", f"!{CHALLENGE}"])
def test_a_challenge_that_is_computed_with_has_to_be_base64(challenge, after, polite):
    session = logged_in("CRAM-MD5", f"334 {challenge}", after, *([BYE] if polite else []))
    assert session.commands[4:] == ["AUTH CRAM-MD5", "*", *([QUIT] if polite else [])]
    assert session.phases[4] is Phase.AUTH
    ending = session.ending
    assert ending.reason == "login cancelled: the server's CRAM-MD5 challenge is not base64"
    assert (ending.phase, ending.exchange) == (Phase.AUTH, 6)


def test_an_empty_initial_response_is_an_equals_sign():
    # RFC 4954 §4.
    session = logged_in("EXTERNAL", "235 Ok", BYE, user="")
    assert session.commands[4] == "AUTH EXTERNAL ="


def test_an_error_challenge_is_acknowledged_and_the_empty_response_shown():
    session = logged_in("XOAUTH2", f"334 {b64('{}')}", "535 No", BYE)
    assert session.commands[5:] == ["", QUIT]
    assert session.shown[3:] == ["AUTH XOAUTH2 ‹credentials›", "", QUIT]
    assert len(session.hidden) == 1


def test_a_token_is_bound_to_the_host():
    session = logged_in("OAUTHBEARER", "235 Ok", BYE)
    token = "n,a=tim,\x01host=mx.example.com\x01auth=Bearer tanstaaftanstaaf\x01\x01"
    assert session.commands[4] == f"AUTH OAUTHBEARER {b64(token)}"


def test_the_null_reverse_path_has_a_transaction_too():
    assert played("220 Hi", "250 Hi", "550 No", BYE, reverse_path="").commands[1] == "MAIL FROM:<>"
