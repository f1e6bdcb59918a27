"""Each program's log: recognised, and of each line the refusal that it tells, once."""

from __future__ import annotations

import pytest

from smtpprobe.intake import mail_logs, recognise
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.mail_logs import TOGETHER, Family
from smtpprobe.intake.recognise import Reader
from smtpprobe.model.transcript import Side
from tests.intake.logs.table import TABLE, Row

SEVERAL = [family for family in TABLE if family in TOGETHER]


def log(rows: tuple[Row, ...]) -> bytes:
    return "".join(f"{line}\n" for line, _ in rows).encode()


def expected(rows: tuple[Row, ...]) -> list[tuple[int, object]]:
    return [(number, refusal) for number, (_, refusal) in enumerate(rows, start=1) if refusal]


def told(found: list[Found]) -> list[tuple[int | None, object]]:
    return [(each.line, (each.phase, each.recipient_domain, each.peer, each.reply)) for each in found]


@pytest.mark.parametrize("family", TABLE)
def test_the_refusals_of_a_log(family: Family) -> None:
    octets = log(TABLE[family])
    assert told(list(mail_logs.refusals([octets], family, Counts()))) == expected(TABLE[family])


@pytest.mark.parametrize("family", TABLE)
def test_a_log_is_recognised(family: Family) -> None:
    octets = log(TABLE[family])
    taken = recognise.recognise(octets)
    assert taken is not None
    assert (taken.words, taken.reader, taken.family) == (f"{family} log", Reader.LOG, family)
    counts = Counts()
    assert told(list(recognise.refusals([octets], taken, counts))) == expected(TABLE[family])
    assert (counts.lines, counts.unread) == (len(TABLE[family]), 0)


@pytest.mark.parametrize(
    ("family", "line"),
    [(family, line) for family, rows in TABLE.items() for line, refusal in rows if refusal and "\n" not in refusal[3]],
)
def test_a_line_alone_is_recognised(family: Family, line: str) -> None:
    taken = recognise.recognise(line.encode())
    assert taken is not None
    found = list(recognise.refusals([f"{line}\n".encode()], taken, Counts()))
    assert [each.reply[:3] for each in found] != []


@pytest.mark.parametrize("family", SEVERAL)
def test_a_log_among_those_of_other_programs(family: Family) -> None:
    octets = log(TABLE[family])
    for found in (mail_logs.refusals([octets], None, Counts()), mail_logs.mixed([octets], Counts())):
        assert told(list(found)) == expected(TABLE[family])


@pytest.mark.parametrize("family", TABLE)
def test_every_refusal_has_its_time(family: Family) -> None:
    if family is Family.QPSMTPD:
        return
    found = list(mail_logs.refusals([log(TABLE[family])], family, Counts()))
    without = [each.reply for each in found if each.when is None]
    assert without == (["450 your domain does not resolve"] if family is Family.HARAKA else [])


def test_the_time_of_multilog() -> None:
    (found,) = mail_logs.refusals(
        [b"@4000000069a93a2a0a1b2c41 delivery 1: failure: Sorry,_no._(#5.1.1)/\n"], Family.QMAIL, Counts()
    )
    assert found.when == "2026-03-05T08:09:04Z"


def test_a_login_counts_once_where_two_programs_tell_of_it() -> None:
    lines = (
        "Mar  5 09:11:12 mx dovecot: auth: passwd-file(jane,198.51.100.9): Password mismatch\n"
        "Mar  5 09:11:14 mx postfix/smtpd[7]: warning: pc[198.51.100.9]: SASL PLAIN authentication failed: x\n"
        "Mar  5 09:11:16 mx postfix/smtpd[7]: warning: pc[198.51.100.9]: SASL PLAIN authentication failed: x\n"
    )
    taken = recognise.recognise(lines.encode())
    assert taken is not None
    assert taken.families == (Family.POSTFIX, Family.DOVECOT)
    assert [each.line for each in recognise.refusals([lines.encode()], taken, Counts())] == [1, 3]


def test_mail_that_is_not_stored_counts_once_if_client_and_server_of_lmtp_tell_of_it() -> None:
    lines = (
        "Mar  5 09:11:12 mx dovecot: lmtp(jane@example.com)<812><h7I/j>: msgid=<1@example.net>: save failed to INBOX: Quota "
        "exceeded (mailbox for user is full)\n"
        "Mar  5 09:11:12 mx postfix/lmtp[7]: 4A1: to=<Jane@example.com>, relay=mx.example.com[private/dovecot-lmtp], delay=1, "
        "dsn=5.2.2, status=bounced (host mx.example.com[private/dovecot-lmtp] said: 552 5.2.2 <jane@example.com> Quota "
        "exceeded (mailbox for user is full) (in reply to end of DATA command))\n"
        "Mar  5 09:12:12 mx postfix/lmtp[7]: 4A2: to=<jane@example.com>, relay=mx.example.com[private/dovecot-lmtp], delay=1, "
        "dsn=5.1.1, status=bounced (host mx.example.com[private/dovecot-lmtp] said: 550 5.1.1 <jane@example.com> User "
        "doesn't exist: jane@example.com (in reply to RCPT TO command))\n"
    )
    found = mail_logs.refusals([lines.encode()], (Family.POSTFIX, Family.DOVECOT), Counts())
    assert [(each.line, each.phase) for each in found] == [(1, "message"), (3, "rcpt")]


def test_what_was_said_on_the_way_counts_if_nothing_is_heard_of_the_delivery() -> None:
    said = "Mar  5 09:11:12 mx postfix/smtp[7]: {}: host mx{}.example.com[198.51.100.1] said: 450 4.7.1 later\n"
    lines = said.format("4A1", 1) + said.format("4A2", 1) + said.format("4A1", 2)
    found = mail_logs.refusals([lines.encode()], Family.POSTFIX, Counts())
    assert [each.peer for each in found] == [f"mx{n}.example.com[198.51.100.1]" for n in (1, 1, 2)]


def test_no_password_of_dovecots_log_is_kept() -> None:
    line = "Mar 05 09:11:12 auth: Info: sql(jane,198.51.100.9): Password mismatch (given password: hunter2)\n"
    (found,) = mail_logs.refusals([line.encode()], Family.DOVECOT, Counts())
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("family", TABLE)
def test_each_refusal_says_on_which_side_it_was_and_who_wrote_it(family: Family) -> None:
    found = list(mail_logs.refusals([log(TABLE[family])], family, Counts()))
    assert {each.program for each in found} == {family}
    assert {each.side for each in found} <= {Side.SENDING, Side.RECEIVING}
    # What a server refused itself waits in no queue of its own.
    assert {each.queued for each in found if each.side is Side.RECEIVING} <= {None}
