"""What waits in a mail server's queue, as `postqueue -j` and `exim -bp` list it, and why if the list says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from smtpprobe.intake.found import MAX_REPLY, Counts, Found, domain_of, text
from smtpprobe.intake.logs.postfix import reason

# How the lists begin.
POSTFIX_LIST = rb"\A\s*\{ ?\"queue_name\" ?: ?\""
EXIM_LIST = rb"\A\s{0,40}\d{1,5}[smhdw] {1,6}[\d.]{1,7}[KMG]? [0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4} <"
_MESSAGE = re.compile(
    r" {0,4}(?P<words>\d{1,5}[smhdw] {1,6}[\d.]{1,7}[KMG]? [0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) <",
    re.ASCII,
)
_RECIPIENT = re.compile(r" {7,12}(?P<done>D )?(?P<to>[^\s]{1,320})\s*\Z")


class Queue(StrEnum):
    """The mail server whose queue is listed."""

    POSTFIX = "Postfix"
    EXIM = "Exim"


class _Recipient(msgspec.Struct):
    address: str = ""
    delay_reason: str = ""


class _Waiting(msgspec.Struct):
    arrival_time: int = 0
    recipients: list[_Recipient] = []


_waiting = msgspec.json.Decoder(_Waiting)


def refusals(lines: Iterable[bytes], queue: Queue, counts: Counts) -> Iterator[Found]:
    """Each recipient that waits and was tried, with the reason for it; a line that cannot be read counts as unread."""
    return _of_postfix(lines, counts) if queue is Queue.POSTFIX else _of_exim(lines)


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
            yield Found(
                reply=refusal.reply[:MAX_REPLY].strip(),
                phase=refusal.phase,
                recipient_domain=domain_of(each.address),
                when=when if message.arrival_time else None,
                peer=refusal.peer,
                line=number,
            )


def _of_exim(lines: Iterable[bytes]) -> Iterator[Found]:
    """Exim lists no reasons: the words are those of the list, without addresses and whether the message is frozen."""
    words = ""
    for number, octets in enumerate(lines, start=1):
        line = text(octets[:1024])
        if message := _MESSAGE.match(line):
            words = " ".join(message["words"].split())
        elif words and (recipient := _RECIPIENT.match(line)) and not recipient["done"]:
            yield Found(reply=words, recipient_domain=domain_of(recipient["to"]), line=number)
