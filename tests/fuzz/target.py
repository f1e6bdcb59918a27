"""A target, the choices that its octets stand for, and what every page that is shown must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies as st

from smtpprobe.catalogue import language
from tests.render import planted

CORPUS = Path(__file__).parent / "corpus"
MAX_PIECES = 30  # of one generated input
Choice = TypeVar("Choice")


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is tried: `check` raises for octets with which something does not hold.

    Inputs are made of `seeds`, which are whole and good, and `words`, which mean something. `choices` counts the octets
    in front that stand for choices. `examples` bounds a run.
    """

    name: str
    check: Callable[[bytes], None]
    examples: int
    seeds: Sequence[bytes] = ()
    words: Sequence[bytes] = ()
    choices: int = 0

    @property
    def finds(self) -> list[Path]:
        """The inputs that once failed, smallest first."""
        return sorted((CORPUS / self.name).glob("*"), key=lambda path: (path.stat().st_size, path.name))

    @property
    def inputs(self) -> st.SearchStrategy[bytes]:
        """Octets of any kind: one in ten random, three words in a row behind a seed's choices, six a seed changed."""
        return _inputs(self)


@st.composite
def _inputs(draw: st.DrawFn, target: Target) -> bytes:
    kind = draw(st.integers(0, 9))
    if kind == 0 or not target.seeds:
        return draw(st.binary(max_size=60))
    seed = draw(st.sampled_from(target.seeds))
    piece = st.binary(max_size=6) | st.sampled_from(target.words or (b"\xff\xff",))
    if kind <= 3:
        return seed[: target.choices] + b"".join(
            draw(st.lists(piece, min_size=draw(st.integers(0, MAX_PIECES)), max_size=MAX_PIECES))
        )
    for _ in range(draw(st.integers(0, 4))):
        at, count = draw(st.integers(0, len(seed))), draw(st.sampled_from([0, 0, 1, 4, 40]))
        seed = seed[:at] + draw(piece) + seed[at + count :]
    return seed


class Choices:
    """Reads choices from octets, so that whoever changes the octets changes the choices; 0 where none are left."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def number(self, below: int) -> int:
        """A number from 0, of one octet where it is enough, else of two."""
        width = 1 if below <= 256 else 2
        taken = self._octets[self._at : self._at + width]
        self._at += width
        return int.from_bytes(taken) % below

    def one_of(self, values: Sequence[Choice]) -> Choice:
        return values[self.number(len(values))]

    @property
    def rest(self) -> bytes:
        """The octets that no choice has taken."""
        return self._octets[self._at :]

    @property
    def texts(self) -> list[str]:
        """The rest as lines of text."""
        return self.rest.decode("utf-8", "replace").split("\n")


def assert_harmless(page: str) -> None:
    """Nothing in a page without colours steers a terminal, reorders a line, is unseen, or is a command to a runner."""
    assert "\x1b" not in page
    assert not planted.steering(page)
    assert not planted.commands(page)


def in_every_language(render: Callable[[], str]) -> list[str]:
    """The page in each language that there is; English is in force afterwards."""
    pages = []
    try:
        for name in language.languages():
            language.choose(name)
            pages.append(render())
    finally:
        language.choose(language.SOURCE)
    for page in pages:
        assert_harmless(page)
    return pages


def or_value_error(function: Callable[[], Choice]) -> Choice | None:
    """What the function returns; None where it refuses its input in one line that can be shown."""
    try:
        return function()
    except ValueError as error:
        words = str(error)
    assert words.strip()
    assert "\n" not in words
    return None
