"""Lines of mail logs without what carries them: a field of a JSON object, another header or time, a file's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from smtpprobe.intake.blocks import whole_lines
from smtpprobe.intake.found import Counts

_REACH = 600  # octets before a line's own header
_DEPTH = 3  # objects in one another's fields
_SYSLOG_TIME = (
    r"(?:[A-Z][a-z]{2} [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:,+Z-]{0,24})"
)
_PROGRAM = (
    r"(?:postfix[\w-]{0,40}(?:/[\w-]{1,40}){1,3}|exim\d?|sendmail|sm-(?:mta|msp-queue|acceptingconnections)|(?:open)?smtpd"
    r"|dovecot|(?:imap|pop3|submission|managesieve)-login|qmail(?:-[a-z]{2,10})?|splogger|haraka)"
)
_SYSLOG = (
    rf"(?:<\d{{1,3}}>)?(?:1 \d{{4}}-\S{{1,36}} \S{{1,255}} {_PROGRAM} "
    rf"|{_SYSLOG_TIME}(?: \S{{0,254}}[^\s:])? {_PROGRAM}(?:\[\d{{1,10}}\])?: )"
)
_EXIM_ID = r"[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4} "
_EXIM = (
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})? (?:\[\d{1,10}\] )?"
    rf"(?:{_EXIM_ID}|[HU]=\S|rejected (?:EHLO|HELO) from |(?:temporarily )?refused connection |TLS error on connection "
    r"|SMTP (?:connection|protocol|syntax|call|command|data) |Connection from |[\w.-]{1,80} authenticator failed for )"
)
_HEADER = re.compile(rf"(?:{_SYSLOG}|{_EXIM})".encode())
_FURTHER_IN = re.compile(rf"(?<=[\s|\]:>)-])(?:{_SYSLOG}|{_EXIM})".encode())
# A message whose header the fields beside it hold, if anything does.
_NAMED = re.compile(rf"{_PROGRAM}(?:\[\d{{1,10}}\])?: ".encode())
_MESSAGE = re.compile(
    r"NOQUEUE: |[0-9A-Za-z]{8,20}: (?:to=<|(?:milter-)?reject: |host \S{1,255}\[)"
    rf"|{_EXIM_ID}(?:\*\*|==) |\S{{1,255}}\[[0-9A-Fa-f:.]{{3,45}}\]: SASL \S{{2,40}} authentication failed:".encode()
)
_FIELD = re.compile(
    rb'"(log|message|@message|short_message|full_message|MESSAGE|msg|line|original|textPayload|_raw)"\s{0,4}:\s{0,4}'
    rb'("(?:[^"\\\n]|\\[^\n]){1,16384})(?:"|\Z)'
)
_JOURNAL = re.compile(rb'\{[^\n]{0,20000}"(?:__REALTIME_TIMESTAMP|SYSLOG_IDENTIFIER)"')
_WHEN = re.compile(
    rb'"(?:time|@timestamp|timestamp|ts|date|datetime)"\s{0,4}:\s{0,4}'
    rb'(?:"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z-]{0,24})"|"?(\d{10})(\d{3})?(?:\.\d{1,9})?"?[,}\s])'
)
_ZONED = re.compile(rb"(?<![\w:.-])(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))")
_ZONED_FIELD = re.compile(rb'"(?:time|@timestamp|timestamp|ts|date|datetime)"\s{0,4}:\s{0,4}"%s"' % _ZONED.pattern)
_IN_NO_ZONE = re.compile(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?(?= )")
_IDENT = re.compile(
    rb'"(?:program|programname|ident|identifier|syslog_identifier|app-?name|app_name|tag|name)"\s{0,4}:\s{0,4}'
    rb'"(%s)(?:\[\d{1,10}\])?:?"' % _PROGRAM.encode()
)
_ANY_PROGRAM = b"mta"


def unwrapped(octets: bytes) -> bytes:
    """The same lines, those of a mail log that something else carries without it; the same octets if there is none."""
    lines = octets.split(b"\n")
    bare = [_bare(line) for line in lines]
    return octets if all(map(_is, bare, lines)) else b"\n".join(bare)


def blocks(wrapped: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of whole lines, each line as `unwrapped` has it."""
    for block in whole_lines(wrapped, Counts()):
        yield unwrapped(block)


def _is(one: object, other: object) -> bool:
    return one is other


def _bare(line: bytes, depth: int = _DEPTH) -> bytes:
    if _HEADER.match(line):
        return line
    if b'":' in line or b'" :' in line:
        found: dict[bytes, None] = {}
        for field in _FIELD.finditer(line):
            if (said := _of_field(field, line, depth)) is not None and not any(each.startswith(said) for each in found):
                found[said] = None
        if found:
            return b"\n".join(found)
    further = _FURTHER_IN.search(line, 1, _REACH)
    if further is None:
        return line
    return _dated(line[further.start() :], _ZONED.search(line, 0, further.start()))


def _of_field(field: re.Match[bytes], line: bytes, depth: int) -> bytes | None:
    """The log's line that the value of a field is, None for any other value."""
    try:
        said = msgspec.json.decode(field[2] + b'"', type=str).strip().encode("utf-8", "backslashreplace")
    except msgspec.MsgspecError:
        return None
    if _HEADER.match(said):
        return _dated(said, _ZONED_FIELD.search(line))
    if depth and (bare := _bare(said, depth - 1)) is not said:
        return bare
    if field[1] == b"MESSAGE" and _JOURNAL.match(line):
        return None  # the journal's own entry is read with all its fields
    ident = _IDENT.search(line)
    is_named = _NAMED.match(said) is not None
    if not (ident or is_named or _MESSAGE.match(said)):
        return None
    program = b"" if is_named else (ident[1] if ident else _ANY_PROGRAM) + b": "
    when = _time(line)
    return b"%s - %s%s" % (when, program, said) if when else said


def _dated(line: bytes, outer: re.Match[bytes] | None) -> bytes:
    """The line with the time that is known with its zone, where its own has neither that nor a year."""
    own = _IN_NO_ZONE.match(line)
    return outer[1] + line[own.end() :] if own and outer else line


def _time(line: bytes) -> bytes | None:
    """The time that another field of the object has."""
    found = _WHEN.search(line)
    if found is None:
        return None
    return found[1] or datetime.fromtimestamp(int(found[2]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
