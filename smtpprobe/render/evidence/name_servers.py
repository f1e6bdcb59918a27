"""What every name server of a zone answered, as rows."""

from __future__ import annotations

from smtpprobe.model.dns.lookup import ANSWERS
from smtpprobe.model.evidence.dkim import NameServerAnswers
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.render.evidence.row import Row, Tone


def rows(servers: NameServerAnswers, *, full: bool) -> list[Row]:
    """One row where they agree and all answered; else one for each that differs or kept silent."""
    made: list[Row] = []
    if not servers.differ and not full:
        heard = [answer for answer in servers.answers if answer.status in ANSWERS]
        names = ", ".join(dict.fromkeys(answer.server for answer in heard))
        text = say_counted(
            "the same at {heard} of {count} address of name servers: {names}",
            "the same at {heard} of {count} addresses of name servers: {names}",
            len(servers.answers),
            heard=len(heard),
            names=names,
        )
        made.append(Row(text=text, level=1))
    for answer in servers.answers:
        silent = answer.status not in ANSWERS
        if servers.differ or full or silent:
            said = say(" and ").join(answer.records) or (f"CNAME {answer.cname}" if answer.cname else answer.status)
            text = f"{answer.server} [{answer.address}] {answer.name}: {said}"
            made.append(Row(text=text, tone=Tone.CAUTION if silent else Tone.PLAIN, level=1))
    if servers.problem:
        made.append(Row(text=servers.problem, tone=Tone.CAUTION, level=1))
    return made
