"""The characters of a record that do not belong in one: named, shown, and replaced with what they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import say

_MAX_NAMED = 8
# Undecodable octets reach us as text, written \xNN by the lookup; \032 is a blank in a master file (RFC 1035 §5.1).
_RAW_BLANK = re.compile(r"\\xa0|\\(?:009|010|013|032)|&nbsp;|&#160;|&quot;|&#34;|<br ?/?>|%20", re.IGNORECASE)
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_TILDES = re.compile("[\u02dc\u223c\u301c\uff5e]")
QUOTES = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
_QUOTES = re.compile(rf"\\?[{QUOTES}]|\\\Z")
# Cyrillic and Greek letters that look like those of US-ASCII (Unicode UTS #39, confusables).
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0441\u0440\u0445\u0443\u0456\u0455\u0458\u0501\u04cf\u03bf\u03b1\u03c1\u03b9\u03bd\u0131"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0405",
    "aeocpxyisjdloapiviABEKMHOPCTXIS",
)
_NAME = re.compile(r"(?:[^\W_]|-)+")
_UNDECODED = re.compile(r"\\x([89a-f][0-9a-f])")  # as an octet that is not UTF-8 is written in a lookup
_NOT_PRINTED = re.compile(r"[^\t\r\n\x20-\x7e]")
# The name, TTL, class and type that stand before the text in a zone file (RFC 1035 §5.1) or in the form of a zone editor.
ZONE_LINE = re.compile(
    r"(?:[\w.*@-]{1,253}\s{1,9})?(?:\d{1,9}[smhdw]?\s{1,9})?(?:in\s{1,9})?(?:\d{1,9}\s{1,9})?txt\b[\s(=:]{0,9}",
    re.IGNORECASE,
)


def odd_characters(text: str) -> str | None:
    """The characters outside printable US-ASCII by number and name, each once; None where there are none."""
    if text.isascii() and text.isprintable():
        return None
    odd = [char for char in dict.fromkeys(text) if not " " <= char <= "~"]
    more = say(" and {more} more", more=len(odd) - _MAX_NAMED) if len(odd) > _MAX_NAMED else ""
    return ", ".join([_named(char) for char in odd[:_MAX_NAMED]]) + more


def visible(text: str, *, controls: bool = True) -> str:
    """The text with each character outside printable US-ASCII as <U+XXXX>, since most of them cannot be seen.

    Without `controls` those of US-ASCII are left: they are escaped wherever a text is shown.
    """
    if text.isascii() and (text.isprintable() or not controls):
        return text
    return "".join(
        [char if " " <= char <= "~" or (char < " " and not controls) else f"<U+{ord(char):04X}>" for char in text]
    )


def shown(text: str, limit: int = 40) -> str:
    """A part of a record in quotation marks, cut, with each character outside printable US-ASCII as <U+XXXX>."""
    return quoted(visible_part(text, limit), limit * len("<U+10FFFF>") + 1)


def visible_part(text: str, limit: int, *, controls: bool = True) -> str:
    """At most so many characters of the text as `visible` shows them; an ellipsis stands for what is missing."""
    return visible(text[:limit], controls=controls) + ("…" if len(text) > limit else "")


def naming_odd(said: str, text: str) -> str:
    """The statement about a text, with the characters named that do not belong into it; as it is where it has none."""
    odd = odd_characters(text)
    return say("{said}; it contains {characters}", said=said, characters=odd) if odd else said


def replaced(text: str) -> str:
    """The text in US-ASCII as it was meant: odd blanks as blanks, odd dashes as hyphens, nothing that cannot be seen.

    Quotation marks become blanks, since they stand where a string ends.
    """
    text = _RAW_BLANK.sub(" ", text)
    if not (text.isascii() and text.isprintable()):
        text = _TILDES.sub("~", _DASHES.sub("-", text))
        text = unicodedata.normalize("NFKC", "".join([_replacement(char) for char in text]))
    return _QUOTES.sub(" ", text)


def latin(text: str, known: Callable[[str], bool]) -> str:
    """The text with letters of another script as those that they look like, where a name is half US-ASCII.

    A name that has no letter of US-ASCII is one of its own script, unless it comes first and is `known` then.
    """
    return text if text.isascii() else _NAME.sub(lambda found: _latin(found, known), text)


def unreadable(text: str, problem: str) -> str:
    """The problem, with the usual reason for it where the record shows one."""
    foreign = _foreign(text)
    if foreign:
        return say("{problem}; the record contains {foreign}", problem=problem, foreign=foreign)
    if '"' in text:
        return say(
            "{problem}; the record contains quotation marks: it was entered with the quotes of a zone file",
            problem=problem,
        )
    if "\\" in text:
        return say("{problem}; the record contains backslashes: it was escaped twice", problem=problem)
    return problem


def _foreign(text: str) -> str | None:
    """The characters that no record contains, each once, by number, name and place; None if all are US-ASCII."""
    octet = _UNDECODED.search(text)
    if octet:
        return say("the octet 0x{group}, which is not UTF-8", group=octet.group(1).upper())
    places: dict[str, int] = {}
    for odd in _NOT_PRINTED.finditer(text):
        places.setdefault(odd.group(), odd.start() + 1)
    named = [
        say("{character} as character {place}", character=_named(char), place=place)
        for char, place in list(places.items())[:_MAX_NAMED]
    ]
    more = say(" and {more} more", more=len(places) - _MAX_NAMED) if len(places) > _MAX_NAMED else ""
    return ", ".join(named) + more if named else None


def _latin(found: re.Match[str], known: Callable[[str], bool]) -> str:
    written = found.group()
    meant = written.translate(_LOOK_ALIKE)
    if not meant.isascii():
        return written
    is_first = not re.search(r"\w", found.string[: found.start()])
    is_mixed = any(char.isascii() and char.isalpha() for char in written)
    return meant if is_mixed or (is_first and known(meant)) else written


def _named(char: str) -> str:
    name = unicodedata.name(char, "" if unicodedata.category(char) != "Cc" else "(a control character)")
    return f"U+{ord(char):04X} {name}" if name else f"U+{ord(char):04X}"


def _replacement(char: str) -> str:
    if char.isspace():
        return " "
    # Format characters and controls have no shape: a soft hyphen, a zero-width space, a mark of direction.
    return "" if unicodedata.category(char) in ("Cf", "Cc", "Cn", "Co", "Cs") else char
