"""What a session sends because the user asked for it: parameters, questions, XFORWARD, and where it hangs up."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Protocol
from smtpprobe.model.transcript import Breakage, OutcomeFault, Phase, Status
from tests.wire.dialogue.playing import BOB, BYE, CAROL, EHLO, HELO, MAIL, QUIT, RCPT, RSET, VERIFIED, played

GROUPS = "250-Hi\r\n250 PIPELINING"
TWO = {"mail_parameters": ("SIZE=1", "RET=HDRS"), "rcpt_parameters": ("NOTIFY=NEVER",)}


@pytest.mark.parametrize(
    "offer", ["250-Hi\r\n250-SIZE\r\n250 DSN", f"{GROUPS}\r\n250-size 5\r\n250 dsn".replace("250 P", "250-P")]
)
def test_parameters_go_with_each_command(offer: str) -> None:
    session = played("220 Hi", offer, *["250 Ok"] * 4, BYE, forward_paths=(BOB, CAROL), **TWO)
    assert session.commands == [
        EHLO, f"{MAIL} SIZE=1 RET=HDRS", f"{RCPT} NOTIFY=NEVER", f"RCPT TO:<{CAROL}> NOTIFY=NEVER", RSET, QUIT
    ]  # fmt: skip


def test_the_first_that_is_not_offered_stops_the_session_before_mail() -> None:
    session = played("220 Hi", "250-Hi\r\n250 SIZE", BYE, **TWO)
    assert session.commands == [EHLO, QUIT]
    ending = session.ending
    assert (ending.status, ending.phase, ending.fault, ending.needs) == (
        Status.NO_SESSION, Phase.MAIL, OutcomeFault.NOT_OFFERED, "force"
    )  # fmt: skip
    assert ending.reason == "the server does not offer DSN, which RET=HDRS needs"


def test_those_of_rcpt_do_not_matter_where_there_is_none() -> None:
    session = played("220 Hi", "250 Hi", "250 Ok", "250 Ok", BYE, forward_paths=(), rcpt_parameters=("NOTIFY=NEVER",))
    assert session.commands == [EHLO, MAIL, RSET, QUIT]


def test_forced_parameters_are_sent_anyway() -> None:
    session = played("220 Hi", "250 Hi", *["250 Ok"] * 3, BYE, force=True, **TWO)
    assert session.commands[1:3] == [f"{MAIL} SIZE=1 RET=HDRS", f"{RCPT} NOTIFY=NEVER"]


def test_smtputf8_is_said_once() -> None:
    offer = "250-Hi\r\n250 SMTPUTF8"
    session = played(
        "220 Hi", offer, *["250 Ok"] * 3, BYE, reverse_path="grün@example.org", mail_parameters=("SMTPUTF8",)
    )
    assert session.commands[1] == "MAIL FROM:<grün@example.org> SMTPUTF8"


@pytest.mark.parametrize("force", [False, True])
def test_a_path_that_is_not_ascii_can_be_forced(force: bool) -> None:
    session = played(
        "220 Hi", "250 Hi", *(["250 Ok"] * 3 if force else []), BYE, reverse_path="ü@example.org", force=force
    )
    assert ("MAIL FROM:<ü@example.org> SMTPUTF8" in session.commands) is force


def test_requiretls_is_offered_over_tls_alone() -> None:
    told = {"mail_parameters": ("REQUIRETLS",)}
    assert played("220 Hi", "250 Hi", BYE, **told).ending.reason == "REQUIRETLS is offered over TLS alone"
    over_tls = played("220 Hi", "250-Hi\r\n250 STARTTLS", "220 Go", VERIFIED, "250 Hi", BYE, **told)
    assert over_tls.ending.reason == "the server does not offer REQUIRETLS"


def test_questions_go_one_by_one_and_decide_nothing() -> None:
    asked = ("NOOP", "HELP", "VRFY bob", "EXPN staff")
    session = played("220 Hi", "250 Hi", "250 Ok", "500 ?", "252 Hm", "550 No", *["250 Ok"] * 3, BYE, questions=asked)
    assert session.commands == [EHLO, *asked, MAIL, RCPT, RSET, QUIT]
    assert session.phases[1:5] == [Phase.NOOP, Phase.HELP, Phase.VRFY, Phase.EXPN]
    assert session.ending.status is Status.ACCEPTED


@pytest.mark.parametrize(
    ("answer", "status", "quits"),
    [
        ("421 Bye", Status.DEFERRED, False),
        ("221 Bye", Status.NO_SESSION, False),
        (Breakage.RESET, Status.NO_SESSION, False),
    ],
)
def test_who_hangs_up_at_a_question_has_ended_the_session(answer, status: Status, quits: bool) -> None:
    session = played("220 Hi", "250 Hi", answer, *([BYE] if quits else []), questions=("NOOP",))
    assert (session.commands, session.ending.status, session.ending.phase) == ([EHLO, "NOOP"], status, Phase.NOOP)


def test_a_question_outside_ascii_needs_smtputf8() -> None:
    told = {"questions": ("VRFY jürgen",)}
    session = played("220 Hi", "250 Hi", BYE, **told)
    assert (session.commands, session.ending.phase) == ([EHLO, QUIT], Phase.VRFY)
    session = played("220 Hi", "250-Hi\r\n250 SMTPUTF8", *["250 Ok"] * 4, BYE, **told)
    assert session.commands[1] == "VRFY jürgen SMTPUTF8"


@pytest.mark.parametrize("stage", [Phase.EHLO, Phase.STARTTLS, Phase.TLS])
@pytest.mark.parametrize("way", ["quit_after", "drop_after"])
def test_where_the_session_ends_the_questions_come_before(stage: Phase, way: str) -> None:
    tls = [] if stage is Phase.EHLO else ["220 Go", VERIFIED, "250 Hi"]
    ends = {way: stage, "questions": ("NOOP",), "xforward": "ADDR=192.0.2.1"}
    hello = "250-Hi\r\n250-XFORWARD ADDR\r\n250 STARTTLS"
    tls = [*tls[:-1], hello] if tls else []
    session = played("220 Hi", hello, *tls, "250 Ok", "250 Ok", *([BYE] if way == "quit_after" else []), **ends)
    assert session.commands[-2 - (way == "quit_after") :][:2] == ["XFORWARD ADDR=192.0.2.1", "NOOP"]
    assert session.ending.status is Status.ACCEPTED
    assert (QUIT in session.commands) is (way == "quit_after")


def test_a_question_goes_over_lmtp() -> None:
    session = played("220 Hi", "250 Hi", "250 Ok", *["250 Ok"] * 3, BYE, protocol=Protocol.LMTP, questions=("NOOP",))
    assert session.commands == [f"LHLO {HELO}", "NOOP", MAIL, RCPT, RSET, QUIT]


@pytest.mark.parametrize(
    ("offer", "answer", "reason"),
    [
        ("250 Hi", None, "the server does not offer XFORWARD to this client"),
        ("250-Hi\r\n250 XFORWARD NAME", None, "the server does not offer ADDR with XFORWARD"),
        ("250-Hi\r\n250 xforward addr", "501 No", "the server answers XFORWARD with 501"),
    ],
)
def test_without_xforward_there_is_no_session(offer: str, answer: str | None, reason: str) -> None:
    session = played("220 Hi", offer, *filter(None, (answer,)), BYE, xforward="ADDR=192.0.2.1")
    assert (session.ending.status, session.ending.phase) == (Status.NO_SESSION, Phase.XFORWARD)
    assert session.ending.reason == reason
    assert ("XFORWARD ADDR=192.0.2.1" in session.commands) is (answer is not None)


@pytest.mark.parametrize(
    ("hello", "stage", "said"),
    [
        ("250 Hi", Phase.MAIL, [EHLO, MAIL]),
        (GROUPS, Phase.MAIL, [EHLO, MAIL]),
        ("250 Hi", Phase.RCPT, [EHLO, MAIL, RCPT]),
        (GROUPS, Phase.RCPT, [EHLO, MAIL, RCPT]),
        ("250 Hi", Phase.GREETING, []),
        ("250 Hi", Phase.EHLO, [EHLO]),
    ],
)
def test_a_dropped_connection_gets_no_quit(hello: str, stage: Phase, said: list[str]) -> None:
    session = played("220 Hi", *([hello, "250 Ok", "250 Ok"][: len(said)]), drop_after=stage)
    assert session.commands == said
    assert session.ending.status is Status.ACCEPTED


def test_a_connection_that_was_to_be_dropped_is_refused_politely() -> None:
    session = played("220 Hi", GROUPS, "550 No", "503 No", BYE, drop_after=Phase.RCPT)
    assert (session.commands[-1], session.ending.status) == (QUIT, Status.REFUSED)


@pytest.mark.parametrize(
    ("stage", "answers", "said"),
    [
        (Phase.EHLO, [], []),
        (Phase.STARTTLS, ["250-Hi\r\n250 STARTTLS"], [EHLO]),
        (Phase.MAIL, [GROUPS], [EHLO]),
        (Phase.RCPT, [GROUPS, "250 Ok"], [EHLO, MAIL]),
    ],
)
def test_what_is_sent_last_is_not_waited_for(stage: Phase, answers: list[str], said: list[str]) -> None:
    session = played("220 Hi", *answers, drop_after_send=stage)
    told = session.shown[-1]
    assert (session.commands, told.partition(" ")[0]) == (
        said,
        "STARTTLS" if stage is Phase.STARTTLS else stage.upper(),
    )
    assert session.ending.status is Status.ACCEPTED


def test_what_is_not_come_to_cannot_be_dropped_after() -> None:
    session = played("220 Hi", "250 Hi", BYE, drop_after_send=Phase.STARTTLS)
    assert (session.ending.status, session.ending.fault) == (Status.NO_SESSION, OutcomeFault.STAGE_NOT_REACHED)
