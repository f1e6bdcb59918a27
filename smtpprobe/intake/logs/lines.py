"""A log line without its header: from syslog, a file with times of its own, or the journal; and a refusal in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import Enum
from typing import NamedTuple

import msgspec

from smtpprobe.intake.found import text
from smtpprobe.model.transcript import Phase, Side

# How the journal begins a message that is no UTF-8, or one that it was not asked to give whole.
UNSEEN = (b'"MESSAGE":[', b'"MESSAGE": [', b'"MESSAGE":null', b'"MESSAGE": null')
_LONGEST = 16384  # octets of a line; Postfix, rsyslog and the journal cut theirs at 2 to 8 KiB
_HEADER = re.compile(
    r"(?:<\d{1,3}>)?(?:1 (?P<full>\S{1,40}) (?P<full_host>\S{1,255}) (?P<full_program>\S{1,64}) \S{1,128} \S{1,64} "
    r"(?:-|\[.{0,2000}?\])"
    r"|(?P<when>[A-Z][a-z]{2} [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT[\d:.,+Z-]{8,24})"
    # A log that Dovecot writes itself names no host.
    r"(?: (?P<host>\S{0,254}[^\s:]))? (?P<program>[^\s:\[]{1,160})(?:\[\d{1,10}\])?:)"
    r"\ufeff? ?(?P<message>.*)",
    re.DOTALL,
)
_OWN_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?) (?:\[\d{1,10}\] )?", re.ASCII
)
_TAI64N = re.compile(r"@([0-9a-f]{16})[0-9a-f]{8} ", re.ASCII)
# What daemontools adds to the seconds since 1970; it knows of no leap seconds.
_TAI_EPOCH = (1 << 62) + 10
_PROGRAM = re.compile(
    r"postfix|exim|sendmail|sm-|smtp|lmtp|mta|postscreen|cleanup|/|dovecot|qmail|haraka|splogger"
    r"|\A(?:auth|lda|deliver)\b|-login\b"
)
_CODED = re.compile(r"[45](?:\d\d(?:[ -]|\Z)|\.\d\.\d{1,3} )", re.ASCII)


class Place(Enum):
    """Where a line stands among those that tell of the same thing."""

    FINAL = "final"  # what became of it
    ON_THE_WAY = "on the way"  # said before, by one of several hosts perhaps: counts if no final line follows
    AGAIN = "again"  # the same once more: counts if no final line was seen


class Refusal(NamedTuple):
    """A refusal in a line: the reply, the phase that it was given in, the recipient's domain, and the peer.

    `of` names the delivery or the session that it belongs to, None: nothing else tells of it. `when` is the time as the
    message itself has it, None: as its header does. `side` is ours: the peer gave the reply, or was refused. `relay` is the
    peer with its port, where the message names that apart. `by` names who of several said so, each
    once for the same attempt. `copied`: the program writes the same line into another log too. `own`: the server that
    delivers says so itself, nobody answered it. `queued`: whether the message still waits in its queue, None: the line
    does not tell.
    """

    reply: str
    phase: Phase | None = None
    domain: str | None = None
    peer: str | None = None
    of: str | None = None
    place: Place = Place.FINAL
    when: str | None = None
    side: Side | None = None
    relay: str | None = None
    by: str | None = None
    copied: bool = False
    own: bool = False
    queued: bool | None = None

    def sending(self) -> Refusal:
        """The same, of a message that was to be delivered."""
        return self._replace(side=Side.SENDING)

    def receiving(self) -> Refusal:
        """The same, of a client that was refused here."""
        return self._replace(side=Side.RECEIVING)


_IN_BRACKETS = re.compile(r"\[([^\]\s]{1,100})\]")


def login_from(peer: str) -> str:
    """What the lines of programs that tell of the same login have in common: the client's address."""
    address = _IN_BRACKETS.search(peer)
    return f"login from {(address[1] if address else peer).lower()}"


def stored_for(recipient: str) -> str:
    """What the lines of an LMTP server and of its client have in common: the recipient."""
    return f"stored for {recipient.lower()}"


class Line(msgspec.Struct, frozen=True):
    """A log line without its header."""

    message: str
    when: str | None = None
    program: str = ""


class _Journal(msgspec.Struct):
    message: str | list[int] | None = msgspec.field(name="MESSAGE", default="")
    micros: str | None = msgspec.field(name="__REALTIME_TIMESTAMP", default=None)
    program: str | None = msgspec.field(name="SYSLOG_IDENTIFIER", default=None)


_journal = msgspec.json.Decoder(_Journal)


def header(octets: bytes) -> Line | None:
    """The line's message with its time and program; None for an entry of the journal whose message cannot be read."""
    if octets[:1] == b"{":
        return _journal_line(octets)
    line = text(octets[:_LONGEST])
    when, program = None, ""
    if match := _HEADER.match(line):
        when = match["when"] or match["full"]
        program = match["program"] or match["full_program"] or ""
        line = match["message"] if match["host"] or match["full"] else f"{program}: {match['message']}"
    if match := _OWN_TIME.match(line):
        when, line = match[1], line[match.end() :]
    elif match := _TAI64N.match(line):
        when, line = _tai(match[1]) or when, line[match.end() :]
    return Line(line, when, program)


def _tai(label: str) -> str | None:
    """The time of a TAI64 label, None for one that is out of range."""
    seconds = int(label, 16) - _TAI_EPOCH
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if 0 <= seconds < 1 << 36 else None


def _journal_line(octets: bytes) -> Line | None:
    try:
        entry = _journal.decode(octets)
        said = entry.message
        if said is None:
            return Line("", None, entry.program) if entry.program and not of_mail(entry.program) else None
        message = text(bytes(said[:_LONGEST])) if isinstance(said, list) else said[:_LONGEST]
        when = None
        if entry.micros:
            when = datetime.fromtimestamp(int(entry.micros) // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError, RecursionError):
        return None
    if match := _OWN_TIME.match(message):
        message = message[match.end() :]
    return Line(message, when, entry.program or "")


def of_mail(program: str) -> bool:
    """Whether a program of that name may be one that carries mail."""
    return _PROGRAM.search(program) is not None


def starts_with_code(reply: str) -> bool:
    """Whether the words begin with a code 4yz or 5yz, or with an enhanced status code of those classes."""
    return _CODED.match(reply) is not None
