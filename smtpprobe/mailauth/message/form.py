"""The form of a message: what of RFC 5322 §2.1 and §3.6 it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from smtpprobe.mailauth.dkim.message import Message
from smtpprobe.model.evidence.message import FormFault
from smtpprobe.wire.message.octets import MAX_LINE

_SKEW = timedelta(days=1)  # a guess of ours: how far ahead a Date may lie, zones and clocks being what they are


def form_faults(parts: Message, header: bytes, *, longest_line: int, now: datetime) -> Iterator[FormFault]:
    """What is wrong with a message that was taken apart, and whose header, with CRLF line ends, has these octets."""
    if sum(len(field.raw) for field in parts.fields) < len(header):
        yield FormFault.HEADER_BROKEN
    dates = [field.value for field in parts.fields if field.name == b"date"]
    if not dates:
        yield FormFault.NO_DATE
    elif (date := _moment(dates[0])) is None or date > now + _SKEW:
        yield FormFault.DATE_WRONG
    if not any(field.name == b"message-id" and field.value.strip() for field in parts.fields):
        yield FormFault.NO_MESSAGE_ID
    if longest_line > MAX_LINE:
        yield FormFault.LINE_TOO_LONG


def _moment(value: bytes) -> datetime | None:
    """The date and time of a Date field; None where it has none."""
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(value.decode("ascii", "replace").strip())
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
