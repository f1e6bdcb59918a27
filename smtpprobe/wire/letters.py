"""Octets that are no UTF-8 as the letters that they probably are: Chinese of GBK, else Windows-1252."""

from __future__ import annotations

import re

# The second octet of a character in GBK may be an ASCII letter.
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+(?:[@-~][\x80-\xff]+){0,200}")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def guessed(octets: bytes) -> str:
    """The text, each run of octets beyond ASCII read for itself: as UTF-8, as GBK, or octet by octet as Windows-1252.

    What would be no printable letter of the other two stays an escape.
    """
    pieces, at = [], 0
    for run in _BEYOND_ASCII.finditer(octets):
        pieces += [octets[at : run.start()].decode("ascii"), _letters(run[0])]
        at = run.end()
    return "".join(pieces) + octets[at:].decode("ascii")


def _letters(run: bytes) -> str:
    if text := decoded(run, "utf-8") or _nearly(run):
        return text
    text = chinese(run)
    return text if text and text.isprintable() else "".join(_letter(run[at : at + 1]) for at in range(len(run)))


def _nearly(run: bytes) -> str:
    """UTF-8 that is cut, or broken in a place, with escapes for what is left over; empty if it is not most of the run."""
    good = len(run.decode("utf-8", "ignore").encode())
    return run.decode("utf-8", "backslashreplace") if len(run) > 5 and good > 0.6 * len(run) else ""


def _letter(octet: bytes) -> str:
    letter = decoded(octet, "cp1252")
    return letter if letter.isprintable() and letter else octet.decode("ascii", "backslashreplace")


def decoded(octets: bytes, encoding: str) -> str:
    """The octets in this encoding; empty if they are none of its texts."""
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError:
        return ""


def chinese(octets: bytes) -> str:
    """The octets as GBK, where two characters or more are Chinese, and none beyond ASCII is anything else."""
    text = decoded(octets, "gbk")
    beyond = [each for each in text if not each.isascii()]
    return text if len(beyond) > 1 and all(_CHINESE.match(each) for each in beyond) else ""
