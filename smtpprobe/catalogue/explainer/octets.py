"""Words that a program wrote as octets (`bo\\xeete`), as code points (`bo\\u00eete`) or in base64, read as words."""

from __future__ import annotations

import base64
import binascii
import re

from smtpprobe.wire.letters import chinese, decoded

_OCTETS = re.compile(r"(?:\\x[0-9a-fA-F]{2})+(?:[@-~](?:\\x[0-9a-fA-F]{2})+){0,200}")
_POINT = re.compile(r"\\u([0-9a-fA-F]{4})")
_ONE = re.compile(r"\\x([0-9a-fA-F]{2})")
# RFC 7628 §3.2.2: the reason for a refusal as JSON, whose base64 begins so.
_REASON = re.compile(r"(334[ -])(ey[A-Za-z0-9+/]{6,2000}={0,2})\s*\Z")


def readable(words: str) -> str:
    """The words with letters in place of escaped octets: those of UTF-8, else of GBK, else of Windows-1252.

    What would be no printable letter outside ASCII stays as it is written.
    """
    if reason := _REASON.match(words):
        return reason[1] + (_in_base64(reason[2]) or reason[2])
    if "\\x" not in words and "\\u" not in words:
        return words
    words = _OCTETS.sub(lambda found: _letters(found[0]), words)
    return _POINT.sub(lambda found: _printable(found[0], chr(int(found[1], 16))), words)


def _in_base64(written: str) -> str:
    """What the base64 stands for, empty if it is none or no text."""
    try:
        words = base64.b64decode(written, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return words if words.isprintable() else ""


def _letters(written: str) -> str:
    # The second octet of a character in GBK may be an ASCII letter.
    octets = _ONE.sub(lambda found: chr(int(found[1], 16)), written).encode("latin-1")
    return (
        _printable(written, decoded(octets, "utf-8"))
        or _printable(written, chinese(octets))
        or "".join(_printable(each, decoded(octet, "cp1252")) or each for each, octet in _octets(written))
    )


def _octets(written: str) -> list[tuple[str, bytes]]:
    """Each octet as it is written, with its value."""
    pieces = re.findall(r"\\x[0-9a-fA-F]{2}|.", written)
    return [(each, bytes([int(each[2:], 16)]) if len(each) > 1 else each.encode()) for each in pieces]


def _printable(written: str, meant: str) -> str:
    """What is meant if it is printable, and not ASCII alone; empty for `meant` empty."""
    if not meant:
        return ""
    return meant if meant.isprintable() and not meant.isascii() else written
