"""What a server said, made harmless for the place where it is shown."""

from __future__ import annotations

import unicodedata

# Cc controls, Cf formats (bidi overrides, zero width), Cs lone surrogates, Co private use, Cn unassigned, Zl and Zp separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MAX_MARKS = 3  # combining marks on one character; more are no writing but a flood over the lines around


def terminal(text: str) -> str:
    """The text with everything that could steer a terminal or reorder a line written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown.append(_escaped(character) if marks > MAX_MARKS else _shown(character))
    return "".join(shown)


def json_text(text: str) -> str:
    """JSON with the same characters written as JSON escapes: the same value, harmless where it is shown."""
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(character if _is_harmless(character) else _json_escape(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    return character if unicodedata.category(character) not in _UNSAFE else _escaped(character)


def _is_harmless(character: str) -> bool:
    # JSON's own line feeds are the only controls that stand unescaped in it.
    return character == "\n" or unicodedata.category(character) not in _UNSAFE


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def columns(text: str) -> int:
    """How many columns the text takes on a terminal: wide East Asian characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    # Marks of class Mn stand over or under a letter whatever their combining class is; those of class Mc beside it.
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
