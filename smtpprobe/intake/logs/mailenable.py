"""The refusals in MailEnable's activity log of SMTP: a line for each command with its reply."""

from __future__ import annotations

import re

from smtpprobe.intake.found import domain_of, phase_of
from smtpprobe.intake.logs.lines import Refusal
from smtpprobe.model.transcript import Phase

MARKERS = (b"\t4", b"\t5")
_LINE = re.compile(
    r"(?P<month>\d\d)/(?P<day>\d\d)/(?P<year>\d\d) (?P<clock>\d\d:\d\d:\d\d)\tSMTP-(?P<way>IN|OU)\t[^\t]{0,100}\t\d{1,10}\t"
    r"(?P<peer>[^\t]{0,100})\t(?P<command>[^\t]{0,40})\t(?P<words>[^\t]{0,1000})\t(?P<reply>[45]\d\d[ -][^\t]*)",
    re.DOTALL,
)


def mailenable(message: str) -> Refusal | None:
    """The refusal in a line; None where there is none."""
    line = _LINE.match(message)
    if line is None:
        return None
    when = f"20{line['year']}-{line['month']}-{line['day']} {line['clock']}"
    phase = phase_of(line["command"]) if line["command"] else Phase.GREETING
    if phase is Phase.DATA and not line["words"].upper().startswith("DATA"):
        phase = Phase.MESSAGE
    domain = domain_of(line["words"]) if phase is Phase.RCPT else None
    refusal = Refusal(line["reply"].strip(), phase, domain, line["peer"] or None, when=when)
    return refusal.receiving() if line["way"] == "IN" else refusal.sending()
