"""Octets from the server into replies: framing first, then parsing (RFC 5321 §4.2, §4.2.1).

Facts. A reply line is three digits, then SP or hyphen, then text; "250<CRLF>" without text is valid and a client MUST accept it;
the last line has SP or nothing after the code; only then is the reply whole. Servers break each of these; what they
break is noted and the reply is read all the same, because a client that waits for better waits for ever.
"""

from __future__ import annotations

import re

from smtpprobe.model.reply import Reply, ReplyDefect
from smtpprobe.model.transcript import Breakage

MAX_KEPT = 65536  # octets that are kept of a reply's last line, and of the lines before it
MAX_REPLY = 1048576  # octets after which a reply without end is given up
MAX_LINES_KEPT = 500
MAX_GARBAGE_LINES = 50

_ENHANCED = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9]|\.[0-9])")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

_Defects = dict[ReplyDefect, None]  # a set that keeps the order


class ReplyReader:
    """Cuts a stream of octets into whole replies. Feed it, then `next()` until None; never raises on any octets."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._line = 0  # the buffer holds whole lines of the unfinished reply up to here,
        self._searched = 0  # and from there to here no line end
        self._garbage = 0
        self._dropped = 0

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take octets as they came."""
        self._buffer += data

    def next(self) -> bytes | None:
        """The octets of the next whole reply, None until there is one."""
        buffer = self._buffer
        while (end := buffer.find(b"\n", self._searched)) >= 0:
            start, self._line, self._searched = self._line, end + 1, end + 1
            if self._ends_reply(start, end):
                raw = bytes(buffer[: end + 1]) if end < MAX_KEPT else self._shortened(start, end)
                del buffer[: end + 1]
                self._line = self._searched = self._garbage = self._dropped = 0
                return raw
        if self._line > MAX_KEPT:
            self._dropped += self._line - MAX_KEPT
            del buffer[MAX_KEPT : self._line]
            self._line = MAX_KEPT
        self._searched = len(buffer)
        return None

    def _ends_reply(self, start: int, end: int) -> bool:
        buffer = self._buffer
        if buffer[start : start + 3].isdigit():
            follow = buffer[start + 3]  # there is one: at least the LF
            if follow == 0x2D:
                return False
            if not 0x30 <= follow <= 0x39:
                return True
        if end > start + 1:
            self._garbage += 1
        return False

    def _shortened(self, start: int, end: int) -> bytes:
        """A long reply whose last line has these ends: a line that is cut is closed with CRLF, so that none run together."""
        lines, last = self._buffer[: min(start, MAX_KEPT)], self._buffer[start : end + 1]
        if lines and not lines.endswith(b"\n"):
            lines = lines.removesuffix(b"\r") + b"\r\n"
        if len(last) > MAX_KEPT:
            last = last[:MAX_KEPT].removesuffix(b"\r") + b"\r\n"
        return bytes(lines + last)

    @property
    def has_undelivered(self) -> bool:
        """Whether there are octets that make no whole reply yet."""
        return bool(self._buffer)

    @property
    def has_words(self) -> bool:
        """Whether any of these octets is more than an empty line."""
        return bool(self._buffer.strip(b"\r\n"))

    @property
    def framing_error(self) -> Breakage | None:
        """What is wrong where what came can be no reply: line after line of something else, or no end; else None."""
        if self._garbage > MAX_GARBAGE_LINES:
            return Breakage.NOT_SMTP
        return Breakage.TOO_MUCH if self._dropped + len(self._buffer) > MAX_REPLY else None

    def take(self) -> bytes:
        """Everything undelivered, and start afresh."""
        taken = bytes(self._buffer)
        self._buffer.clear()
        self._line = self._searched = self._garbage = self._dropped = 0
        return taken


def parse_reply(raw: bytes) -> Reply:
    """The reply in these octets, which end with its last line. Never raises for octets that ReplyReader gave."""
    defects: _Defects = {}
    codes: list[int] = []
    lines: list[str] = []
    for chunk in raw.removesuffix(b"\n").split(b"\n"):
        _parse_line(chunk, codes, lines, defects)
    code = codes[-1] if codes else 0
    differ = ReplyDefect.CODE_MISMATCH in defects
    # RFC 5321 §4.2: Reply-code = %x32-35 %x30-35 %x30-39.
    if not (200 <= code < 600 and code % 100 < 60):
        defects[ReplyDefect.CODE_OUT_OF_RANGE] = None
    if len(raw) > 512:
        _judge_length(raw, code, defects)
    enhanced = _enhanced(code, lines, defects)
    return Reply(
        code=code,
        enhanced=enhanced,
        lines=tuple(lines),
        raw=raw,
        defects=tuple(defects),
        line_codes=tuple(codes) if differ else (),
    )


def _judge_length(raw: bytes, code: int, defects: _Defects) -> None:
    if len(raw) > MAX_KEPT:
        defects[ReplyDefect.TRUNCATED] = None
    limit = 12288 if code == 334 else 512
    if any(len(chunk) + 1 > limit for chunk in raw.split(b"\n")):
        defects[ReplyDefect.TOO_LONG] = None


def _parse_line(chunk: bytes, codes: list[int], lines: list[str], defects: _Defects) -> None:
    if chunk.endswith(b"\r"):
        chunk = chunk[:-1]
    else:
        defects[ReplyDefect.BARE_LF] = None
    digits, separator, text = chunk[:3], chunk[3:4], chunk[4:]
    if len(digits) < 3 or not digits.isdigit() or separator.isdigit():
        defects[ReplyDefect.UNPARSEABLE if chunk else ReplyDefect.EMPTY_LINE] = None
        if codes and chunk and len(lines) < MAX_LINES_KEPT:
            lines.append(_text(chunk, defects))
            codes.append(codes[-1])
        return
    if codes and int(digits) != codes[-1]:
        defects[ReplyDefect.CODE_MISMATCH] = None
    if separator not in (b" ", b"-", b""):
        defects[ReplyDefect.BAD_SEPARATOR] = None
        text = (separator + text).lstrip(b"\t")
    if len(lines) == MAX_LINES_KEPT:
        # The last line decides: it is kept whatever came before it.
        lines.pop()
        codes.pop()
        defects[ReplyDefect.TRUNCATED] = None
    lines.append(_text(text, defects))
    codes.append(int(digits))


def _text(octets: bytes, defects: _Defects) -> str:
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        from smtpprobe.wire.letters import guessed

        text = guessed(octets)
        defects[ReplyDefect.NOT_UTF8] = None
    else:
        if not text.isascii():
            defects[ReplyDefect.NOT_ASCII] = None
    if not text.isprintable() and _CONTROLS.search(text):
        defects[ReplyDefect.BARE_CR if "\r" in text else ReplyDefect.CONTROL] = None
    return text


def _enhanced(code: int, lines: list[str], defects: _Defects) -> str | None:
    """The reply's enhanced status code (RFC 2034 §4): the first whose class agrees with the reply code, else the first."""
    found = [match.group() for line in lines if line[1:2] == "." and (match := _ENHANCED.match(line))]
    if not found:
        return None
    digit = str(code)[:1]
    if len(set(found)) > 1:
        defects[ReplyDefect.ENHANCED_MISMATCH] = None
    agreeing = [each for each in found if each[0] == digit]
    if not agreeing:
        # A 3yz reply has no enhanced status code at all (RFC 2034 §4): "354 2.0.0" is a mismatch too.
        defects[ReplyDefect.ENHANCED_CLASS_MISMATCH] = None
        return found[0]
    return agreeing[0]
