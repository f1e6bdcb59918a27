from __future__ import annotations

from collections.abc import Iterable

import pytest

from smtpprobe.model.reply import ReplyDefect
from smtpprobe.model.transcript import Breakage
from smtpprobe.wire import reply_reader
from smtpprobe.wire.reply_reader import MAX_KEPT, MAX_LINES_KEPT, MAX_REPLY, ReplyReader, parse_reply

# The stream, the replies that it holds, and what is left over.
STREAMS = [
    (b"220 mx.example.com ESMTP\r\n", [b"220 mx.example.com ESMTP\r\n"], b""),
    (b"250\r\n", [b"250\r\n"], b""),
    (b"250\n", [b"250\n"], b""),
    (b"250 \r\n", [b"250 \r\n"], b""),
    (b"250-a\r\n250-b\r\n250 c\r\n", [b"250-a\r\n250-b\r\n250 c\r\n"], b""),
    (b"250-a\r\n250-\r\n250\r\n", [b"250-a\r\n250-\r\n250\r\n"], b""),
    (b"250-a\n250 b\n", [b"250-a\n250 b\n"], b""),
    (b"220 Go ahead\r\n250 injected\r\n", [b"220 Go ahead\r\n", b"250 injected\r\n"], b""),
    (b"250 Ok\r\n554 5.7.1 No", [b"250 Ok\r\n"], b"554 5.7.1 No"),
    (b"250-a\r\n", [], b"250-a\r\n"),
    (b"250-a\r\n554 b\r\n", [b"250-a\r\n554 b\r\n"], b""),
    (b"hello\r\n220 late\r\n", [b"hello\r\n220 late\r\n"], b""),
    (b"250-a\r\n b\r\n250 c\r\n", [b"250-a\r\n b\r\n250 c\r\n"], b""),
    (b"\r\n\r\n250 Ok\r\n", [b"\r\n\r\n250 Ok\r\n"], b""),
    (b"\n250 Ok\r\n", [b"\n250 Ok\r\n"], b""),
    (b"2509 no\r\n250 yes\r\n", [b"2509 no\r\n250 yes\r\n"], b""),
    (b"250:yes\r\n250 next\r\n", [b"250:yes\r\n", b"250 next\r\n"], b""),
    (b"2500 no\r\n250 yes\r\n", [b"2500 no\r\n250 yes\r\n"], b""),
    (b"25\r\n250 yes\r\n", [b"25\r\n250 yes\r\n"], b""),
    (b"+25 no\r\n250 yes\r\n", [b"+25 no\r\n250 yes\r\n"], b""),
    (b"250\ttab\r\n", [b"250\ttab\r\n"], b""),
    (b"250 a\rb\r\n", [b"250 a\rb\r\n"], b""),
    (b"250 only a CR\r", [], b"250 only a CR\r"),
    (b"250 \xff\x00\xe9\r\n", [b"250 \xff\x00\xe9\r\n"], b""),
    (b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n", [], b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n"),
]


def read(segments: Iterable[bytes]) -> tuple[list[bytes], bytes]:
    """The replies in these segments and what is left over."""
    reader = ReplyReader()
    replies = []
    for segment in segments:
        reader.feed(segment)
        while (reply := reader.next()) is not None:
            replies.append(reply)
    return replies, reader.take()


@pytest.mark.parametrize(("stream", "replies", "rest"), STREAMS)
def test_a_stream_is_cut_into_replies(stream, replies, rest):
    assert read([stream]) == (replies, rest)


@pytest.mark.parametrize(("stream", "replies", "rest"), STREAMS)
def test_segments_make_no_difference(stream, replies, rest):
    assert read(stream[place : place + 1] for place in range(len(stream))) == (replies, rest)
    for place in range(len(stream) + 1):
        assert read([stream[:place], stream[place:]]) == (replies, rest), place


