"""Server text as it may stand inside a sentence of ours."""

from __future__ import annotations

_LONGEST = 200


def shown(text: str, longest: int = _LONGEST) -> str:
    """The text with everything that is not printable escaped (controls, bidi, surrogates), cut to `longest`."""
    cut = text[:longest]
    escaped = "".join(char if char.isprintable() else _escaped(char) for char in cut)
    return escaped + "…" if len(text) > longest else escaped


def _escaped(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
