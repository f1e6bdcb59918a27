"""Folds that a relay put where there was no blank, which no canonicalization makes good (RFC 6376 §3.4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from smtpprobe.mailauth.characters import visible_part
from smtpprobe.model.texts.language import say

MAX_FOLDS = 40
_SHOWN = 20
_FOLD = re.compile(rb"\r\n[ \t]{1,80}")


def without_folds(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The octets without one of their folds, each with what follows it; nothing where there is only one fold."""
    folds = list(islice(_FOLD.finditer(octets), MAX_FOLDS))
    for fold in folds if len(folds) > 1 else ():
        yield octets[: fold.start()] + octets[fold.end() :], octets[fold.end() :].partition(b"\r\n")[0]


def joined_phrase(name: str, following: bytes) -> str:
    """What completes: the header signature is right …"""
    text = visible_part(following.decode("utf-8", "replace"), _SHOWN)
    return say(
        "without the fold of {name} before '{text}': it was folded there after signing, inside a word",
        name=name,
        text=text,
    )