# Code, enhanced status code, lines, defects.
REPLIES = [
    (b"250\r\n", 250, None, ("",), ()),
    (b"250 \r\n", 250, None, ("",), ()),
    (b"250-a\r\n250 b\r\n", 250, None, ("a", "b"), ()),
    (b"250 2.1.0 Ok\r\n", 250, "2.1.0", ("2.1.0 Ok",), ()),
    (b"550 5.1.1. No such user\r\n", 550, "5.1.1", ("5.1.1. No such user",), ()),
    (b"550 5.1.1: no\r\n", 550, "5.1.1", ("5.1.1: no",), ()),
    (b"554 5.7.1\r\n", 554, "5.7.1", ("5.7.1",), ()),
    (b"554 5.7.999 x\r\n", 554, "5.7.999", ("5.7.999 x",), ()),
    (b"554 5.7.1.2 is not a code\r\n", 554, None, ("5.7.1.2 is not a code",), ()),
    (b"554 5.7.1000 is not a code\r\n", 554, None, ("5.7.1000 is not a code",), ()),
    (b"554 see 5.7.1\r\n", 554, None, ("see 5.7.1",), ()),
    (b"250-a\r\n554 b\r\n", 554, None, ("a", "b"), (ReplyDefect.CODE_MISMATCH,)),
    (b"250 a\n", 250, None, ("a",), (ReplyDefect.BARE_LF,)),
    (b"250-a\n250 b\n", 250, None, ("a", "b"), (ReplyDefect.BARE_LF,)),
    (b"250 a\rb\r\n", 250, None, ("a\rb",), (ReplyDefect.BARE_CR,)),
    (b"250 a\x1bb\r\n", 250, None, ("a\x1bb",), (ReplyDefect.CONTROL,)),
    (b"250 a\tb\r\n", 250, None, ("a\tb",), ()),
    (b"250 gr\xc3\xbcn\r\n", 250, None, ("grün",), (ReplyDefect.NOT_ASCII,)),
    (b"250 gr\xfcn\r\n", 250, None, ("grün",), (ReplyDefect.NOT_UTF8,)),
    (b"250 a\xc2\x85b\r\n", 250, None, ("a\x85b",), (ReplyDefect.NOT_ASCII, ReplyDefect.CONTROL)),
    (b"250\ta\r\n", 250, None, ("a",), (ReplyDefect.BAD_SEPARATOR,)),
    (b"250\t\tXa\r\n", 250, None, ("Xa",), (ReplyDefect.BAD_SEPARATOR,)),
    (b"250\t a\r\n", 250, None, (" a",), (ReplyDefect.BAD_SEPARATOR,)),
    (b"250.a\r\n", 250, None, (".a",), (ReplyDefect.BAD_SEPARATOR,)),
    (b"hello\r\n250 a\r\n", 250, None, ("a",), (ReplyDefect.UNPARSEABLE,)),
    (b"250-a\r\nhello\r\n250 b\r\n", 250, None, ("a", "hello", "b"), (ReplyDefect.UNPARSEABLE,)),
    (b"\r\n250 a\r\n", 250, None, ("a",), (ReplyDefect.EMPTY_LINE,)),
    (b"\n250 a\r\n", 250, None, ("a",), (ReplyDefect.BARE_LF, ReplyDefect.EMPTY_LINE)),
    (b"199 a\r\n", 199, None, ("a",), (ReplyDefect.CODE_OUT_OF_RANGE,)),
    (b"200 a\r\n", 200, None, ("a",), ()),
    (b"460 a\r\n", 460, None, ("a",), (ReplyDefect.CODE_OUT_OF_RANGE,)),
    (b"600 a\r\n", 600, None, ("a",), (ReplyDefect.CODE_OUT_OF_RANGE,)),
    (b"571 a\r\n", 571, None, ("a",), (ReplyDefect.CODE_OUT_OF_RANGE,)),
    (b"470 a\r\n", 470, None, ("a",), (ReplyDefect.CODE_OUT_OF_RANGE,)),
    (b"559 a\r\n", 559, None, ("a",), ()),
    (b"250 5.0.0 a\r\n", 250, "5.0.0", ("5.0.0 a",), (ReplyDefect.ENHANCED_CLASS_MISMATCH,)),
    (b"354 2.0.0 a\r\n", 354, "2.0.0", ("2.0.0 a",), (ReplyDefect.ENHANCED_CLASS_MISMATCH,)),
    (b"550-5.1.1 a\r\n550 5.7.1 b\r\n", 550, "5.1.1", ("5.1.1 a", "5.7.1 b"), (ReplyDefect.ENHANCED_MISMATCH,)),
    (b"550-2.0.0 a\r\n550 5.7.1 b\r\n", 550, "5.7.1", ("2.0.0 a", "5.7.1 b"), (ReplyDefect.ENHANCED_MISMATCH,)),
    (b"hello\r\n", 0, None, (), (ReplyDefect.UNPARSEABLE, ReplyDefect.CODE_OUT_OF_RANGE)),
    (b"", 0, None, (), (ReplyDefect.BARE_LF, ReplyDefect.EMPTY_LINE, ReplyDefect.CODE_OUT_OF_RANGE)),
]


