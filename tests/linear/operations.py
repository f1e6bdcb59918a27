"""How many operations a piece of Python takes, counted, so that the machine and its load do not matter.

An operation is a line of the package that is executed, a call of anything, or a character that a call into C walks over: all
characters of the text whose method it is, or of the text that a regular expression is given, as far as it looks. What a
regular expression does with each character is held by test_patterns.py. Slices and comparisons are not seen, nor is how
far `find` and `count` go from the place that they are given.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from tests.linear.patterns import modules

_PACKAGE = "/smtpprobe/"
# What looks at a text's beginning or end alone.
# What looks at an end of a text, or goes on from a place in it.
_SHORT = frozenset(
    {"startswith", "endswith", "removeprefix", "removesuffix", "isascii", "append", "extend", "clear"}
    | {"find", "rfind", "index", "count"}
)
_WALKED = (str, bytes, bytearray)


class Operations:
    """Counts what a call takes."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, work: Callable[[], object]) -> int:
        """The operations of a call; what it returns or raises does not matter."""
        self.count = 0
        tracer, profiler = sys.gettrace(), sys.getprofile()
        sys.setprofile(self._called)
        sys.settrace(self._entered)
        try:
            work()
        except ValueError:
            pass  # an input that is refused was read too
        finally:
            sys.settrace(tracer)
            sys.setprofile(profiler)
        return self.count

    def walked(self, size: int) -> None:
        """Characters were looked at."""
        self.count += max(size, 1)

    def _entered(self, frame: FrameType, event: str, arg: object) -> Any:
        return self._stepped if _PACKAGE in frame.f_code.co_filename else None

    def _stepped(self, frame: FrameType, event: str, arg: object) -> Any:
        self.count += 1
        return self._stepped

    def _called(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            owner = getattr(arg, "__self__", None)
            walked = isinstance(owner, _WALKED) and arg.__name__ not in _SHORT
            self.count += len(owner) if walked else 1  # type: ignore[arg-type]
        elif event == "call":
            self.count += 1


class _Pattern:
    """A pattern that says how far it looked."""

    def __init__(self, pattern: re.Pattern[Any], operations: Operations) -> None:
        self._pattern = pattern
        self._operations = operations

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def _looked(self, match: re.Match[Any] | None, text: Any, at: int, *, through: bool) -> Any:
        self._operations.walked(match.end() - at if match else len(text) - at if through else 1)
        return match

    def search(self, text: Any, at: int = 0, *end: int) -> Any:
        return self._looked(self._pattern.search(text, at, *end), text[: end[0]] if end else text, at, through=True)

    def match(self, text: Any, at: int = 0, *end: int) -> Any:
        return self._looked(self._pattern.match(text, at, *end), text, at, through=False)

    def fullmatch(self, text: Any, at: int = 0, *end: int) -> Any:
        return self._looked(self._pattern.fullmatch(text, at, *end), text, at, through=False)

    def finditer(self, text: Any, *at: int) -> Iterator[Any]:
        last = at[0] if at else 0
        for match in self._pattern.finditer(text, *at):
            self._operations.walked(match.end() - last)
            last = match.end()
            yield match
        self._operations.walked((at[1] if len(at) > 1 else len(text)) - last)

    def findall(self, text: Any, *at: int) -> Any:
        self._operations.walked((at[1] if len(at) > 1 else len(text)) - (at[0] if at else 0))
        return self._pattern.findall(text, *at)

    def sub(self, to: Any, text: Any, count: int = 0) -> Any:
        self._operations.walked(len(text))
        return self._pattern.sub(to, text, count=count)

    def split(self, text: Any, maxsplit: int = 0) -> Any:
        self._operations.walked(len(text))
        return self._pattern.split(text, maxsplit=maxsplit)


class _Module:
    """`re` itself, for the patterns that are written where they are used."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def __getattr__(self, name: str) -> Any:
        if name not in ("search", "match", "fullmatch", "finditer", "findall", "sub", "split"):
            return getattr(re, name)

        def call(pattern: Any, *given: Any, flags: int = 0, **named: Any) -> Any:
            expected = 3 if name == "sub" else 1
            if len(given) > expected - (name == "sub"):
                *given_texts, flags = given  # type: ignore[assignment]
                given = tuple(given_texts)
            known = pattern if isinstance(pattern, _Pattern) else _Pattern(re.compile(pattern, flags), self._operations)
            return getattr(known, name)(*given, **named)

        return call


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Operations:
    """A counter, with every pattern of the package telling it how far it looked."""
    counter = Operations()
    for module in modules():
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern):
                monkeypatch.setattr(module, name, _Pattern(value, counter))
            elif value is re:
                monkeypatch.setattr(module, name, _Module(counter))
    return counter
