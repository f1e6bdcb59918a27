"""What waits in a mail server's queue, as `postqueue`, `mailq`, `exim -bp` and Exchange list it, and why if they say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain

import msgspec

from smtpprobe.intake.found import MAX_REPLY, Counts, Found, domain_of, text
from smtpprobe.intake.logs.lines import Refusal
from smtpprobe.intake.logs.postfix import reason
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered, server_of
from smtpprobe.model.transcript import Side

# How the lists begin.
POSTFIX_JSON = rb"\A\s*\{ ?\"queue_name\" ?: ?\""
EXIM_LIST = rb"\A\s{0,40}\d{1,5}[smhdw] {1,6}[\d.]{1,7}[KMG]? [0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4} <"
POSTFIX_LIST = (
    rb"(?m)\A(?:[^\n]{0,200}\n){0,3}?(?:-{1,2}Queue ID- |Mail queue is empty"
    rb"|[0-9A-Za-z]{5,20}[*!]? {1,20}\d{1,12} [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d {1,4}\S)"
)
SENDMAIL_LIST = (
    rb"(?m)\A(?:[^\n]{0,200}\n){0,3}?(?:-{3,9}Q-ID-{3,9} |\S{1,200} is empty\r?$"
    rb"|[0-9A-Za-z]{12,20}[*X-]? {1,10}\d{1,12} (?:[A-Z0-9]{2} )?[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d )"
)
EXCHANGE_LIST = rb"(?im)^[ \t]{0,20}LastError[ \t]*:|\[?\{LED=|\A\s*Identity {1,80}DeliveryType "
_LISTED = re.compile(
    r"[0-9A-Za-z]{5,20}[*!X-]? {1,20}\d{1,12} (?:[A-Z0-9]{2} )?[A-Z][a-z]{2} |-{1,2}Queue ID-|-{3,9}Q-ID-|-- \d"
    r"|\s{0,40}Total requests",
    re.ASCII,
)
_WHY = re.compile(r"\s{0,40}\((?P<why>.{3,16000})\)\s*\Z", re.DOTALL)
_LISTED_RECIPIENT = re.compile(r"[ \t]{8,60}<?(?P<to>[^\s<>]{1,320})>?\s*\Z")
_WAITS_SINCE = re.compile(
    r"[0-9A-Za-z]{5,20}[*!X-]? {1,20}\d{1,12} (?:[A-Z0-9]{2} )?(?:[A-Z][a-z]{2} )?(?P<when>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
)
_ERROR_FIELD = re.compile(r"\s*LastError\s*:\s?(?P<words>.*)", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(r"[ \t]{0,20}[A-Za-z][A-Za-z0-9]{1,60}[ \t]{0,60}:(?: |\Z)")
_PARTS = re.compile(r"\{(?P<name>LED|MSG|FQDN|IP|LRT)=(?P<value>[^{}]{0,4000})\}")
_NEXT_HOP = re.compile(r"\s*NextHopDomain\s*:\s*(?P<domain>[\w.-]{3,255})\s*\Z", re.IGNORECASE)
_IN_TABLE = re.compile(r"\S{1,200}\\\d{1,20} .{0,400} (?P<domain>(?:[\w-]{1,63}\.){1,10}[A-Za-z]{2,63})\s*\Z")
# What Exchange says of its own, with the reply or the words that it quotes.
_EXCHANGES_OWN = re.compile(
    r"(?P<code>[45]\d\d [45]\.\d\.\d{1,3} )"
    r"(?:Error encountered while communicating with|Primary target IP address responded with)"
    r"[^:\n]{0,80}: ?\"(?P<quoted>.{3,2000}?)\"(?=[ .]|\Z)",
    re.DOTALL,
)
_NO_ANSWER = re.compile(
    r"[45]\d\d [45]\.\d\.\d{1,3} (?P<words>(?:Connection (?:timed out|dropped|refused|reset)|Unable to connect|Failed to connect"
    r"|DNS query failed|Socket error|Network|Host unreachable|Server (?:connection|disconnected)).{0,2000})",
    re.DOTALL | re.IGNORECASE,
)


class Queue(StrEnum):
    """The mail server whose queue is listed."""

    POSTFIX = "Postfix"
    EXIM = "Exim"
    SENDMAIL = "Sendmail"
    EXCHANGE = "Exchange"


class _Recipient(msgspec.Struct):
    address: str = ""
    delay_reason: str = ""


class _Waiting(msgspec.Struct):
    arrival_time: int = 0
    recipients: list[_Recipient] = []


_waiting = msgspec.json.Decoder(_Waiting)


def refusals(lines: Iterable[bytes], queue: Queue, counts: Counts) -> Iterator[Found]:
    """Each recipient that waits and was tried, with the reason for it; a line that cannot be read counts as unread.

    Exim lists no reasons: its messages wait, and nothing is said of a refusal.
    """
    if queue is Queue.EXIM:
        return filter(None, (None for _ in lines))
    if queue is Queue.EXCHANGE:
        return _of_exchange(lines)
    first = next(lines := iter(lines), b"")
    lines = chain((first,), lines)
    return _of_postfix(lines, counts) if first.lstrip()[:1] == b"{" else _of_lists(lines, queue)


def _of_postfix(lines: Iterable[bytes], counts: Counts) -> Iterator[Found]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            message = _waiting.decode(line.decode("utf-8", "replace"))
            when = datetime.fromtimestamp(message.arrival_time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except (msgspec.MsgspecError, ValueError, OverflowError, OSError, RecursionError):
            counts.unread += 1
            continue
        for each in message.recipients:
            if not each.delay_reason.strip():
                continue
            refusal = reason(each.delay_reason[:16384])
            known = when if message.arrival_time else None
            yield _found(refusal, domain_of(each.address), known, number, Queue.POSTFIX)


def _of_lists(lines: Iterable[bytes], queue: Queue) -> Iterator[Found]:
    """Postfix and Sendmail write a reason in brackets, and below it whom it is about."""
    why, line, when, told = "", 0, None, True
    for number, octets in enumerate(lines, start=1):
        words = text(octets[:20000])
        if (given := _WHY.match(words)) is not None:
            if not told:
                yield _waits(why, None, when, line, queue)
            why, line, told = given["why"].strip(), number, False
        elif _LISTED.match(words) or not words.strip():
            if not told:
                yield _waits(why, None, when, line, queue)
            why, told = "", True
            since = _WAITS_SINCE.match(words)
            when = since["when"] if since else when
        elif why and (to := _LISTED_RECIPIENT.match(words)):
            told = True
            yield _waits(why, to["to"], when, line, queue)
    if not told:
        yield _waits(why, None, when, line, queue)


def _waits(why: str, to: str | None, when: str | None, line: int, queue: Queue) -> Found:
    refusal = reason(re.sub(r"\ADeferred: ", "", why)[:16384])
    phase = refusal.phase or (phase_unanswered(refusal.reply) if is_unanswered(refusal.reply) else None)
    return _found(refusal._replace(phase=phase), domain_of(to), when, line, queue)


def _of_exchange(lines: Iterable[bytes]) -> Iterator[Found]:
    """The last error of each queue, which may go on in the lines below it."""
    domain: str | None = None
    gathered, begun = "", 0
    for number, octets in enumerate(lines, start=1):
        words = text(octets[:20000]).rstrip()
        error = _ERROR_FIELD.match(words)
        if gathered and (error or not words or _FIELD.match(words)):
            yield from _last_error(gathered, domain, begun)
            gathered = ""
        if error or (not gathered and "{LED=" in words):
            gathered, begun = error["words"] if error else words[words.index("{LED=") :], number
        elif gathered:
            # PowerShell breaks a value at the edge of the window.
            gathered = f"{gathered}{' ' if words[:1].isspace() else ''}{words.strip()}"[:MAX_REPLY]
        elif named := _NEXT_HOP.match(words) or _IN_TABLE.match(words):
            domain = named["domain"].lower()
    if gathered:
        yield from _last_error(gathered, domain, begun)


def _last_error(words: str, domain: str | None, line: int) -> Iterator[Found]:
    parts = {part["name"]: part["value"].strip() for part in _PARTS.finditer(words)}
    said = parts.get("LED", "" if parts else words.strip())
    if not said:
        return
    if own := _EXCHANGES_OWN.match(said):
        quoted = own["quoted"]
        said = (
            quoted if re.match(r"[45]\d\d[ -]", quoted) else quoted if is_unanswered(quoted) else own["code"] + quoted
        )
    if gone := _NO_ANSWER.match(said):
        said = gone["words"]
    host, address = parts.get("FQDN"), parts.get("IP")
    peer = f"{host} [{address}]" if host and address else host or address or None
    phase = phase_unanswered(said) if is_unanswered(said) else None
    yield _found(Refusal(said, phase, None, peer).sending(), domain, None, line, Queue.EXCHANGE)


def _found(refusal: Refusal, domain: str | None, when: str | None, line: int, queue: Queue | None = None) -> Found:
    return Found(
        reply=refusal.reply[:MAX_REPLY].strip(),
        phase=refusal.phase,
        recipient_domain=domain,
        when=when,
        peer=refusal.peer,
        line=line,
        side=Side.SENDING,
        server=server_of(refusal.peer, refusal.reply),
        program=queue,
        own=refusal.own,
        queued=True,
    )