@pytest.mark.parametrize(("raw", "code", "enhanced", "lines", "defects"), REPLIES)
def test_a_reply_is_read_and_what_is_wrong_with_it_is_noted(raw, code, enhanced, lines, defects):
    reply = parse_reply(raw)
    assert (reply.code, reply.enhanced, reply.lines, reply.defects) == (code, enhanced, lines, defects)
    assert reply.raw == raw


@pytest.mark.parametrize(
    ("code", "octets", "too_long"),
    [(b"250", 512, False), (b"250", 513, True), (b"334", 12288, False), (b"334", 12289, True)],
)
def test_a_line_has_its_limit(code, octets, too_long):
    raw = code + b" " + b"x" * (octets - 6) + b"\r\n"
    assert (ReplyDefect.TOO_LONG in parse_reply(raw).defects) is too_long


def test_many_short_lines_are_not_too_long():
    assert parse_reply(b"250-x\r\n" * 200 + b"250 x\r\n").defects == ()


def test_of_many_lines_the_first_are_kept_and_the_last_one_decides():
    reply = parse_reply(b"250-x\r\n" * MAX_LINES_KEPT + b"554 no\r\n")
    assert (reply.code, len(reply.lines)) == (554, MAX_LINES_KEPT)
    assert reply.lines[-2:] == ("x", "no")
    assert ReplyDefect.TRUNCATED in reply.defects


