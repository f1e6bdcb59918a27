"""Explaining inputs from Python: what comes back, and what is refused."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from smtpprobe.model.transcript import Phase
from smtpprobe.pipeline.explaining import Explaining, explain_input, explain_text
from smtpprobe.render.explained import MAX_SINGLE, Refusal

REPLY = "550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown"
LINE = (
    b"Nov 22 10:00:01 mx postfix/smtp[1]: 4Xy%d: to=<u%d@example.com>, relay=mx.example.com[192.0.2.9]:25, "
    b"dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))\n"
)


def log(lines: int) -> Iterator[bytes]:
    for number in range(lines):
        yield LINE % (number, number)


def test_a_reply() -> None:
    explained = explain_text(REPLY, phase=Phase.RCPT)
    assert [refusal.found.reply for refusal in explained.refusals] == [REPLY]
    assert (explained.is_plain, explained.is_summed_up, explained.phase) == (True, False, Phase.RCPT)
    assert [(row.name, row.count) for row in explained.summary.causes] == [("recipient-unknown", 1)]
    assert explained.checks is None


def test_a_log_in_blocks() -> None:
    explained = explain_input(log(50), name="mail.log")
    (read,) = explained.inputs
    assert (read.name, read.lines, read.refusals, read.unread) == ("mail.log", 50, 50, 0)
    assert (explained.holds_log, explained.is_summed_up) == (True, True)
    assert len(explained.refusals) == MAX_SINGLE + 1
    assert [row.count for row in explained.summary.causes] == [50]
    assert [each.row.count for each in explained.distinct] == [50]


_EXIM = "2026-03-05 09:15:{:02} H=(a) [192.0.2.1] F=<a@b.example> rejected RCPT <c@d.example>: relay not permitted\n"


@pytest.mark.parametrize(
    ("logs", "counts"),
    [
        (([1, 2, 3], [1, 2, 3]), [3, 0]),
        (([1, 2], [2, 3]), [2, 1]),
        (([1, 1, 1], [1, 1]), [3, 0]),
        (([1], [1, 1]), [1, 1]),
        (([1, 2], [3], [1, 2, 3]), [2, 1, 0]),
    ],
)
def test_what_exim_writes_into_two_logs_counts_once(logs: tuple[list[int], ...], counts: list[int]) -> None:
    explaining = Explaining()
    for seconds in logs:
        explaining.add(["".join(map(_EXIM.format, seconds)).encode()], "log")
    assert [each.refusals for each in explaining.finish().inputs] == counts


def test_several_inputs_one_of_which_is_none() -> None:
    refusals: list[Refusal] = []
    explaining = Explaining(on_refusal=refusals.append)
    explaining.add([REPLY.encode()], "a")
    with pytest.raises(ValueError, match="'b' is empty"):
        explaining.add([], "b")
    with pytest.raises(ValueError, match="'c' is binary"):
        explaining.add([bytes(range(7)) * 100], "c")
    with pytest.raises(ValueError, match="'d' contains no SMTP reply"):
        explaining.add([b"nothing of the kind\n"], "d")
    explaining.add_unreadable("d", "no reply")
    explaining.add(log(2), "e")
    explaining.add_damage("the gzip data cannot be read to its end")
    explained = explaining.finish()
    assert [each.name for each in explained.inputs] == ["a", "d", "e"]
    assert [each.name for each in explained.read] == ["a", "e"]
    assert (explained.unreadable, explained.unread) == (1, 2)
    assert explained.inputs[2].because == "the gzip data cannot be read to its end"
    assert [each.source for each in refusals] == ["a", "e", "e"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "contains no SMTP reply"),
        ("999 5.1.1 what", "999 is not an SMTP reply code"),
        ("", "contains no SMTP reply"),
    ],
)
def test_what_holds_no_reply(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        explain_text(text)


def test_what_is_kept_does_not_grow_with_the_input() -> None:
    explained = explain_input(log(3000))
    gc.collect()
    assert explained.summary.refusals == 3000
    assert len(explained.refusals) + len(explained.distinct) < 100


@pytest.mark.parametrize(
    "text",
    [
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nSubject: Undelivered Mail Returned to Sender\n"
        "Content-Type: text/plain\n\n<a@example.com>: host mx.example.com[192.0.2.1] said:\n"
        "    550 5.1.1 User unknown (in reply to RCPT TO command)\n",
        "Nov 22 10:00:00 mail postfix/qmgr[1]: started\n"
        "Nov 22 10:00:01 mail postfix/smtp[1]: A1: to=<a@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, "
        "dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 User unknown)\n",
    ],
    ids=["bounce", "log"],
)
def test_an_input_is_recognised_by_more_than_its_first_line(text: str) -> None:
    lines = text.encode().splitlines(keepends=True)
    assert explain_input(lines) == explain_input([text.encode()])
