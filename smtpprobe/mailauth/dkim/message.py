"""A message as DKIM reads it: header fields, body, and their canonical forms (RFC 6376 §3.4)."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from smtpprobe.model import limits
from smtpprobe.model.evidence.dkim import RepeatedField

_FIELD_START = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:")
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_SIGNATURE = b"dkim-signature"
_FIRST_TAG_B = re.compile(rb"[ \t\r\n]*b[ \t\r\n]*=([^;]*)")
_TAG_B = re.compile(rb";[ \t\r\n]*b[ \t\r\n]*=([^;]*)")
_EMPTY_LINES = (b"\r\n" * (1 << 16), b"\r\n" * (1 << 8), b"\r\n")


class Field(msgspec.Struct, frozen=True):
    """A header field: its name in lower case, and its octets with the final CRLF."""

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """What stands after the colon, folding and all, without the final CRLF."""
        return self.raw.partition(b":")[2].removesuffix(b"\r\n")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message taken apart, its lines ended with CRLF; `is_whole` where its header is within the limits.

    `mixed_body` is the body as it arrived, where some of the message's lines end in CRLF and others in a bare LF.
    """

    fields: tuple[Field, ...]
    body: bytes
    is_whole: bool = True
    mixed_body: bytes | None = None


def split(message: bytes) -> Message:
    """The header fields and the body of a message with LF or CRLF line ends; never raises.

    A line at the top that begins with `From ` is a mailbox file's and is dropped. What stands in the header without
    being a field ends the header, as the empty line does. Of a header beyond the limits the rest is passed over.
    """
    ends = message.count(b"\n")
    whole = message.count(b"\r\n")
    if ends == whole:
        return _split(message)
    parts = _split(message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    if not whole:
        return parts
    lines = message.split(b"\n", ends - parts.body.count(b"\n"))
    return msgspec.structs.replace(parts, mixed_body=lines[-1])


def bare_line_ends(message: bytes) -> int:
    """How many lines end in a bare LF, where others end in CRLF; 0 where all ends are of one kind."""
    whole = message.count(b"\r\n")
    return message.count(b"\n") - whole if whole else 0


def rejoined(parts: Message) -> Message | None:
    """The message with the header going on in the first lines of its body; None where those are no header fields."""
    end = parts.body.find(b"\r\n\r\n")
    more = _split(parts.body) if end > 0 and _FIELD_START.match(parts.body) else None
    if more is None or not more.fields or parts.body[end + 4 :] != more.body:
        return None
    return Message(fields=(*parts.fields, *more.fields), body=more.body)


def _split(octets: bytes) -> Message:
    if octets.startswith(b"From ") and _FIELD_START.match(octets) is None:
        octets = octets.partition(b"\r\n")[2]
    if not octets or octets.startswith(b"\r\n"):
        return Message(fields=(), body=octets[2:])
    end = octets.find(b"\r\n\r\n")
    length = end if end >= 0 else len(octets.removesuffix(b"\r\n"))
    header = octets[: min(length, limits.MAX_HEADER)]
    fields: list[Field] = []
    at = 0
    while at < len(header) and len(fields) < limits.MAX_FIELDS:
        found = _FIELD_END.search(header, at)
        stop = found.start() if found else len(header)
        match = _FIELD_START.match(header, at, stop)
        if match is None:
            return Message(fields=tuple(fields), body=octets[at:])
        fields.append(Field(match.group(1).lower(), header[at:stop] + b"\r\n"))
        at = stop + 2
    return Message(fields=tuple(fields), body=octets[end + 4 :] if end >= 0 else b"", is_whole=at >= length)


def canonical_field(field: bytes, algorithm: str) -> bytes:
    """One header field with its CRLF in canonical form: `simple` or `relaxed` (RFC 6376 §3.4.1, §3.4.2)."""
    if algorithm == "simple":
        return field
    name, _, value = field.partition(b":")
    # Inside a field every CRLF but the last is followed by white space: each is folding.
    return name.rstrip(b" \t").lower() + b":" + _single_spaced(value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def _single_spaced(octets: bytes) -> bytes:
    """The octets with each run of spaces and tabs as one space. Runs are halved each time round."""
    octets = octets.replace(b"\t", b" ")
    while b"  " in octets:
        octets = octets.replace(b"  ", b" ")
    return octets


def canonical_body(body: bytes, algorithm: str) -> bytes:
    """The body in canonical form (RFC 6376 §3.4.3, §3.4.4)."""
    if algorithm == "relaxed":
        body = _single_spaced(body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    end = len(body)
    # Many lines at a time: a body may be nothing but empty ones.
    for ending in _EMPTY_LINES:
        while body.endswith(ending, 0, end):
            end -= len(ending)
    if end == 0:
        # RFC 6376 §3.4.3: an empty body is one CRLF for simple; §3.4.4: nothing for relaxed.
        return b"\r\n" if algorithm == "simple" else b""
    return body[:end] + b"\r\n"


class CanonicalBodies:
    """The body in canonical form, made once for each algorithm."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._made: dict[str, bytes] = {}

    def by(self, algorithm: str) -> bytes:
        made = self._made.get(algorithm)
        if made is None:
            made = self._made[algorithm] = canonical_body(self._body, algorithm)
        return made


class HeaderFields:
    """The header fields of a message by name, put in order once for all of its signatures."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self._fields = fields
        instances: dict[bytes, list[bytes]] = {}
        for field in fields:
            instances.setdefault(field.name, []).append(field.raw)
        self._instances = instances
        self._other_signatures: tuple[int, list[bytes]] | None = None

    def own(self, signature: int) -> bytes:
        """The signature field at that position."""
        return self._fields[signature].raw

    def beside(self, signature: int) -> Mapping[bytes, Sequence[bytes]]:
        """The fields of each name from the top down, but for the signature field at that position."""
        return ChainMap({_SIGNATURE: self._beside(signature)}, self._instances)

    def signed_octets(self, signature: int, names: Iterable[bytes], algorithm: str) -> bytes:
        """What the signature field at that position signs: the named fields, then itself with b= empty (RFC 6376 §3.7)."""
        taken: dict[bytes, int] = {}
        chosen = []
        for name in names:
            instances = self._instances.get(name)
            if instances is None:
                continue
            if name == _SIGNATURE:
                instances = self._beside(signature)
            # RFC 6376 §5.4.2: of a name that stands several times, the instances count from the bottom up.
            taken[name] = number = taken.get(name, 0) + 1
            if number <= len(instances):
                chosen.append(canonical_field(instances[-number], algorithm))
        own = without_signature(self._fields[signature].raw)
        chosen.append(canonical_field(own, algorithm).removesuffix(b"\r\n"))
        return b"".join(chosen)

    def _beside(self, signature: int) -> list[bytes]:
        """The signature fields without the one at that position."""
        if self._other_signatures is None or self._other_signatures[0] != signature:
            others = [raw for at, raw in self._signatures if at != signature]
            self._other_signatures = (signature, others)
        return self._other_signatures[1]

    @cached_property
    def _signatures(self) -> list[tuple[int, bytes]]:
        """The signature fields with their positions."""
        return [(at, field.raw) for at, field in enumerate(self._fields) if field.name == _SIGNATURE]


def without_signature(field: bytes) -> bytes:
    """The DKIM-Signature field with the value of its b= tag deleted (RFC 6376 §3.5)."""
    found = _FIRST_TAG_B.match(field, field.find(b":") + 1) or _TAG_B.search(field)
    if found is None:
        return field
    start, end = found.span(1)
    if end == len(field) and found[1].endswith(b"\r\n"):
        end -= 2
    return field[:start] + field[end:]


# RFC 5322 §3.6: fields that stand once at most; From is judged with the author. RFC 2045 §3: those of MIME.
_ONCE = (
    b"date", b"sender", b"reply-to", b"to", b"cc", b"bcc", b"message-id", b"in-reply-to", b"references", b"subject",
    b"mime-version", b"content-type", b"content-transfer-encoding",
)  # fmt: skip


def repeated_fields(parts: Message) -> tuple[RepeatedField, ...]:
    """The fields that may stand once and are there several times, each named as it is written the first time."""
    seen: dict[bytes, list[Field]] = {}
    for field in parts.fields:
        if field.name in _ONCE:
            seen.setdefault(field.name, []).append(field)
    return tuple(
        RepeatedField(fields[0].raw.partition(b":")[0].strip().decode("ascii", "replace"), len(fields))
        for fields in seen.values()
        if len(fields) > 1
    )
