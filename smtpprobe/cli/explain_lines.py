"""`smtpprobe explain --jsonl FILE|-`: one object a line in, one item a line out, in order."""

from __future__ import annotations

import sys

import msgspec

from smtpprobe.cli import interrupts, reading
from smtpprobe.cli.values import known_phase
from smtpprobe.model import limits
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.render.explanation_item import item
from smtpprobe.render.json import encode


class Line(msgspec.Struct):
    """One object of the input. A phase that is no known word is one that nobody knows."""

    reply: str
    phase: object = None
    provider: object = None


def explain_lines(path: str) -> int:
    """The exit code: 2 where a line held no object with a reply; such lines cost no other line its item."""
    interrupts.keep()
    decoder = msgspec.json.Decoder(Line)
    source = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115
    wrong, why = 0, ""
    write = sys.stdout.write
    with source:
        for number, line in enumerate(reading.lines(source, path, limits.REPLY_LINE), start=1):
            if not line.strip():
                continue
            try:
                given = decoder.decode(line.decode("utf-8", "replace"))
            except (msgspec.MsgspecError, RecursionError) as error:
                wrong += 1
                why = why or say("line {number} is not an object with a reply: {error}", number=number, error=error)
                write(encode({"input": None, "error": f"line {number}: {error}"}, indent=0))
                continue
            phase = known_phase(given.phase) if isinstance(given.phase, str) else None
            provider = given.provider if isinstance(given.provider, str) else None
            write(encode(item(given.reply, phase, provider), indent=0))
    if wrong:
        more = say_counted("; {count} more such line", "; {count} more such lines", wrong - 1) if wrong > 1 else ""
        raise ValueError(f"{path}: {why}{more}")
    return 0
