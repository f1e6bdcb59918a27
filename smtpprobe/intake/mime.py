"""The parts of messages: their fields, and their bodies as text whatever transfer encoding and markup they are in."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from smtpprobe.intake.found import MAX_REPLY, text

DEPTH = 4  # messages within messages that are read
_MAX_PART = 1 << 18  # octets of one part that are read
_MAX_STATUS = 1 << 24  # octets of one that tells of each recipient
_MAX_LINES = 1 << 19
_MAX_FIELDS = 500
STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_MAX_BOUNDARIES = 20
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,80})[ \t]*:[ \t]*(.*)", re.DOTALL)
_SEPARATOR = re.compile(rb"From \S{1,400} .{0,200}\d:\d\d")
_REFUSED = re.compile(rb"status:[ \t]*[45]\.", re.IGNORECASE)
_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE)
# Those that a decoder reads in linear time and that differ from UTF-8.
_CHARSETS = re.compile(
    r"iso-8859-\d{1,2}|windows-\d{3,4}|cp\d{3,4}|koi8-[rtu]|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr)"
    r"|iso-2022-(?:jp|kr)|utf-16(?:le|be)?|macintosh|ks_c_5601-1987"
)
_ATTACHED_FILE = re.compile(r"name\s*+=\s*+\"?[^\";]{1,200}\.eml\b", re.IGNORECASE)


class Part(msgspec.Struct, kw_only=True):
    """One part of a message: its fields (lower-case names), and its body as written.

    `begun` is the number of the body's first line; `returned`: it stands in a report (RFC 6522), so that a message in
    it is the one that came back. `cut` counts the recipients' fields of status beyond the octets that are read.
    """

    fields: dict[str, str]
    body: list[bytes]
    begun: int
    returned: bool = False
    default: str = "text/plain"
    size: int = 0
    limit: int = _MAX_PART
    cut: int = 0

    @property
    def type(self) -> str:
        return self.fields.get("content-type", self.default).partition(";")[0].strip().lower()

    @property
    def is_encoded(self) -> bool:
        return self._coding in ("quoted-printable", "base64")

    @property
    def is_message(self) -> bool:
        """Whether a whole message is attached; many clients attach a saved one as a file of no known type."""
        if self.type in ("message/rfc822", "message/global"):
            return True
        names = self.fields.get("content-type", "") + ";" + self.fields.get("content-disposition", "")
        return self.type.startswith("application/") and _ATTACHED_FILE.search(names) is not None

    @property
    def _coding(self) -> str:
        return self.fields.get("content-transfer-encoding", "").strip().lower()

    def add(self, line: bytes) -> None:
        if self.size < self.limit and len(self.body) < _MAX_LINES:
            self.body.append(line)
            self.size += len(line) + 1
        elif _REFUSED.match(line):
            self.cut += 1

    def octets(self) -> bytes:
        """The body, its transfer encoding taken away."""
        body = b"\n".join(self.body)
        if self._coding == "quoted-printable":
            return quopri.decodestring(body)
        if self._coding == "base64":
            packed = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
            # One character alone holds no octet: the end was cut off.
            packed = packed[:-1] if len(packed) % 4 == 1 else packed
            with suppress(binascii.Error):
                return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))
        return body

    def decoded(self) -> str:
        """The body as text with line feeds: transfer encoding, charset and markup taken away."""
        words = self._characters().replace("\r\n", "\n")
        return _without_markup(words) if self.type == "text/html" else words

    def _characters(self) -> str:
        named = _CHARSET.search(self.fields.get("content-type", ""))
        if named and _CHARSETS.fullmatch(named[1].lower()):
            with suppress(LookupError, UnicodeError):
                return self.octets().decode(named[1], "backslashreplace")
        return text(self.octets())


_HIDDEN = re.compile(r"<(/?)(?:style|script)\b[^<>]{0,500}>", re.IGNORECASE)
_BREAK = re.compile(r"<br\b[^<>]{0,500}>", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|tr|table|hr|li|ul|ol|h[1-6]|pre|blockquote)\b[^<>]{0,500}>", re.IGNORECASE)


def _without_markup(words: str) -> str:
    """The text of HTML, with an empty line between paragraphs."""
    from html import unescape

    pieces = _HIDDEN.split(words)
    shown = [piece for at, piece in enumerate(pieces[::2]) if at == 0 or pieces[2 * at - 1]]
    words = _BLOCK.sub("\n\n", _BREAK.sub("\n", " ".join(shown)))
    words = unescape(re.sub(r"<[^<>]{1,500}>", " ", words)).replace("\xa0", " ")
    return "\n".join(line.strip(" \t") for line in words.split("\n"))


def parts(lines: Iterable[bytes]) -> Iterator[Part | None]:
    """The parts of each message with their fields, None between two messages of a mailbox.

    Parts of parts stand in a row, a message's own first; a message within stays the body of its part.
    """
    boundaries: list[tuple[str, Part]] = []
    part = Part(fields={}, body=[], begun=1)
    in_fields, name, line = True, "", b""
    for number, following in enumerate(lines, start=1):
        before, line = line, following
        if _is_separator(line, before, part, in_fields):
            yield part
            yield None
            boundaries, part, in_fields, name = [], Part(fields={}, body=[], begun=number), True, ""
            continue
        if boundaries and line.startswith(b"--") and (known := _boundary(line, boundaries)) is not None:
            yield part
            del boundaries[known + 1 :]
            part, in_fields, name = _within(boundaries[known][1], number), True, ""
            continue
        if not in_fields:
            part.add(line)
            continue
        if not line:
            # A message without fields is all text.
            in_fields = not part.fields and not boundaries
            part.begun = number + 1
            part.limit = _MAX_STATUS if part.type in STATUS_TYPES else _MAX_PART
            nests = part.type.startswith("multipart/") and len(boundaries) < _MAX_BOUNDARIES
            if nests and (found := _BOUNDARY.search(part.fields["content-type"])):
                boundaries.append(("--" + (found[1] or found[2]), part))
        elif line[:1] in b" \t" and name:
            if len(part.fields.get(name, " " * MAX_REPLY)) < MAX_REPLY:
                part.fields[name] = (part.fields[name] + " " + text(line.strip()))[:MAX_REPLY]
        elif field := _FIELD.match(line):
            name = text(field[1]).lower()
            if len(part.fields) < _MAX_FIELDS:
                part.fields.setdefault(name, text(field[2])[:MAX_REPLY])
            if name in ("final-recipient", "reporting-mta"):
                in_fields, part.begun = False, number
                part.add(line)
        elif not line.startswith(b"From "):
            in_fields, part.begun = False, number
            part.add(line)
    yield part


def _is_separator(line: bytes, before: bytes, part: Part, in_fields: bool) -> bool:
    """Whether a message of a mailbox begins here: its line names a time, as other lines with this word do not."""
    if not line.startswith(b"From ") or (not part.fields if in_fields else before):
        return False
    return _SEPARATOR.match(line) is not None


def _boundary(line: bytes, boundaries: list[tuple[str, Part]]) -> int | None:
    stripped = text(line.rstrip())
    for index in range(len(boundaries) - 1, -1, -1):
        if stripped in (boundaries[index][0], boundaries[index][0] + "--"):
            return index
    return None


def _within(parent: Part, number: int) -> Part:
    # RFC 2046 §5.1.5: what a digest holds are messages unless they say otherwise.
    default = "message/rfc822" if parent.type == "multipart/digest" else "text/plain"
    return Part(
        fields={}, body=[], begun=number, returned=parent.returned or parent.type == "multipart/report", default=default
    )


_PACKED = re.compile(rb"(?im)^content-(?:transfer-encoding:\s*(?:base64|quoted-printable)|type:\s*text/html)")


def unpacked(head: bytes, depth: int = DEPTH) -> bytes:
    """What a message says in parts that are encoded or marked up, as UTF-8; empty where it has none of them."""
    if not depth or not _PACKED.search(head):
        return b""
    said: list[bytes] = []
    for part in parts(line.rstrip(b"\r") for line in head.split(b"\n")):
        if part is None or (part.returned and part.is_message):
            continue
        if part.is_message:
            octets = part.octets()
            said += [octets if part.is_encoded else b"", unpacked(octets, depth - 1)]
        elif part.type == "text/html" or (part.is_encoded and part.type.startswith(("text/", "message/"))):
            said.append(part.decoded().encode())
    return b"\n".join(said)
