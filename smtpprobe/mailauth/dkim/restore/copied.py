"""The header fields that a signature carries a copy of, as they were when they were signed (z=, RFC 6376 §3.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smtpprobe.mailauth.dkim.message import canonical_field
from smtpprobe.mailauth.dkim.signature import SignatureTags
from smtpprobe.model.quoting import quoted

MAX_COPIED_OCTETS = 1 << 16  # of z=; nothing is read from a longer one
_MAX_SHOWN = 80
_QUOTED = re.compile(rb"=([0-9A-F]{2})")


class CopiedField(NamedTuple):
    """A field whose copy differs from the one in the message: its name in lower case, its octets by z=, and in words."""

    name: bytes
    raw: bytes
    shown: str


def copied_fields(fields: Mapping[bytes, Sequence[bytes]], read: SignatureTags) -> tuple[CopiedField, ...]:
    """The signed fields of which z= has one copy that differs from the message's field in more than white space."""
    found = []
    for name, value in _copies(read).items():
        present = fields.get(name.encode(), ())
        if value is None or len(present) > 1:
            continue
        title = present[0].partition(b":")[0].rstrip() if present else name.title().encode()
        blank = b"" if value[:1] in (b" ", b"\t", b"\r") else b" "
        raw = title + b":" + blank + value + b"\r\n"
        if not present or canonical_field(present[0], "relaxed") != canonical_field(raw, "relaxed"):
            text = quoted(value.decode("utf-8", "replace").strip(), _MAX_SHOWN)
            found.append(CopiedField(name.encode(), raw, f"{title.decode('ascii', 'replace')} {text}"))
    return tuple(found)


def _copies(read: SignatureTags) -> dict[str, bytes | None]:
    """The copies of signed fields by their names in lower case; None where a name is copied several times."""
    copies: dict[str, bytes | None] = {}
    if len(read.copied) > MAX_COPIED_OCTETS:
        return copies
    signed = frozenset(read.headers)
    for part in "".join(read.copied.split()).split("|"):
        name, colon, text = part.partition(":")
        if colon and name.isascii() and (name := name.lower()) in signed:
            copies[name] = None if name in copies else _octets(text)
    return copies


def _octets(text: str) -> bytes:
    """The octets that a dkim-quoted-printable text stands for (RFC 6376 §2.11)."""
    return _QUOTED.sub(lambda found: bytes((int(found.group(1), 16),)), text.encode("utf-8", "replace"))
