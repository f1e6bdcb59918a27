"""Text of a peer as it may stand inside a sentence of ours: cut, quoted, or with what cannot be printed escaped."""

from __future__ import annotations

import re

# Characters that Unicode calls printable and that show nothing: fillers, joiners, variation selectors, the empty Braille.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def cut(text: str, limit: int) -> str:
    """The text, at most `limit` characters long; an ellipsis stands for what is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quoted(text: str, limit: int = 40) -> str:
    """The text cut, in quotation marks, with everything that cannot be printed or seen escaped."""
    return _UNSEEN.sub(lambda match: _escaped(match.group()), repr(cut(text, limit)))


def apart(text: str) -> str:
    """The text as an item of a list; in quotation marks where it has what separates the items."""
    return f'"{text}"' if "," in text or ";" in text else text


def printable(text: str, limit: int = 200) -> str:
    """The text without quotation marks, all that cannot be printed or seen escaped (controls, bidi, surrogates), and cut."""
    escaped = "".join(
        char if char.isprintable() and not _UNSEEN.match(char) else _escaped(char) for char in text[:limit]
    )
    return escaped + "…" if len(text) > limit else escaped


def _escaped(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
