"""`smtpprobe explain --jsonl FILE|-`: one object a line in, one item a line out, in order."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from smtpprobe.cli import interrupts, reading
from smtpprobe.cli.explain_input import Input
from smtpprobe.cli.output import note
from smtpprobe.model import limits
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Phase
from smtpprobe.pipeline.explaining import found_in
from smtpprobe.pipeline.reference.named import phase_named, provider_called
from smtpprobe.render.explanation_item import around, item
from smtpprobe.render.explanation_json import line as item_line


class Line(msgspec.Struct):
    """One object of the input."""

    reply: str
    phase: object = None
    provider: object = None


_Known = TypeVar("_Known")
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


def explain_lines(path: str, phase: Phase | None = None, provider: str | None = None) -> int:
    """The exit code: 2 where a line held no object with a reply; no line costs another its item.

    `phase` and `provider` are those of lines that name none. A phase or a provider that is none is noted, no more.
    """
    interrupts.keep()
    given = Input(path)
    wrong, why, lines = 0, "", 0
    noted: list[str] = []
    write = sys.stdout.write
    try:
        for number, line in enumerate(reading.lines(given.stream(), path, limits.REPLY_LINE), start=1):
            if not line.strip():
                continue
            lines += 1
            try:
                values, fault = _item(line, phase, provider)
                if fault is not None:
                    noted.append(say("line {number}: {error}", number=number, error=fault))
            except ValueError as error:
                wrong += 1
                values = {"input": None, "error": f"line {number}: {error}"}
                why = why or say("line {number}: {error}", number=number, error=error)
            write(item_line(values))
    finally:
        given.close()
    if noted:
        note(f"{path}: {noted[0]}{_more(len(noted))}")
    if wrong:
        raise ValueError(f"{path}: {why}{_more(wrong)}")
    if given.damage:
        raise ValueError(say("{path} cannot be read: {damage}", path=repr(path), damage=given.damage))
    if not lines:
        raise ValueError(say("{name} is empty", name=repr(given.name)))
    return 0


def _more(count: int) -> str:
    return say_counted("; {count} more such line", "; {count} more such lines", count - 1) if count > 1 else ""


def _item(line: bytes, phase: Phase | None, provider: str | None) -> tuple[dict[str, Any], ValueError | None]:
    """The item of a line, and what is wrong with its phase or its provider, which then count for nothing.

    Raises ValueError where the line holds no object, or nothing in it is a reply or an error's words.
    """
    given, fault = _read(line), None
    try:
        phase = _word(given.phase, phase_named) or phase
        provider = _word(given.provider, provider_called) or provider
    except ValueError as error:
        fault = error
    found = found_in(given.reply)
    if found is None:
        raise ValueError(
            say("{reply} contains no SMTP reply: {expected}", reply=quoted(given.reply, 60), expected=say(_EXPECTED))
        )
    values = item(found.reply, phase or found.phase, provider, place=around(found)) | {"input": given.reply}
    return (values if found.recipient_domain is None else values | {"recipient_domain": found.recipient_domain}), fault


def _word(given: object, find: Callable[[str], _Known]) -> _Known | None:
    """What a field names, None where it says nothing. Raises ValueError for a word that is none."""
    if given is None or given in ("", "unknown"):
        return None
    return find(given if isinstance(given, str) else say(_KINDS.get(type(given), _NUMBER)))


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
