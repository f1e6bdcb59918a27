"""The characters of a record that are not those of RFC 7208: named, shown, and replaced with what they stand for."""

from __future__ import annotations

import re
import unicodedata

_MAX_NAMED = 3
# Undecodable octets reach us as text, written \xNN by the lookup.
_RAW_BLANK = re.compile(r"\\xa0|&nbsp;|&#160;|%20", re.IGNORECASE)
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_TILDES = re.compile("[\u02dc\u223c\u301c\uff5e]")
QUOTES = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
_QUOTES = re.compile(rf"\\?[{QUOTES}]|\\\Z")


def odd_characters(text: str) -> str | None:
    """The characters outside printable US-ASCII by number and name, each once; None where there are none."""
    if text.isascii() and text.isprintable():
        return None
    odd = [char for char in dict.fromkeys(text) if not " " <= char <= "~"]
    more = f" and {len(odd) - _MAX_NAMED} more" if len(odd) > _MAX_NAMED else ""
    return ", ".join([_named(char) for char in odd[:_MAX_NAMED]]) + more


def visible(text: str) -> str:
    """The text with each character outside printable US-ASCII as <U+XXXX>, since most of them cannot be seen."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([char if " " <= char <= "~" else f"<U+{ord(char):04X}>" for char in text])


def replaced(text: str) -> str:
    """The text in US-ASCII as it was meant: odd blanks as blanks, odd dashes as hyphens, nothing that cannot be seen.

    Quotation marks become blanks, since they stand where a string ends.
    """
    text = _RAW_BLANK.sub(" ", text)
    if not (text.isascii() and text.isprintable()):
        text = _TILDES.sub("~", _DASHES.sub("-", text))
        text = unicodedata.normalize("NFKC", "".join([_replacement(char) for char in text]))
    return _QUOTES.sub(" ", text)


def _named(char: str) -> str:
    name = unicodedata.name(char, "" if unicodedata.category(char) != "Cc" else "(a control character)")
    return f"U+{ord(char):04X} {name}" if name else f"U+{ord(char):04X}"


def _replacement(char: str) -> str:
    if char.isspace():
        return " "
    # Format characters and controls have no shape: a soft hyphen, a zero-width space, a mark of direction.
    return "" if unicodedata.category(char) in ("Cf", "Cc", "Cn", "Co", "Cs") else char
