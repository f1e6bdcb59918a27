"""A reply that a line quotes, and where it ends: at the quotation mark or the bracket that was open before it."""

from __future__ import annotations

import re

import msgspec

from smtpprobe.intake.found import MAX_REPLY
from smtpprobe.model.transcript import Phase

_LINE_END = re.compile(r"(?:\\r)?\\n")
_CLOSED = {")": "(", "]": "[", "}": "{", ">": "<"}
_BY = re.compile(r" \((?:\w{1,40}::){0,4}\w{0,40}SMTP\w{1,40}\)\Z|\\r\Z| in \S[^\n]{0,255}\.php on line \d{1,6}\Z")


class Quoted(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that a line quotes, and where it begins; `is_open`: it runs up to the line's end, and may go on below.

    `command` is the one that it answers and `phase` the stage at which it came, where the words say so. `is_status`: a
    program's own name for the code, in a line beside the one that has the reply if there is any.
    """

    reply: str
    start: int
    is_open: bool = False
    command: str | None = None
    phase: Phase | None = None
    is_status: bool = False


def ended(words: str, start: int, reply: str, code: str = "", opened: int | None = None) -> Quoted:
    """The reply as far as the quotation marks or brackets go that it is in.

    `code` goes before it if the code is elsewhere; `opened` is the place of that code.
    """
    before = words[max(0, start - 300) : start]
    mark = _opening(before)
    is_open = True
    if mark:
        end = re.search(rf"(?<!\\){re.escape(mark)}", reply)
        is_open = end is None
        reply = _LINE_END.sub("\n", reply[: end.start()] if end else reply)
        reply = reply.replace(f"\\{mark}", mark) if len(mark) == 1 else reply
    opener = words[(start if opened is None else opened) - 1 : start if opened is None else opened]
    if opener == "(" and not mark and opened is None and (end_at := _balanced(reply)) is not None:
        reply, is_open = reply[:end_at], False
    stripped = _BY.sub("", _unbracketed(reply.strip()))
    is_open = is_open and stripped == reply.strip()
    return Quoted(reply=(code + stripped.strip())[:MAX_REPLY], start=start, is_open=is_open)


_PIECE = re.compile(r"(?P<mark>['\"`]) \+\s*\Z")
_NEXT_PIECE = re.compile(r"\s*(?P<mark>['\"`])(?P<said>.*)", re.DOTALL)


def is_piece(words: str) -> bool:
    """Whether a line ends in one piece of a string of which the next line has more, as Node prints long ones."""
    return _PIECE.search(words, max(0, len(words) - 40)) is not None


def joined(above: str, below: str) -> str | None:
    """A line that ends in a piece of a string with the next line, which goes on with it; None where that does not."""
    end, more = _PIECE.search(above, max(0, len(above) - 40)), _NEXT_PIECE.match(below)
    if end is None or more is None:
        return None
    mark, said = end["mark"], more["said"]
    if more["mark"] != mark:
        # The pieces have the marks that need no backslash in them.
        own, closing, rest = said.rpartition(more["mark"])
        said = own.replace(mark, f"\\{mark}") + mark + rest if closing else said.replace(mark, f"\\{mark}")
    return above[: end.start()] + said


def _opening(before: str) -> str | None:
    """The quotation mark that is open where a reply begins, as it is written: `\\\"` in a quotation within one."""
    if nested := re.search(r"(\\{1,3}[\"'])\Z", before):
        return nested[1]
    if before[-1:] in ("'", '"'):
        return before[-1]
    marks = len(re.findall(r'(?<!\\)"', before))
    return '"' if marks % 2 and len(before) < 300 else None


def _balanced(reply: str) -> int | None:
    """Where the bracket closes that was open before the reply."""
    depth = 1
    for at, each in enumerate(reply[:2000]):
        depth += (each == "(") - (each == ")")
        if not depth:
            return at
    return None


def _unbracketed(reply: str) -> str:
    """The reply without the brackets and quotation marks at its end that were opened before it."""
    for _ in range(8):
        last = reply[-1:]
        is_bracket = last in _CLOSED and reply.count(last) > reply.count(_CLOSED[last])
        if is_bracket or (last and last in "\"'" and reply.count(last) % 2 and len(reply) > 4):
            reply = reply[:-1].rstrip()
        else:
            break
    return reply