@pytest.mark.parametrize("segment", [1 << 18, 1460, 7])
@pytest.mark.parametrize("line", [b"250-" + b"x" * 200 + b"\r\n", b"250-\r\n", b"250-" + b"x" * 70000 + b"\r\n"])
def test_the_last_line_of_a_reply_that_is_too_long_to_keep_is_read_for_itself(line, segment):
    stream = line * (200_000 // len(line)) + b"554 5.7.1 no\r\n250 next\r\n"
    (raw, following), rest = read(stream[place : place + segment] for place in range(0, len(stream), segment))
    assert following == b"250 next\r\n"
    assert rest == b""
    assert len(raw) < MAX_KEPT + 100
    reply = parse_reply(raw)
    assert (reply.code, reply.enhanced) == (554, "5.7.1")
    assert ReplyDefect.TRUNCATED in reply.defects
    assert ReplyDefect.BARE_LF not in reply.defects


def test_one_line_that_is_too_long_is_cut():
    ((raw,), rest) = read([b"554 " + b"x" * 300_000, b"\r\n"])
    assert len(raw) == MAX_KEPT + 2
    assert rest == b""
    assert set(parse_reply(raw).defects) == {ReplyDefect.TRUNCATED, ReplyDefect.TOO_LONG}


@pytest.mark.parametrize(
    ("segment", "breakage"),
    [
        (b"250-and so on\r\n", Breakage.TOO_MUCH),
        (b"\r\n", Breakage.TOO_MUCH),
        (b"x", Breakage.TOO_MUCH),
        (b"hello\r\n", Breakage.NOT_SMTP),
    ],
)
def test_what_has_no_end_is_given_up_and_does_not_grow(segment, breakage):
    reader = ReplyReader()
    reader.feed(segment)
    assert reader.next() is None
    assert reader.framing_error is None
    fed = len(segment)
    while reader.framing_error is None:
        reader.feed(segment * 4096)
        assert reader.next() is None
        fed += len(segment) * 4096
        assert fed < 2 * MAX_REPLY
    assert reader.framing_error is breakage
    assert len(reader.take()) <= MAX_REPLY + len(segment) * 4096
    assert reader.framing_error is None


@pytest.mark.parametrize("line", [b"hello\r\n", b"x\r\n"])
def test_a_few_lines_of_something_else_are_borne(line):
    reader = ReplyReader()
    for _ in range(2):
        reader.feed(line * 50)
        assert reader.next() is None
        assert reader.framing_error is None
        reader.feed(line)
        assert reader.next() is None
        assert reader.framing_error is Breakage.NOT_SMTP
        assert reader.take() == line * 51


def test_empty_lines_are_no_sign_of_another_protocol():
    reader = ReplyReader()
    reader.feed(b"\r\n" * 60)
    assert reader.next() is None
    assert reader.framing_error is None


def test_what_is_left_over_may_be_as_long_as_a_reply():
    reader = ReplyReader()
    for _ in range(2):
        reader.feed(b"x" * MAX_REPLY)
        assert reader.framing_error is None
        reader.feed(b"x")
        assert reader.framing_error is Breakage.TOO_MUCH
        reader.take()
    reader.feed(b"\n250 Ok\r\n")
    assert reader.next() == b"\n250 Ok\r\n"


LINE = b"250-" + b"x" * 58 + b"\r\n"


@pytest.mark.parametrize(
    ("stream", "kept"),
    [
        # What is kept of the lines ends where a line does, and one to three octets later.
        (LINE * 1100 + b"554 no\r\n", LINE * 1024 + b"554 no\r\n"),
        (b"\n" + LINE * 1100 + b"554 no\r\n", b"\n" + LINE * 1024 + b"554 no\r\n"),
        (b"\n\n" + LINE * 1100 + b"554 no\r\n", b"\n\n" + LINE * 1024 + b"554 no\r\n"),
        (b"\n" * 3 + LINE * 1100 + b"554 no\r\n", b"\n" * 3 + LINE * 1023 + LINE[:-3] + b"\r\n554 no\r\n"),
        # The last line is as long as may be kept, and longer.
        *((b"250-a\r\n554 " + b"x" * more + b"\r\n",) * 2 for more in range(MAX_KEPT - 6, MAX_KEPT - 3)),
        (b"250-a\r\n554 " + b"x" * MAX_KEPT + b"\r\n", b"250-a\r\n554 " + b"x" * (MAX_KEPT - 4) + b"\r\n"),
    ],
    ids=len,
)
def test_a_long_reply_is_cut_between_lines_or_closed(stream, kept):
    assert read([stream]) == ([kept], b"")


@pytest.mark.parametrize(("octets", "truncated"), [(MAX_KEPT, False), (MAX_KEPT + 1, True)])
def test_a_reply_longer_than_is_kept_counts_as_truncated(octets, truncated):
    reply = parse_reply(b"250-\r\n" * 100 + b"554 " + b"x" * (octets - 606) + b"\r\n")
    assert (ReplyDefect.TRUNCATED in reply.defects) is truncated


def test_what_is_no_reply_line_is_not_kept_beyond_the_limit_either():
    reply = parse_reply(b"250-x\r\n" * MAX_LINES_KEPT + b"hello\r\n250 y\r\n")
    assert len(reply.lines) == MAX_LINES_KEPT
    assert reply.lines[-1] == "y"


class Counting(bytearray):
    """A buffer that counts the octets that were looked at for a line end."""

    looked_at = 0

    def find(self, sought, start):
        type(self).looked_at += len(self) - start
        return super().find(sought, start)


def test_octets_that_come_one_by_one_are_searched_once(monkeypatch):
    monkeypatch.setattr(reply_reader, "bytearray", Counting, raising=False)
    monkeypatch.setattr(Counting, "looked_at", 0)
    reader = ReplyReader()
    for octet in b"250-x\r\n250-" + b"x" * 2000:
        reader.feed(bytes([octet]))
        assert reader.next() is None
    assert Counting.looked_at == 2011


@pytest.mark.parametrize(
    ("raw", "coded"),
    [
        (b"250-a\r\n250 b\r\n", ((250, "a"), (250, "b"))),
        (b"250-a\r\n220 b\r\n", ((250, "a"), (220, "b"))),
        (b"250-a\r\nhello\r\n220 b\r\n", ((250, "a"), (250, "hello"), (220, "b"))),
        (b"250-a\r\n220-b\r\n250 c\r\n", ((250, "a"), (220, "b"), (250, "c"))),
    ],
)
def test_each_line_keeps_its_code(raw, coded):
    assert parse_reply(raw).coded_lines == coded


def test_the_last_line_keeps_its_code_where_others_are_dropped():
    reply = parse_reply(b"250-a\r\n" * (MAX_LINES_KEPT + 3) + b"220 b\r\n")
    assert (len(reply.coded_lines), reply.coded_lines[-1], reply.code) == (MAX_LINES_KEPT, (220, "b"), 220)
