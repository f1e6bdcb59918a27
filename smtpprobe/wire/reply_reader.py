"""Octets from the server into replies: framing first, then parsing (RFC 5321 §4.2, §4.2.1).

Facts. A reply line is three digits, then SP or hyphen, then text; "250<CRLF>" without text is valid and a client MUST accept it;
the last line has SP or nothing after the code; only then is the reply whole. Servers break each of these; what they
break is noted and the reply is read all the same, because a client that waits for better waits for ever.
"""

from __future__ import annotations

import re

from smtpprobe.model.reply import Reply, ReplyDefect

MAX_KEPT = 65536  # octets of one reply that are kept
MAX_REPLY = 1048576  # octets after which a reply without end is given up
MAX_LINES_KEPT = 500
MAX_GARBAGE_LINES = 50

# RFC 5321 §4.2: Reply-code is %x32-35 %x30-35 %x30-39; any three digits are read here, and judged afterwards.
_REPLY_LINE = re.compile(rb"([0-9]{3})(?![0-9])(.?)(.*)\Z", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class ReplyReader:
    """Cuts a stream of octets into whole replies. Feed it, then `next()` until None; never raises on any octets."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0  # up to here the buffer holds whole lines of the unfinished reply
        self._garbage = 0
        self._dropped = 0

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take octets as they came."""
        self._buffer += data

    def next(self) -> bytes | None:
        """The octets of the next whole reply, None until there is one."""
        buffer = self._buffer
        while True:
            end = buffer.find(b"\n", self._scanned)
            if end < 0:
                return None
            if self._ends_reply(self._scanned, end):
                raw = bytes(buffer[: end + 1])
                del buffer[: end + 1]
                self._scanned = self._garbage = self._dropped = 0
                return raw
            self._scanned = end + 1
            if self._scanned > MAX_KEPT:
                self._dropped += self._scanned - MAX_KEPT
                del buffer[MAX_KEPT : self._scanned]
                self._scanned = MAX_KEPT

    def _ends_reply(self, start: int, end: int) -> bool:
        buffer = self._buffer
        if buffer[start : start + 3].isdigit():
            follow = buffer[start + 3 : min(start + 4, end)]
            if follow != b"-" and not follow.isdigit():
                return True
            if follow == b"-":
                return False
        if end > start + 1:
            self._garbage += 1
        return False

    @property
    def undelivered(self) -> bytes:
        """The octets that make no whole reply yet."""
        return bytes(self._buffer[:MAX_KEPT])

    @property
    def is_hopeless(self) -> bool:
        """Whether what came can be no reply: a reply without end, or line after line of something else."""
        return self._dropped + len(self._buffer) > MAX_REPLY or self._garbage > MAX_GARBAGE_LINES

    def take(self) -> bytes:
        """Everything undelivered, and start afresh."""
        taken = bytes(self._buffer)
        self._buffer.clear()
        self._scanned = self._garbage = self._dropped = 0
        return taken


def parse_reply(raw: bytes) -> Reply:
    """The reply in these octets, which end with its last line. Never raises for octets that ReplyReader gave."""
    defects: list[ReplyDefect] = []
    codes: list[int] = []
    lines: list[str] = []
    chunks = raw.split(b"\n")[:-1] if raw.endswith(b"\n") else raw.split(b"\n")
    for chunk in chunks:
        _parse_line(chunk, codes, lines, defects)
    code = codes[-1] if codes else 0
    if len(set(codes)) > 1:
        defects.append(ReplyDefect.CODE_MISMATCH)
    if not 200 <= code <= 559:
        defects.append(ReplyDefect.CODE_OUT_OF_RANGE)
    if len(raw) > MAX_KEPT:
        defects.append(ReplyDefect.TRUNCATED)
    limit = 12288 if code == 334 else 512
    if len(raw) > limit and any(len(chunk) + 1 > limit for chunk in chunks):
        defects.append(ReplyDefect.TOO_LONG)
    enhanced = _enhanced(code, lines, defects)
    return Reply(code, enhanced, tuple(lines), raw, tuple(dict.fromkeys(defects)))


def _parse_line(chunk: bytes, codes: list[int], lines: list[str], defects: list[ReplyDefect]) -> None:
    if chunk.endswith(b"\r"):
        chunk = chunk[:-1]
    else:
        defects.append(ReplyDefect.BARE_LF)
    match = _REPLY_LINE.match(chunk)
    if match is None:
        defects.append(ReplyDefect.UNPARSEABLE if chunk else ReplyDefect.EMPTY_LINE)
        if codes and chunk and len(lines) < MAX_LINES_KEPT:
            lines.append(_text(chunk, defects))
        return
    code, separator, text = match.groups()
    codes.append(int(code))
    if separator not in (b" ", b"-", b""):
        defects.append(ReplyDefect.BAD_SEPARATOR)
        text = (separator + text).lstrip(b"\t")
    if len(lines) < MAX_LINES_KEPT:
        lines.append(_text(text, defects))
    elif ReplyDefect.TRUNCATED not in defects:
        defects.append(ReplyDefect.TRUNCATED)


def _text(octets: bytes, defects: list[ReplyDefect]) -> str:
    if octets.isascii():
        text = octets.decode("ascii")
    else:
        try:
            text = octets.decode("utf-8")
            defects.append(ReplyDefect.NOT_ASCII)
        except UnicodeDecodeError:
            text = octets.decode("utf-8", "backslashreplace")
            defects.append(ReplyDefect.NOT_UTF8)
    if not text.isprintable() and _CONTROLS.search(text):
        defects.append(ReplyDefect.BARE_CR if "\r" in text else ReplyDefect.CONTROL)
    return text


def _enhanced(code: int, lines: list[str], defects: list[ReplyDefect]) -> str | None:
    """The reply's enhanced status code (RFC 2034 §4): the first whose class agrees with the reply code, else the first."""
    found = [match.group() for line in lines if (match := _ENHANCED.match(line))]
    if not found:
        return None
    digit = str(code)[:1]
    if len(set(found)) > 1:
        defects.append(ReplyDefect.ENHANCED_MISMATCH)
    agreeing = [each for each in found if each[0] == digit]
    if not agreeing:
        # A 3yz reply has no enhanced status code at all (RFC 2034 §4): "354 2.0.0" is a mismatch too.
        defects.append(ReplyDefect.ENHANCED_CLASS_MISMATCH)
        return found[0]
    return agreeing[0]
