"""The refusals in hMailServer's log, as a server (SMTPD) and as a client (SMTPC)."""

from __future__ import annotations

import re

from smtpprobe.intake.logs.lines import Refusal
from smtpprobe.intake.logs.sessions import Sessions

MARKERS = (b"SENT: ", b"RECEIVED: ")
_LINE = re.compile(
    r"\"(?P<side>SMTP[DC])\"\t\d{1,10}\t(?P<session>\d{1,12})\t\"(?P<when>[^\"]{10,40})\"\t\"(?P<peer>[^\"]{0,100})\"\t"
    r"\"(?P<way>SENT|RECEIVED): (?P<words>.*)\"\s*\Z",
    re.DOTALL,
)


class HMailServer:
    """Reads one line after the other: a reply's command stands in a line before."""

    def __init__(self) -> None:
        self._sessions = Sessions()

    def __call__(self, message: str) -> Refusal | None:
        """The refusal in a line; None where there is none."""
        line = _LINE.match(message)
        if line is None:
            return None
        name, words = f"{line['side']} {line['session']}", line["words"]
        is_reply = (line["way"] == "SENT") == (line["side"] == "SMTPD")
        if not is_reply:
            self._sessions.command(name, words)
            return None
        said = None
        for each in words[:16384].split("[nl]"):
            said = self._sessions.reply(name, each) or said
        if words.startswith("221"):
            self._sessions.ended(name)
        if said is None:
            return None
        refusal = Refusal(*said, line["peer"] or None, when=line["when"])
        return refusal.receiving() if line["side"] == "SMTPD" else refusal.sending()
