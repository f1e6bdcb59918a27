"""A message's way: which commands go out to which replies, and what they mean for whom."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import Protocol
from smtpprobe.model.transcript import Breakage, OutcomeFault, Phase, RecipientStatus, Status
from smtpprobe.wire.message.outgoing import WAIT_S, Outgoing
from tests.wire.dialogue.playing import ALICE, BOB, BYE, CAROL, EHLO, HELO, MAIL, QUIT, RCPT, RSET, Played, played

MESSAGE = Outgoing(octets=b"From: <a@b>\r\n\r\n.\r\n")
BODY = "From: <a@b>\r\n\r\n..\r\n."
CHUNKED = Outgoing(octets=b"From: <a@b>\r\n\r\nHello\r\n", bdat=True)
SHOWN = "‹message of 18 octets›"
PLAIN, GROUPS = "250 mx.example.com", "250-mx.example.com\r\n250-CHUNKING\r\n250 PIPELINING"
CHUNKING = "250-mx.example.com\r\n250 CHUNKING"
RCPT_CAROL = f"RCPT TO:<{CAROL}>"
OK, TAKEN, GO, NO, LATER = "250 Ok", "250 Queued", "354 Go", "554 No", "451 Later"
A, R, D, N, U = (
    RecipientStatus.ACCEPTED, RecipientStatus.REFUSED, RecipientStatus.DEFERRED, RecipientStatus.NOT_TRIED,
    RecipientStatus.UNCONFIRMED,
)  # fmt: skip


def sent(ehlo: str, *answers, message: Outgoing = MESSAGE, **changes) -> Played:
    return played("220 Hi", ehlo, *answers, message=message, **changes)


def two(ehlo: str, *answers, **changes) -> Played:
    return sent(ehlo, *answers, forward_paths=(BOB, CAROL), **changes)


def statuses(session: Played) -> list[RecipientStatus]:
    return [each.status for each in session.ending.recipients]


def test_a_message_goes_step_by_step():
    session = sent(PLAIN, OK, OK, GO, TAKEN, BYE)
    assert session.commands == [EHLO, MAIL, RCPT, "DATA", BODY, QUIT]
    assert session.phases[-3:] == [Phase.DATA, Phase.MESSAGE, Phase.QUIT]
    assert session.shown[-2:] == [SHOWN, QUIT]
    assert session.waits[-2] == WAIT_S
    assert (session.ending.status, statuses(session)) == (Status.ACCEPTED, [A])
    assert session.ending.recipients[0].exchange == 5


def test_a_message_goes_in_groups():
    session = sent(GROUPS, OK, OK, GO, TAKEN, BYE)
    assert session.commands == [EHLO, MAIL, RCPT, "DATA", BODY, QUIT]
    assert (session.ending.status, statuses(session)) == (Status.ACCEPTED, [A])


# In both ways: the replies behind EHLO's, the commands behind RCPT, the status, where it was decided, the recipients.
ENDS = [
    ([OK, OK, OK, GO, TAKEN, BYE], ["DATA", BODY, QUIT], Status.ACCEPTED, None, [A, A]),
    ([OK, OK, OK, GO, NO, BYE], ["DATA", BODY, QUIT], Status.REFUSED, Phase.MESSAGE, [R, R]),
    ([OK, OK, OK, GO, LATER, BYE], ["DATA", BODY, QUIT], Status.DEFERRED, Phase.MESSAGE, [D, D]),
    ([OK, OK, OK, NO, BYE], ["DATA", QUIT], Status.REFUSED, Phase.DATA, [R, R]),
    ([OK, OK, OK, LATER, BYE], ["DATA", QUIT], Status.DEFERRED, Phase.DATA, [D, D]),
    ([OK, OK, OK, "250 Ok", BYE], ["DATA", QUIT], Status.NO_SESSION, Phase.DATA, [A, A]),
    ([OK, NO, OK, GO, TAKEN, BYE], ["DATA", BODY, QUIT], Status.REFUSED, Phase.RCPT, [R, A]),
    ([OK, OK, OK, Breakage.CLOSED_BY_PEER], ["DATA"], Status.NO_SESSION, Phase.DATA, [A, A]),
]


@pytest.mark.parametrize("ehlo", [PLAIN, GROUPS])
@pytest.mark.parametrize(("answers", "commands", "status", "phase", "recipients"), ENDS)
def test_what_the_replies_mean(ehlo, answers, commands, status, phase, recipients):
    session = two(ehlo, *answers)
    assert session.commands[4:] == commands
    assert (session.ending.status, session.ending.phase) == (status, phase)
    assert statuses(session) == recipients


def test_nobody_is_left_to_get_it():
    session = two(PLAIN, OK, NO, NO, OK, BYE)
    assert session.commands == [EHLO, MAIL, RCPT, RCPT_CAROL, RSET, QUIT]


@pytest.mark.parametrize("answer", ["503 No recipients", "554 No valid recipients"])
def test_data_that_went_along_is_refused_for_want_of_recipients(answer: str):
    session = sent(GROUPS, OK, NO, answer, BYE)
    assert session.commands == [EHLO, MAIL, RCPT, "DATA", QUIT]
    assert (session.ending.status, session.ending.phase) == (Status.REFUSED, Phase.RCPT)


@pytest.mark.parametrize("answer", ["554 No valid recipients", "250 Ok", "503 Bad sequence"])
def test_data_is_taken_although_nobody_is_to_get_the_message(answer: str):
    session = sent(GROUPS, OK, NO, GO, answer, BYE)
    assert session.commands == [EHLO, MAIL, RCPT, "DATA", ".", QUIT]
    assert (session.ending.status, session.ending.phase) == (Status.REFUSED, Phase.RCPT)
    assert statuses(session) == [R]


def test_a_refused_mail_takes_data_with_it():
    session = sent(GROUPS, NO, "503 MAIL first", GO, "503 No", BYE)
    assert session.commands == [EHLO, MAIL, RCPT, "DATA", ".", QUIT]
    assert (session.ending.status, session.ending.phase) == (Status.REFUSED, Phase.MAIL)


@pytest.mark.parametrize("ehlo", [PLAIN, GROUPS])
@pytest.mark.parametrize("breakage", [Breakage.TIMED_OUT, Breakage.CLOSED_BY_PEER, Breakage.RESET, Breakage.DEADLINE])
@pytest.mark.parametrize("first", [OK, NO])
def test_what_breaks_off_behind_the_dot_may_have_been_delivered(ehlo: str, breakage: Breakage, first: str):
    session = two(ehlo, OK, first, OK, GO, breakage)
    assert (session.ending.status, session.ending.phase) == (Status.NO_SESSION, Phase.MESSAGE)
    assert session.ending.fault is OutcomeFault.MAYBE_DELIVERED
    assert session.ending.reason.endswith("the message was sent whole, and may have been delivered")
    assert statuses(session) == [U if first == OK else R, U]


def test_421_behind_the_dot_ends_it():
    session = sent(PLAIN, OK, OK, GO, "421 Bye")
    assert session.commands[-1] == BODY
    assert (session.ending.status, statuses(session)) == (Status.DEFERRED, [D])


LHLO = f"LHLO {HELO}"


def lmtp(*answers, message: Outgoing = MESSAGE) -> Played:
    return sent(GROUPS, *answers, message=message, protocol=Protocol.LMTP, forward_paths=(BOB, CAROL))


LMTP = [
    ([TAKEN, TAKEN], Status.ACCEPTED, None, [A, A]),
    ([TAKEN, "552 Full"], Status.REFUSED, Phase.MESSAGE, [A, R]),
    (["452 Full", TAKEN], Status.DEFERRED, Phase.MESSAGE, [D, A]),
]


@pytest.mark.parametrize(("answers", "status", "phase", "recipients"), LMTP)
def test_lmtp_answers_for_each_recipient(answers, status, phase, recipients):
    session = lmtp(OK, OK, OK, GO, *answers, BYE)
    assert session.commands == [LHLO, MAIL, RCPT, RCPT_CAROL, "DATA", BODY, QUIT]
    assert session.shown[-3:-1] == [f"{SHOWN} <{BOB}>", f"{SHOWN} <{CAROL}>"]
    assert (session.ending.status, session.ending.phase) == (status, phase)
    assert statuses(session) == recipients
    assert [each.exchange for each in session.ending.recipients] == [6, 7]


def test_lmtp_answers_only_for_whom_it_accepted():
    session = lmtp(OK, NO, OK, GO, TAKEN, BYE)
    assert session.shown[-2] == f"{SHOWN} <{CAROL}>"
    assert statuses(session) == [R, A]


def test_lmtp_that_falls_silent_leaves_the_rest_open():
    session = lmtp(OK, OK, OK, GO, TAKEN, Breakage.TIMED_OUT)
    assert session.ending.fault is OutcomeFault.MAYBE_DELIVERED
    assert statuses(session) == [A, U]


BDAT = "BDAT 22 LAST\r\nFrom: <a@b>\r\n\r\nHello"


@pytest.mark.parametrize("ehlo", [CHUNKING, GROUPS])
def test_bdat_needs_no_data(ehlo: str):
    session = sent(ehlo, OK, OK, TAKEN, BYE, message=CHUNKED)
    assert session.commands == [EHLO, MAIL, RCPT, BDAT, QUIT]
    assert session.shown[-2] == "BDAT 22 LAST"
    assert (session.ending.status, statuses(session)) == (Status.ACCEPTED, [A])


def test_nobody_is_left_to_get_a_chunk():
    session = sent(GROUPS, OK, NO, BYE, message=CHUNKED)
    assert session.commands == [EHLO, MAIL, RCPT, QUIT]


def test_bdat_goes_in_chunks():
    message = Outgoing(octets=b"From: <a@b>\r\n\r\nHello\r\n", bdat=True, chunk_octets=13)
    session = sent(GROUPS, OK, OK, OK, TAKEN, BYE, message=message)
    assert session.commands[3:5] == ["BDAT 13\r\nFrom: <a@b>", "BDAT 9 LAST\r\n\r\nHello"]
    assert session.phases[-3:] == [Phase.DATA, Phase.MESSAGE, Phase.QUIT]


def test_a_chunk_that_is_refused_ends_it():
    message = Outgoing(octets=b"From: <a@b>\r\n\r\nHello\r\n", bdat=True, chunk_octets=13)
    session = sent(GROUPS, OK, OK, "552 Too much", BYE, message=message)
    assert session.commands[-2:] == ["BDAT 13\r\nFrom: <a@b>", QUIT]
    assert (session.ending.status, session.ending.phase, statuses(session)) == (Status.REFUSED, Phase.DATA, [R])


def test_bdat_is_not_said_to_a_server_that_does_not_offer_it():
    session = sent(PLAIN, BYE, message=CHUNKED)
    assert session.commands == [EHLO, QUIT]
    assert session.ending.fault is OutcomeFault.NOT_OFFERED


EIGHT = Outgoing(octets="From: <a@b>\r\n\r\nü\r\n".encode())
HEADER = Outgoing(octets="From: <ä@b>\r\n\r\nu\r\n".encode())
BINARY = Outgoing(octets=b"From: <a@b>\r\n\r\n\0\n", bdat=True)
# The message, what the server offers, and what MAIL says.
PARAMETERS = [
    (MESSAGE, "SIZE", " SIZE=18"),
    (MESSAGE, "SIZE 100", " SIZE=18"),
    (MESSAGE, "8BITMIME", ""),
    (EIGHT, "8BITMIME", " BODY=8BITMIME"),
    (EIGHT, "SMTPUTF8", ""),
    (HEADER, "SMTPUTF8", " SMTPUTF8"),
    (BINARY, "CHUNKING\r\n250 BINARYMIME", " BODY=BINARYMIME"),
    (BINARY, "CHUNKING\r\n250 8BITMIME", ""),
]


@pytest.mark.parametrize(("message", "offered", "said"), PARAMETERS)
def test_mail_says_of_the_message_what_the_server_takes(message: Outgoing, offered: str, said: str):
    lines = offered.split("\r\n250 ")
    ehlo = "\r\n".join(["250-mx", *(f"250-{each}" for each in lines), "250 HELP"])
    session = sent(ehlo, NO, BYE, message=message)
    assert session.commands[1] == f"MAIL FROM:<{ALICE}>{said}"
