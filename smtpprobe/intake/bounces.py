"""The refusals in non-delivery reports: by their fields (RFC 3464), else by their words; alone, attached, in a mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from smtpprobe.intake.bounced import words as bounced_words
from smtpprobe.intake.found import MAX_REPLY, Counts, Found, domain_of, text, without_command
from smtpprobe.intake.mime import DEPTH, STATUS_TYPES, Part, parts
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered, server_of
from smtpprobe.model.transcript import Side

_MAX_ADDRESS = 320  # RFC 5321 §4.5.3.1: 64 octets, an at sign, 255
_MAX_SEARCHED = 1 << 16  # characters of a report's words
# What programs write into a notice of delay and into no other.
WAITS = re.compile(
    r"\bdelay(?:ed| reason)\b|\bnot yet been delivered|\bdelivery incomplete|\bwill (?:retry|be retried|keep trying"
    r"|continue to (?:try|be)|try again|be (?:tried|attempted) again)|\bdo not need to resend|\bno need to resend"
    r"|\bnot necessary to resend|\bno action is required|\bfor the (?:past|last) \d{1,3} hours?\b",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"mailer-daemon|postmaster@|mail delivery|microsoftexchange[0-9a-f]{6}", re.IGNORECASE)


def refusals(lines: Iterable[bytes], counts: Counts | None = None) -> Iterator[Found]:
    """Every recipient's refusal in a bounce, in a mail that bounces are attached to, or in a mailbox of them.

    What a report returns of the message is not read. Recipients beyond the octets that are read of a part are counted
    in `counts.unread`; in encoded parts they cannot be.
    """
    for found in _refusals(lines, DEPTH, counts or Counts()):
        yield msgspec.structs.replace(found, side=Side.SENDING, server=server_of(found.peer, found.reply))


def _refusals(lines: Iterable[bytes], depth: int, counts: Counts) -> Iterator[Found]:
    message = _Message(depth, counts)
    for part in parts(lines):
        if part is None:
            yield from message.in_words()
            message = _Message(depth, counts)
        else:
            yield from message.read(part)
    yield from message.in_words()


class _Message:
    """One message while its parts are read."""

    def __init__(self, depth: int, counts: Counts) -> None:
        self._depth = depth
        self._counts = counts
        self._automatic: bool | None = None
        self._when: str | None = None
        self._told = self._attached = False
        self._stated: list[Found] = []
        self._mentioned: list[Found] = []

    def read(self, part: Part) -> Iterator[Found]:
        """The refusals that the part's fields tell, or the message that is attached as this part."""
        if self._automatic is None:
            self._automatic = is_automatic(part.fields)
        self._when = self._when or part.fields.get("date")
        is_text = part.type.startswith("text/") and part.type != "text/rfc822-headers"
        if part.type in STATUS_TYPES or (is_text and _has_status(part)):
            self._counts.unread += part.cut
            for found in _recipients(part, self._when):
                self._told = True
                yield _completed(found, self._stated or self._mentioned)
        elif part.is_message:
            if not self._returns(part):
                yield from self._message(part)
        elif is_text and not (self._told or self._stated):
            self._words(part)

    def in_words(self) -> Iterator[Found]:
        """The refusals that only the words tell."""
        if not (self._told or self._attached):
            yield from self._stated or self._mentioned

    def _returns(self, part: Part) -> bool:
        """Whether the message in the part is the one that came back."""
        told = self._told or (self._automatic and (self._stated or self._mentioned))
        return part.returned or bool(told) or not self._depth

    def _message(self, part: Part) -> Iterator[Found]:
        self._counts.unread += part.cut
        attached = (line.rstrip(b"\r") for line in part.octets().split(b"\n"))
        for found in _refusals(attached, self._depth - 1, self._counts):
            self._attached = True
            line = part.begun if part.is_encoded else part.begun + (found.line or 1) - 1
            yield msgspec.structs.replace(found, line=line)

    def _words(self, part: Part) -> None:
        words = part.decoded()
        queued = _queued(words) if self._automatic or self._depth == DEPTH else None
        self._stated = _with_place(bounced_words.stated(words), self._when, part.begun, queued)
        # A mail that is attached may speak of replies without being a bounce.
        if not self._stated and not self._mentioned and (self._automatic or self._depth == DEPTH):
            told = queued if self._automatic else None
            self._mentioned = _with_place(bounced_words.mentioned(words), self._when, part.begun, told)


