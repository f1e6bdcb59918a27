"""What the learned reader sees of a reply: pieces of its words, and what surrounds them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from smtpprobe.model.transcript import Phase

SHORTEST, LONGEST = 2, 5  # characters of a piece of a word
MAX_CHARACTERS = 600  # of a masked text; what makes a reply's meaning stands in its first sentences
_WORD = re.compile(r"\w+")


def pieces(masked: str) -> frozenset[str]:
    """Every piece of each word with a blank before and behind it, each word, and each two that follow one another.

    A word is written with an equals sign before it, and of two the first has one behind it too: neither is a piece.
    """
    words = words_of(masked)
    found = set(pairs_of(words))
    for word in set(words):
        found |= pieces_of(word)
    return frozenset(found)


def words_of(masked: str) -> list[str]:
    """The words of a masked text that are read, in their order."""
    return _WORD.findall(masked[:MAX_CHARACTERS])


def pieces_of(word: str) -> set[str]:
    """The pieces of one word, and the word."""
    padded = f" {word} "
    length = len(padded)
    found = {f"={word}"}
    for size in range(SHORTEST, min(LONGEST, length) + 1):
        found.update([padded[at : at + size] for at in range(length - size + 1)])
    return found


def pairs_of(words: Sequence[str]) -> list[str]:
    """Each two words that follow one another."""
    return [f"={word}={after}" for word, after in pairwise(words)]


def surroundings(code: int | None, enhanced: str | None, phase: Phase | None) -> Iterator[str]:
    """The codes, their classes and the phase, each beginning with `@`, as no piece of a word does."""
    digit = str(code)[0] if code else (enhanced or "-")[0]
    yield f"@phase {phase or '-'}"
    yield f"@code {code or '-'}"
    yield f"@class {digit}"
    yield f"@class {digit} {phase or '-'}"
    yield f"@enhanced {enhanced or '-'}"
    if enhanced:
        subject, detail = enhanced[2:].split(".")
        yield f"@subject {subject}"
        yield f"@detail {subject}.{detail}"
