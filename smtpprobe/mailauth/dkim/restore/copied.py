"""The header fields that a signature carries a copy of, as they were when they were signed (z=, RFC 6376 §3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smtpprobe.mailauth.dkim.message import canonical_field
from smtpprobe.mailauth.dkim.signature import SignatureTags
from smtpprobe.model.quoting import quoted

_MAX_SHOWN = 80


class CopiedField(NamedTuple):
    """A field whose copy differs from the one in the message: its name in lower case, its octets by z=, and in words."""

    name: bytes
    raw: bytes
    shown: str


def copied_fields(fields: Mapping[bytes, tuple[bytes, ...]], read: SignatureTags) -> tuple[CopiedField, ...]:
    """The signed fields of which z= has one copy that differs from the message's field in more than white space."""
    names = [name for name, _ in read.copied]
    found = []
    for name, value in read.copied:
        present = fields.get(name.encode(), ())
        if names.count(name) > 1 or name not in read.headers or len(present) > 1:
            continue
        title = present[0].partition(b":")[0].rstrip() if present else name.title().encode()
        blank = b"" if value[:1] in (b" ", b"\t", b"\r") else b" "
        raw = title + b":" + blank + value + b"\r\n"
        if not present or canonical_field(present[0], "relaxed") != canonical_field(raw, "relaxed"):
            text = quoted(value.decode("utf-8", "replace").strip(), _MAX_SHOWN)
            found.append(CopiedField(name.encode(), raw, f"{title.decode('ascii', 'replace')} {text}"))
    return tuple(found)