def is_automatic(fields: dict[str, str]) -> bool:
    """Whether a message with these fields was written by a mail system."""
    return (
        fields.get("return-path", "").strip() == "<>"
        or "x-failed-recipients" in fields
        or fields.get("auto-submitted", "").strip().lower().startswith(("auto-replied", "auto-generated"))
        or _DAEMON.search(fields.get("from", "")) is not None
    )


def _with_place(said: Iterable[Found], when: str | None, begun: int, queued: bool | None) -> list[Found]:
    return [msgspec.structs.replace(found, when=when, line=begun, queued=queued) for found in said]


def _queued(words: str) -> bool:
    """Whether a report says that the message is tried again: any other tells of one that was given up."""
    return WAITS.search(words[:_MAX_SEARCHED]) is not None


def _completed(found: Found, plain: list[Found]) -> Found:
    """What the fields tell of a recipient, with what the words for people tell beyond it: reply, phase, peer."""
    of_domain = [each for each in plain if each.recipient_domain == found.recipient_domain]
    if not of_domain or found.recipient_domain is None:
        return found
    same = next((each for each in of_domain if each.recipient == found.recipient), of_domain[0])
    if re.fullmatch(r"[45]\.\d{1,3}\.\d{1,3}", found.reply):
        reply = same.reply if re.match(r"[45]\d\d\b|[45]\.\d", same.reply) else f"{found.reply} {same.reply}"
        found = msgspec.structs.replace(found, reply=reply, phase=same.phase)
    elif found.phase is None and found.reply[:3] == same.reply[:3]:
        found = msgspec.structs.replace(found, phase=same.phase)
    return found if found.peer else msgspec.structs.replace(found, peer=same.peer)


def _has_status(part: Part) -> bool:
    """Whether the fields of a delivery status were pasted without their message."""
    return any(line[:16].lower() == b"final-recipient:" for line in part.body[:60])


def _recipients(part: Part, when: str | None) -> Iterator[Found]:
    """The recipients of a delivery-status part that failed or wait, in order (RFC 3464 §2.3)."""
    for begun, group in _groups(part):
        diagnostic = group.get("diagnostic-code", "")
        status = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", group.get("status", ""))
        recipient = group.get("final-recipient") or group.get("original-recipient")
        action = group.get("action", "failed").strip().lower()
        if recipient is None or action not in ("failed", "delayed") or not (diagnostic or status):
            continue
        reply = diagnostic.partition(";")[2].strip() if ";" in diagnostic[:40] else diagnostic.strip()
        reply, phase = without_command(reply)
        if said := re.search(r"\bsaid: ([45]\d\d[ -].*)", reply):
            reply = said[1]
        if is_unanswered(reply):
            phase = phase or phase_unanswered(reply)
        elif not re.match(r"#?[<\"']{0,2}[45]\d\d\b", reply) and status and status[0] not in reply[:12]:
            reply = f"{status[0]} {reply}".strip()
        peer = group.get("remote-mta", "").rpartition(";")[2].strip() or None
        seen = group.get("last-attempt-date") or when
        yield Found(
            reply=reply[:MAX_REPLY],
            phase=phase,
            recipient_domain=domain_of(recipient),
            when=seen,
            peer=peer,
            line=begun,
            recipient=_address(recipient),
            queued=action == "delayed",
        )


def _address(recipient: str) -> str | None:
    # RFC 3464 §2.3.2: the address stands after its type.
    return recipient.rpartition(";")[2].strip(" \t\r<>")[:_MAX_ADDRESS] or None


def _groups(part: Part) -> Iterator[tuple[int, dict[str, str]]]:
    """The groups of fields of a delivery-status part with the lines that they begin on, the message's own being first."""
    group: dict[str, str] = {}
    name, begun = "", part.begun
    body = part.decoded().split("\n") if part.is_encoded else map(text, part.body)
    for number, line in enumerate(chain(body, ("",)), start=part.begun):
        if not line.strip():
            if group:
                yield begun, group
            group, name = {}, ""
        elif line[:1] in " \t" and name:
            if len(group[name]) < MAX_REPLY:
                group[name] = (group[name] + " " + line.strip())[:MAX_REPLY]
        elif ":" in line:
            here = part.begun if part.is_encoded else number
            begun = begun if group else here
            name, _, value = line.partition(":")
            name = name.strip().lower()
            if name == "final-recipient" and name in group:
                yield begun, group
                group, begun = {}, here
            group[name] = value.strip()[:MAX_REPLY]
