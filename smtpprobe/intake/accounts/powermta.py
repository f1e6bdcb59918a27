"""The refusals in PowerMTA's accounting files: a record a line, as CSV, with a line that names the fields before them."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime

from smtpprobe.intake.found import domain_of
from smtpprobe.intake.logs.lines import Refusal, starts_with_code
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered

MARKERS = (b"\nb,", b"\nt,", b"\ntq,", b"\nrb,", b"\nrs,")
# The order where no line names them.
_FIELDS = ("type", "timeLogged", "timeQueued", "orig", "rcpt", "orcpt", "dsnAction", "dsnStatus", "dsnDiag", "dsnMta")
_HEADER = "type,"
_REFUSED = ("b", "t", "tq", "rb", "rs", "bounce", "transient", "transient-queue", "remote-bounce", "remote-status")
_STATUS = re.compile(r"(?P<number>[45]\.\d{1,3}\.\d{1,3})(?: \((?P<words>[^()]{1,300})\))?", re.ASCII)
_MTA = re.compile(r"(?P<name>[^\s()]{1,255})(?: \((?P<address>[^()\s]{1,60})\))?")
_INTERNAL = re.compile(r"(?:[45]\d\d )?(?:[45]\.\d{1,3}\.\d{1,3} )?\[internal\] ", re.ASCII)


class PowerMta:
    """Reads one line after the other: the first names the fields."""

    def __init__(self) -> None:
        self._fields: tuple[str, ...] = _FIELDS

    def __call__(self, line: str) -> Refusal | None:
        """The refusal in a record; None where there is none."""
        values = _values(line)
        if line.startswith(_HEADER):
            self._fields = tuple(values)
            return None
        if not values or values[0] not in _REFUSED:
            return None
        record = dict(zip(self._fields, values, strict=False))
        said = _said(record)
        if said is None:
            return None
        host = _MTA.match(record.get("dsnMta", ""))
        peer = f"{host['name']} [{host['address']}]" if host and host["address"] else host["name"] if host else None
        phase = phase_unanswered(said) if is_unanswered(said) else None
        return Refusal(said, phase, domain_of(record.get("rcpt")), peer, when=_when(record.get("timeLogged"))).sending()


def _values(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _said(record: dict[str, str]) -> str | None:
    """The reply, else what PowerMTA says itself, with its enhanced status code if no words tell that nobody replied."""
    diagnostic = record.get("dsnDiag", "").removeprefix("smtp;").strip()
    words = _INTERNAL.sub("", diagnostic)
    if words != diagnostic and is_unanswered(words):
        return words
    if starts_with_code(diagnostic):
        return diagnostic
    status = _STATUS.match(record.get("dsnStatus", ""))
    if status is None:
        return None
    return f"{status['number']} {words or status['words'] or ''}".strip()


def _when(logged: str | None) -> str | None:
    """The time as it stands, or of the seconds since 1970 that it may be."""
    if not logged or not logged.isdecimal():
        return logged or None
    return datetime.fromtimestamp(min(int(logged[:12]), 1 << 36), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
