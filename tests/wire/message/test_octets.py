"""A message's octets, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.wire.message.octets import (
    chunks,
    is_binary,
    lone_line_ends,
    longest_line,
    stuffed,
    with_crlf,
    without_mailbox_line,
)

LINE_ENDS = [
    (b"a\nb", b"a\r\nb\r\n"),
    (b"a\r\nb\r\n", b"a\r\nb\r\n"),
    (b"a\rb", b"a\r\nb\r\n"),
    (b"a\n\rb\r\n", b"a\r\n\r\nb\r\n"),
    (b"a\r\r\nb", b"a\r\n\r\nb\r\n"),
    (b"", b"\r\n"),
]


@pytest.mark.parametrize(("given_", "sent"), LINE_ENDS)
def test_every_line_ends_in_crlf(given_: bytes, sent: bytes):
    assert with_crlf(given_) == sent


# The message, and what goes out after DATA: RFC 5321 §4.5.2.
STUFFED = [
    (b"a\r\n", b"a\r\n.\r\n"),
    (b"a", b"a\r\n.\r\n"),
    (b"", b".\r\n"),
    (b".\r\n", b"..\r\n.\r\n"),
    (b"..a\r\n", b"...a\r\n.\r\n"),
    (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
    (b"a\r\n.\r\n.\r\n", b"a\r\n..\r\n..\r\n.\r\n"),
    (b"a.\r\n.b\r\n", b"a.\r\n..b\r\n.\r\n"),
    # Only CRLF ends a line: what a lenient server makes of these is what --keep-line-ends is to show.
    (b"a\n.\nb", b"a\n.\nb\r\n.\r\n"),
    (b"a\r.\rb\r\n", b"a\r.\rb\r\n.\r\n"),
    (b"a\n.\r\nb\r\n", b"a\n.\r\nb\r\n.\r\n"),
]


@pytest.mark.parametrize(("message", "octets"), STUFFED)
def test_dots_are_doubled_where_a_line_begins_with_one(message: bytes, octets: bytes):
    assert stuffed(message) == octets


def unstuffed(octets: bytes) -> bytes:
    """The message as a server reads it, up to the lone dot, which has to end it."""
    lines = octets.split(b"\r\n")
    assert lines[-2:] == [b".", b""]
    assert b"." not in lines[:-2]
    return b"\r\n".join([line.removeprefix(b".") for line in lines[:-2]] + [b""])


@given(st.text(alphabet=".\r\na", max_size=40))
def test_a_server_reads_what_was_sent(text: str):
    message = with_crlf(text.encode())
    assert unstuffed(stuffed(message)) == message
    assert lone_line_ends(message) == 0


@given(st.binary(max_size=60), st.integers(1, 20))
def test_chunks_are_the_message(message: bytes, size: int):
    parts = list(chunks(message, size))
    assert b"".join(octets for octets, _ in parts) == message
    assert [last for _, last in parts] == [False] * (len(parts) - 1) + [True]
    assert all(len(octets) == size for octets, _ in parts[:-1])


def test_without_a_size_there_is_one_chunk():
    assert list(chunks(b"abc", None)) == [(b"abc", True)]
    assert list(chunks(b"", None)) == [(b"", True)]


BINARY = [
    (b"a\r\n", False),
    (b"a\nb\r\n", True),
    (b"a\rb\r\n", True),
    (b"a\0\r\n", True),
    (b"x" * 998 + b"\r\n", False),
    (b"x" * 999 + b"\r\n", True),
]


@pytest.mark.parametrize(("message", "binary"), BINARY)
def test_what_data_does_not_carry_is_binary(message: bytes, binary: bool):
    assert is_binary(message) is binary


def test_the_longest_line_is_measured_without_its_end():
    assert longest_line(b"ab\r\nabcd\r\n\r\n") == 4


def test_a_mailbox_files_line_is_no_part_of_the_message():
    assert without_mailbox_line(b"From alice Tue Dec  1\nFrom: <a@b>\n") == b"From: <a@b>\n"
    assert without_mailbox_line(b"From : <a@b>\n") == b"From : <a@b>\n"
    assert without_mailbox_line(b"To: <a@b>\n") == b"To: <a@b>\n"
