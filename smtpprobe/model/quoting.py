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
    return repr(_seen(cut(text, limit)))


def apart(text: str) -> str:
    """The text as an item of a list; in quotation marks where it has what separates the items."""
    return f'"{text}"' if "," in text or ";" in text else text


def printable(text: str, limit: int = 200) -> str:
    """The text without quotation marks, all that cannot be printed or seen escaped (controls, bidi, surrogates), and cut."""
    shown = text[:limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(char if char.isprintable() else escaped(char) for char in _seen(shown))
    return shown + "…" if len(text) > limit else shown


def escaped(char: str) -> str:
    """One character by its number: a character of Unicode as <U+XXXX>; US-ASCII, and an octet that is none, as Python does."""
    number = ord(char)
    if number < 0x80:
        return f"\\x{number:02x}"
    # Lone surrogates stand for octets that could not be decoded.
    return f"\\u{number:04x}" if 0xD800 <= number < 0xE000 else f"<U+{number:04X}>"


def _seen(text: str) -> str:
    """The text with every character of Unicode that cannot be seen escaped; US-ASCII and lone surrogates are left."""
    return text if text.isascii() else "".join(escaped(char) if _is_unseen(char) else char for char in text)


def _is_unseen(char: str) -> bool:
    is_character = char > "\x7f" and not "\ud800" <= char <= "\udfff"
    return is_character and (not char.isprintable() or _UNSEEN.match(char) is not None)
