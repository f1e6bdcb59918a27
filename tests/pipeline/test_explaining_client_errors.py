"""A sending program's own error, typed or in a file: explained where there is no reply, and never in place of one."""

from __future__ import annotations

import pytest

from smtpprobe import explain
from smtpprobe.intake.recognise import Reader
from smtpprobe.pipeline.explaining import explain_input, explain_text
from smtpprobe.render.explanation_item import refusal_item

TRACEBACK = """Traceback (most recent call last):
  File "send.py", line 4, in <module>
    smtplib.SMTP("localhost", 25)
ConnectionRefusedError: [Errno 111] Connection refused
"""
SWAKS = """=== Trying mx.example.com:25...
*** Error connecting to mx.example.com:25:
*** \tIO::Socket::INET6: connect: Connection refused
"""
DATED = "2026-11-30 09:00:00,123 ERROR mailer: smtplib.SMTPServerDisconnected: Connection unexpectedly closed\n"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Connection unexpectedly closed", "connection-lost"),
        ("please run connect() first", "connection-lost"),
        ("[Errno 111] Connection refused", "connection-failed"),
        (TRACEBACK, "connection-failed"),
        (SWAKS, "connection-failed"),
        (DATED, "connection-lost"),
    ],
)
def test_typed_words_and_the_library_say_the_same(text, cause):
    explained = explain_text(text)
    assert [refusal_item(each)["cause"] for each in explained.refusals] == [cause]
    assert explain(text).cause == cause
    assert explained.is_plain
    assert len(explained.inputs) == 1


@pytest.mark.parametrize(("text", "line"), [(TRACEBACK, 4), (SWAKS, 3), (DATED, 1)])
def test_in_a_file_the_line_is_told(text, line):
    explained = explain_input([text.encode()], name="error.txt")
    (refusal,) = explained.refusals
    assert (refusal.found.line, refusal.found.reply) == (line, text.splitlines()[line - 1].strip())
    (read,) = explained.inputs
    assert read.taken is not None
    assert (read.taken.reader, read.refusals, read.lines) == (Reader.CLIENT_ERROR, 1, len(text.splitlines()))
    assert explained.taken_for == "an error of a sending program"


def test_a_reply_goes_before_the_words_around_it():
    text = "smtplib.SMTPRecipientsRefused: {'x@example.com': (550, b'5.1.1 no such user')}\ntimed out\n"
    (refusal,) = explain_text(text).refusals
    assert refusal_item(refusal)["cause"] == "recipient-unknown"


@pytest.mark.parametrize(
    "text", ["2026/12/01 12:13:09 550 Nobody timed out", "2026/12/01 12:13:09 send.go:33: 550 Nobody timed out\n"]
)
def test_a_line_of_a_go_log_may_be_a_reply(text):
    explained = explain_text(text)
    (refusal,) = explained.refusals
    assert (refusal.found.reply, refusal.found.when) == ("550 Nobody timed out", "2026/12/01 12:13:09")
    assert explained.taken_for == "text that quotes a reply"
    assert explain(text).code == 550


def test_the_words_above_a_trace_of_perl_are_read():
    text = "No such user here\n\n\nTrace begun at /usr/share/perl5/Email/Sender/Transport/SMTP.pm line 256\nx('HASH(0x55)')\n"
    assert explain(text).cause == "recipient-unknown"


@pytest.mark.parametrize("text", ["2026/12/01 12:13:09 502 Bad Gateway", "2026/12/01 12:13:09 450 messages sent"])
def test_a_number_in_a_line_of_a_go_log_may_be_no_reply(text):
    with pytest.raises(ValueError, match="contains no SMTP reply"):
        explain_text(text)


@pytest.mark.parametrize("text", ["hello world", "nothing of the kind\nhere either"])
def test_words_of_nobody_are_no_reply_still(text):
    with pytest.raises(ValueError, match="contains no SMTP reply"):
        explain_text(text)
    with pytest.raises(ValueError, match="contains no SMTP reply"):
        explain_input([text.encode()], name="x.txt")


def test_binary_octets_are_not_searched():
    with pytest.raises(ValueError, match="is binary"):
        explain_input([b"\x00\x01\x02timed out" * 50], name="x.bin")
