"""The refusals in the log of qpsmtpd, which writes its replies behind the number of its process."""

from __future__ import annotations

import re

from smtpprobe.intake.logs.lines import Refusal
from smtpprobe.intake.logs.sessions import Sessions

MARKERS = (b" dispatching ", b" 2", b" 3", b" 4", b" 5")
_LINE = re.compile(
    r"(?P<process>\d{1,10}) (?:dispatching (?P<command>.*)|(?P<reply>[2-5]\d\d(?:[ -].*|\Z)))", re.DOTALL
)


class Qpsmtpd:
    """Reads one line after the other: a reply's command stands in a line before."""

    def __init__(self) -> None:
        self._sessions = Sessions()

    def __call__(self, message: str) -> Refusal | None:
        """The refusal that is whole with this line; None where there is none."""
        line = _LINE.match(message)
        if line is None:
            return None
        if line["command"] is not None:
            self._sessions.command(line["process"], line["command"])
            return None
        said = self._sessions.reply(line["process"], line["reply"])
        if line["reply"].startswith("221"):
            self._sessions.ended(line["process"])
        return Refusal(*said).receiving() if said else None
