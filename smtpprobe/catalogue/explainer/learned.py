"""The learned reader: which cause a reply's words read like, how likely that is, and a labelled reply that reads alike.

Its weights are made by `train.py` from the labelled replies in fixtures/replies: docs/explainer.md.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import count
from math import exp, sqrt
from struct import unpack
from typing import NamedTuple

import msgspec

from smtpprobe.catalogue.explainer import wording
from smtpprobe.catalogue.explainer.features import pairs_of, pieces_of, surroundings, words_of
from smtpprobe.model.transcript import Phase

PATH = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "learned.msgpack")
ZERO = 128  # an octet of a row that means no weight
RARITY = 25.0  # by which a piece's rarity is multiplied to fit an octet
_TOLD = 5  # causes
_SYLLABLE = 4  # characters
_LEAST = 0.02  # of a cause that is told
_ALIKE = 0.25  # of two texts that have everything in common: 1
_ENGLISH = 1.5
_LANE = 4  # octets of one sum among those that are added up as one number: no text has pieces enough to fill them
_WORDS = 4096  # whose pieces are remembered
_TEXTS = 64  # likewise: each is asked for several times in a row


class Proposal(NamedTuple):
    """A cause that a reply reads like, and how likely it is that a person would name it, from 0 to 1."""

    cause: str
    probability: float


class Example(msgspec.Struct, frozen=True, array_like=True):
    """A labelled reply that others of its cause read like."""

    cause: str
    language: str
    reply: str


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What training made.

    `pieces` are the features, one a line; `rarity` has an octet for each, its inverse document frequency times RARITY;
    `rows` an octet for each feature and cause, its weight in units of `unit`, with ZERO for none. `bias` is each cause's
    own, and `temperature` what scores are divided by so that they come to probabilities.
    """

    causes: tuple[str, ...]
    pieces: str
    rarity: bytes
    rows: bytes
    unit: float
    bias: tuple[float, ...]
    temperature: float
    examples: tuple[Example, ...]


class _Pieces(NamedTuple):
    """The numbers of what the model knows of a word or a text, and whether any of it is longer than a syllable."""

    numbers: frozenset[int]
    is_known: bool


class _Examples(NamedTuple):
    """The labelled replies of a cause with their lengths, and for each piece the squares of its weight in each of them."""

    replies: list[Example]
    lengths: list[float]
    squares: dict[int, int]


class _Rows(dict[int, int]):
    """The row of each feature as one number, of which each octet is a lane of its own; made when it is first read."""

    def __init__(self, rows: bytes, width: int) -> None:
        self._octets, self._width = rows, width

    def __missing__(self, at: int) -> int:
        spread = bytearray(self._width * _LANE)
        spread[::_LANE] = self._octets[at * self._width : (at + 1) * self._width]
        row = self[at] = int.from_bytes(spread, "little")
        return row


class Reader:
    """A model, ready to read."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._number = dict(zip(model.pieces.split("\n"), count()))
        self._width = len(model.causes)
        self._squares = [each * each for each in model.rarity]
        self._read: dict[str, _Examples] = {}
        self._rows = _Rows(model.rows, self._width)
        self._of_word = lru_cache(maxsize=_WORDS)(self._pieces_of_word)
        self._of_text = lru_cache(maxsize=_TEXTS)(self._pieces_of_text)

    def scores(self, text: str, code: int | None, enhanced: str | None, phase: Phase | None) -> list[float]:
        """One number for each cause of the model; the more, the likelier. `text` is masked, as `Wording.text`."""
        model = self.model
        number = self._number.get
        found = self._of_text(text).numbers
        beside = [at for each in surroundings(code, enhanced, phase) if (at := number(each)) is not None]
        length = sqrt(self._weight(found)) / RARITY or 1.0
        of_words, of_codes = self._sums(found), self._sums(beside)
        return [
            bias + model.unit * (words / length + codes)
            for bias, words, codes in zip(model.bias, of_words, of_codes, strict=True)
        ]

    def _sums(self, numbers: Collection[int]) -> list[int]:
        none = ZERO * len(numbers)
        rows = self._rows
        return [each - none for each in _lanes(sum([rows[at] for at in numbers]), self._width)]

    def proposals(self, text: str, code: int | None, enhanced: str | None, phase: Phase | None) -> tuple[Proposal, ...]:
        """The causes that are likely at all, the likeliest first."""
        scores = self.scores(text, code, enhanced, phase)
        highest = max(scores)
        parts = [exp((score - highest) / self.model.temperature) for score in scores]
        whole = sum(parts)
        ordered = sorted(zip(parts, self.model.causes, strict=True), key=lambda each: -each[0])[:_TOLD]
        return tuple(Proposal(cause, part / whole) for part, cause in ordered if part / whole >= _LEAST)

    def knows(self, text: str) -> bool:
        """Whether a masked text has anything in common with the labelled replies that is longer than a syllable."""
        return self._of_text(text).is_known

    def nearest(self, text: str, cause: str) -> str | None:
        """The labelled reply of that cause which has most in common with a masked text; None if that is little.

        One in English is preferred to one in a language that not everybody reads.
        """
        replies, lengths, squares = self._examples(cause)
        numbers = self._of_text(text).numbers
        shared = _lanes(sum([squares[at] for at in numbers & squares.keys()]), len(replies))
        most, found = _ALIKE * sqrt(self._weight(numbers)), None
        for example, length, weight in zip(replies, lengths, shared, strict=True):
            alike = weight / length * (_ENGLISH if example.language == "en" else 1.0)
            if alike > most:
                most, found = alike, example.reply
        return found

    def _examples(self, cause: str) -> _Examples:
        if cause not in self._read:
            replies = [each for each in self.model.examples if each.cause == cause]
            numbers = [self._of_text(wording.read(each.reply).text).numbers for each in replies]
            squares: dict[int, int] = {}
            for lane, each in enumerate(numbers):
                for at in each:
                    squares[at] = squares.get(at, 0) + (self._squares[at] << (8 * _LANE * lane))
            self._read[cause] = _Examples(replies, [sqrt(self._weight(each)) or 1.0 for each in numbers], squares)
        return self._read[cause]

    def _pieces_of_text(self, text: str) -> _Pieces:
        words = words_of(text)
        pairs = self._known(pairs_of(words))
        found, is_known = set(pairs.numbers), pairs.is_known
        for word in set(words):
            of_word = self._of_word(word)
            found |= of_word.numbers
            is_known = is_known or of_word.is_known
        return _Pieces(frozenset(found), is_known)

    def _pieces_of_word(self, word: str) -> _Pieces:
        return self._known(pieces_of(word))

    def _known(self, pieces: Iterable[str]) -> _Pieces:
        known = [piece for piece in pieces if piece in self._number]
        is_long = any((len(piece) >= _SYLLABLE and piece[0] != "@") or not piece.isascii() for piece in known)
        return _Pieces(frozenset([self._number[piece] for piece in known]), is_long)

    def _weight(self, numbers: Iterable[int]) -> float:
        squares = self._squares
        return float(sum([squares[at] for at in numbers]))


def _lanes(whole: int, count: int) -> tuple[int, ...]:
    """The sums that were added up as one number."""
    return unpack(f"<{count}I", whole.to_bytes(count * _LANE, "little"))


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The reader of the weights that the package holds."""
    with open(PATH, "rb") as file:
        return Reader(msgspec.msgpack.decode(file.read(), type=Model))
