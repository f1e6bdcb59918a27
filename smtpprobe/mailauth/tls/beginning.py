"""Why a TXT record is none of those that begin with a version (RFC 8460 §3, RFC 8461 §3.1), and what it is instead."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.mailauth.characters import QUOTES, naming_odd, odd_characters, shown
from smtpprobe.mailauth.other_records import other_record
from smtpprobe.model.texts.language import say

_SHOWN = 60


def not_begun(text: str, version: str) -> str:
    """Why the text does not begin as it should, with the text."""
    said = say(
        "{text} does not begin with exactly v={version} and a semicolon",
        text=shown(text, _SHOWN),
        version=version,
    )
    start = f"v={version}"
    if text.lstrip().startswith(tuple(QUOTES)):
        return say("{said}; it was entered with the quotation marks of a zone file", said=said)
    if odd_characters(text):
        return naming_odd(said, text)
    if text[: len(start)].lower() == start.lower() and text[: len(start)] != start:
        return say("{said}; capital and small letters are different there", said=said)
    return said


def instead(texts: Sequence[str]) -> str | None:
    """What stands at the name in place of the record, where that is a record of another standard."""
    found = next((what for text in sorted(texts) if (what := other_record(text)) is not None), None)
    return None if found is None else say("there is {found}", found=found)
