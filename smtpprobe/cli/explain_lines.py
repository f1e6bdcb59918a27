"""`smtpprobe explain --jsonl FILE|-`: one object a line in, one item a line out, in order."""

from __future__ import annotations

import re
import sys
from typing import Any

import msgspec

from smtpprobe.cli import interrupts, reading
from smtpprobe.cli.values import known_phase
from smtpprobe.model import limits
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.pipeline.explaining import found_in
from smtpprobe.render.explanation_item import around, item
from smtpprobe.render.json import encode


class Line(msgspec.Struct):
    """One object of the input. A phase that is no known word is one that nobody knows."""

    reply: str
    phase: object = None
    provider: object = None


_OCTET = re.compile("[\udc80-\udcff]")
_DECODER = msgspec.json.Decoder()
_EXPECTED = mark('expected {"reply": "550 5.1.1 …"}')
_NUMBER = mark("a number")
_KINDS = {
    type(None): "null",
    bool: mark("true or false"),
    str: mark("a text"),
    list: mark("a list"),
    dict: mark("an object"),
}


def explain_lines(path: str) -> int:
    """The exit code: 2 where a line held no object with a reply; such lines cost no other line its item."""
    interrupts.keep()
    source = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115
    wrong, why = 0, ""
    write = sys.stdout.write
    with source:
        for number, line in enumerate(reading.lines(source, path, limits.REPLY_LINE), start=1):
            if not line.strip():
                continue
            try:
                values = _item(line)
            except ValueError as error:
                wrong += 1
                why = why or say("line {number}: {error}", number=number, error=error)
                write(encode({"input": None, "error": f"line {number}: {error}"}, indent=0))
                continue
            write(encode(values, indent=0))
    if wrong:
        more = say_counted("; {count} more such line", "; {count} more such lines", wrong - 1) if wrong > 1 else ""
        raise ValueError(f"{path}: {why}{more}")
    return 0


def _item(line: bytes) -> dict[str, Any]:
    """The item of a line. Raises ValueError where it holds no object, or nothing in it is a reply or an error's words."""
    given = _read(line)
    phase = known_phase(given.phase) if isinstance(given.phase, str) else None
    provider = given.provider if isinstance(given.provider, str) else None
    found = found_in(given.reply)
    if found is None:
        raise ValueError(
            say("{reply} contains no SMTP reply: {expected}", reply=quoted(given.reply, 60), expected=say(_EXPECTED))
        )
    return item(found.reply, phase or found.phase, provider, place=around(found)) | {"input": given.reply}


def _in_utf8(line: bytes) -> str:
    """The line with each octet that is no UTF-8 as `\\xNN` inside its JSON text, as it is shown in a file."""
    words = line.decode("utf-8", "surrogateescape")
    return words if words.isascii() else _OCTET.sub(lambda found: f"\\\\x{ord(found[0]) - 0xDC00:02x}", words)


def _read(line: bytes) -> Line:
    """The object of a line. Raises ValueError where it is none, or has no reply."""
    try:
        found = _DECODER.decode(_in_utf8(line))
    except RecursionError:
        raise ValueError(say("nested too deep: {expected}", expected=say(_EXPECTED))) from None
    except msgspec.MsgspecError:
        raise ValueError(say("not JSON: {expected}", expected=say(_EXPECTED))) from None
    if not isinstance(found, dict):
        raise ValueError(
            say(
                "{kinds} instead of an object: {expected}",
                kinds=say(_KINDS.get(type(found), _NUMBER)),
                expected=say(_EXPECTED),
            )
        )
    if "reply" not in found:
        raise ValueError(say("no field 'reply': {expected}", expected=say(_EXPECTED)))
    reply = found["reply"]
    if not isinstance(reply, str):
        raise ValueError(
            say(
                "'reply' is {kinds} instead of a text: {expected}",
                kinds=say(_KINDS.get(type(reply), _NUMBER)),
                expected=say(_EXPECTED),
            )
        )
    if not reply.strip():
        raise ValueError(say("'reply' is empty: {expected}", expected=say(_EXPECTED)))
    return Line(reply, found.get("phase"), found.get("provider"))
