"""`smtpprobe explain --jsonl FILE|-`: one object a line in, one item a line out, in order."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from smtpprobe.catalogue.causes import UNKNOWN
from smtpprobe.cli import interrupts, reading
from smtpprobe.cli.values import known_phase
from smtpprobe.model import limits
from smtpprobe.model.quoting import quoted
from smtpprobe.render.explanation_item import item
from smtpprobe.render.json import encode


class Line(msgspec.Struct):
    """One object of the input. A phase that is no known word is one that nobody knows."""

    reply: str
    phase: object = None
    provider: object = None


_DECODER = msgspec.json.Decoder()
_EXPECTED = 'expected {"reply": "550 5.1.1 …"}'
_KINDS = {type(None): "null", bool: "true or false", str: "a text", list: "a list", dict: "an object"}


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
                why = why or f"line {number}: {error}"
                write(encode({"input": None, "error": f"line {number}: {error}"}, indent=0))
                continue
            write(encode(values, indent=0))
    if wrong:
        raise ValueError(f"{path}: {why}" + (f"; {wrong - 1} more such lines" if wrong > 1 else ""))
    return 0


def _item(line: bytes) -> dict[str, Any]:
    """The item of a line. Raises ValueError where it holds no object, or nothing in it is a reply or an error's words."""
    given = _read(line)
    phase = known_phase(given.phase) if isinstance(given.phase, str) else None
    values = item(given.reply, phase, given.provider if isinstance(given.provider, str) else None)
    if values["code"] is None and values["enhanced"] is None and values["cause"] == UNKNOWN:
        raise ValueError(f"{quoted(given.reply, 60)} contains no SMTP reply: {_EXPECTED}")
    return values


def _read(line: bytes) -> Line:
    """The object of a line. Raises ValueError where it is none, or has no reply."""
    try:
        found = _DECODER.decode(line.decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError(f"nested too deep: {_EXPECTED}") from None
    except msgspec.MsgspecError:
        raise ValueError(f"not JSON: {_EXPECTED}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{_KINDS.get(type(found), 'a number')} instead of an object: {_EXPECTED}")
    if "reply" not in found:
        raise ValueError(f"no field 'reply': {_EXPECTED}")
    reply = found["reply"]
    if not isinstance(reply, str):
        raise ValueError(f"'reply' is {_KINDS.get(type(reply), 'a number')} instead of a text: {_EXPECTED}")
    if not reply.strip():
        raise ValueError(f"'reply' is empty: {_EXPECTED}")
    return Line(reply, found.get("phase"), found.get("provider"))
