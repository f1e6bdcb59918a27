"""The learned reader: which cause a reply's words read like, how likely that is, and a labelled reply that reads alike.

Its weights are made by `train.py` from the labelled replies in fixtures/replies: docs/explainer.md.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from functools import lru_cache
from math import exp, sqrt
from typing import NamedTuple

import msgspec

from smtpprobe.catalogue.explainer import wording
from smtpprobe.catalogue.explainer.features import pieces, surroundings
from smtpprobe.model.transcript import Phase

PATH = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "learned.msgpack")
ZERO = 128  # an octet of a row that means no weight
RARITY = 25.0  # by which a piece's rarity is multiplied to fit an octet
_TOLD = 5  # causes
_SYLLABLE = 4  # characters
_LEAST = 0.02  # of a cause that is told


class Proposal(NamedTuple):
    """A cause that a reply reads like, and how likely it is that a person would name it, from 0 to 1."""

    cause: str
    probability: float


class Example(msgspec.Struct, frozen=True, array_like=True):
    """A labelled reply that others of its cause read like."""

    cause: str
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


class Reader:
    """A model, ready to read."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._number = {piece: number for number, piece in enumerate(model.pieces.split("\n"))}
        self._width = len(model.causes)
        self._squares = [each * each for each in model.rarity]
        self._read: dict[str, list[tuple[str, frozenset[int], float]]] = {}

    def scores(self, text: str, code: int | None, enhanced: str | None, phase: Phase | None) -> list[float]:
        """One number for each cause of the model; the more, the likelier. `text` is masked, as `Wording.text`."""
        model = self.model
        number = self._number.get
        found = self._numbers(text)
        beside = [at for each in surroundings(code, enhanced, phase) if (at := number(each)) is not None]
        length = sqrt(self._weight(found)) / RARITY or 1.0
        of_words, of_codes = self._sums(found), self._sums(beside)
        return [
            bias + model.unit * (words / length + codes)
            for bias, words, codes in zip(model.bias, of_words, of_codes, strict=True)
        ]

    def _sums(self, numbers: Collection[int]) -> list[int]:
        rows, width = self.model.rows, self._width
        if not numbers:
            return [0] * width
        none = ZERO * len(numbers)
        columns = zip(*(rows[at * width : (at + 1) * width] for at in numbers), strict=True)
        return [sum(column) - none for column in columns]

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
        number = self._number
        return any(
            piece in number
            for piece in pieces(text)
            if (len(piece) >= _SYLLABLE and piece[0] != "@") or not piece.isascii()
        )

    def nearest(self, text: str, cause: str) -> str | None:
        """The labelled reply of that cause which has most in common with a masked text; None where it has nothing."""
        own = self._numbers(text)
        weight, most, found = self._weight, 0.0, None
        for reply, theirs, length in self._examples(cause):
            alike = weight(own & theirs) / length
            if alike > most:
                most, found = alike, reply
        return found

    def _examples(self, cause: str) -> list[tuple[str, frozenset[int], float]]:
        """The labelled replies of a cause, with the numbers of their pieces and the length of these."""
        if cause not in self._read:
            named = [each.reply for each in self.model.examples if each.cause == cause]
            numbers = [self._numbers(wording.read(reply).text) for reply in named]
            self._read[cause] = [
                (reply, each, sqrt(self._weight(each)) or 1.0) for reply, each in zip(named, numbers, strict=True)
            ]
        return self._read[cause]

    def _numbers(self, text: str) -> frozenset[int]:
        number = self._number.get
        return frozenset(at for piece in pieces(text) if (at := number(piece)) is not None)

    def _weight(self, numbers: Iterable[int]) -> float:
        squares = self._squares
        return float(sum([squares[at] for at in numbers]))


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The reader of the weights that the package holds."""
    with open(PATH, "rb") as file:
        return Reader(msgspec.msgpack.decode(file.read(), type=Model))
