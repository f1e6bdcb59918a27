"""Passwords that stand where none is read, in URLs above all: no message repeats them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from smtpprobe.cli.config import PREFIX

_BLANKS = re.compile(r"(\s+)")
_QUOTES = re.compile(r"(['\"])")
_SHORTEST = 4  # characters; less would stand in half of all words
_AT = re.compile(r"@|%40|\uff20|\ufe6b")


def masked(words: str, arguments: Iterable[str]) -> str:
    """The words without the user information of URLs, and without what resembles it in the arguments and variables."""
    for text in (*arguments, *(value for name, value in os.environ.items() if name.startswith(PREFIX))):
        before = _before_the_last_at(text)
        # A colon stands in a mailbox only in a quoted local-part (RFC 5321 §4.1.2).
        if before and ":" in before and not before.startswith('"'):
            secret = before.partition("://")[2] or before
            # A list in a variable is split at its blanks.
            for spelled in (secret, repr(secret)[1:-1], *secret.split()):
                words = words.replace(spelled, "…") if len(spelled) >= _SHORTEST else words
    words = "".join(_of_word(word) for word in _BLANKS.split(words))
    # In quotes there may be blanks.
    return "".join(_of_word(part) if "://" in part else part for part in _QUOTES.split(words))


def _of_word(word: str) -> str:
    """The word without what stands before its last @, where that is no local-part, and without a URL's query."""
    scheme, separator, rest = word.partition("://")
    if not separator:
        scheme, rest = "", word
    before = _before_the_last_at(rest)
    if before and (separator or ":" in before):
        rest = f"…{rest[len(before) :]}"
    if separator:
        rest = re.sub(r"[?#][^'\"]+", "…", rest)
    return f"{scheme}{separator}{rest}"


def _before_the_last_at(text: str) -> str:
    """What stands before the last @, or what stands for one; empty where there is none."""
    found = list(_AT.finditer(text))
    return text[: found[-1].start()] if found else ""
