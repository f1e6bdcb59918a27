"""What stands near a place in a text, found in one walk through the text however many places are asked about."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

_LEAST = 3  # characters between a mark and its end
_MAILBOX = re.compile(r"(?<![\w.+=-])[\w.+=-]{1,255}@[\w.-]{1,255}")


class Ends:
    """Where what is begun ends: the next match of a pattern. The places that are asked about must come in order."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._pattern = pattern
        self._text = text
        self._next = pattern.search(text)

    def after(self, at: int, *, most: int) -> re.Match[str] | None:
        """The first end behind the least that a mark holds and at most so many characters on; None without one."""
        if self._next is not None and self._next.start() < at + _LEAST:
            self._next = self._pattern.search(self._text, at + _LEAST)
        return self._next if self._next is not None and at + _LEAST <= self._next.start() <= at + most else None


class Mailboxes:
    """The mailboxes that a text names, with their places."""

    def __init__(self, text: str) -> None:
        found = list(_MAILBOX.finditer(text))
        self._names = [each[0] for each in found]
        self._starts = [each.start() for each in found]
        self._ends = [each.end() for each in found]

    def first(self, start: int, stop: int) -> str | None:
        """The first that stands wholly between two places."""
        place = bisect_left(self._starts, start)
        return self._names[place] if place < len(self._names) and self._ends[place] <= stop else None

    def last(self, start: int, stop: int) -> str | None:
        """The last that stands wholly between two places."""
        place = bisect_right(self._ends, stop) - 1
        return self._names[place] if place >= 0 and self._starts[place] >= start else None
