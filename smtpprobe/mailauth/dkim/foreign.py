"""What stands in a key record that no key record contains, and so tells why it cannot be read."""

from __future__ import annotations

import re
import unicodedata

from smtpprobe.model.texts.language import say

_OCTET = re.compile(r"\\x([89a-f][0-9a-f])")  # as an octet that is not UTF-8 is written in a lookup
_NOT_PRINTED = re.compile(r"[^\t\r\n\x20-\x7e]")


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
    """The first character that no key record contains, by number and name; None if all are US-ASCII."""
    octet = _OCTET.search(text)
    if octet:
        return say("the octet 0x{group}, which is not UTF-8", group=octet.group(1).upper())
    odd = _NOT_PRINTED.search(text)
    if odd is None:
        return None
    number = ord(odd.group())
    name = unicodedata.name(odd.group(), say("a control character")).lower()
    return say("U+{number:04X} ({name}) as character {start}", number=number, name=name, start=odd.start() + 1)
