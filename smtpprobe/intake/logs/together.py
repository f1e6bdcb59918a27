"""Which programs write into one log: those of its beginning, and those that first write later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

_Family = TypeVar("_Family")
_HEADER = 120  # octets in which a line names its program


class Together(Generic[_Family]):
    """The families of a log. `names` are the programs of each that may write into it, those of the log's beginning too.

    `join` is given each family that comes later. Looking for the marks of all of them would take several times as long.
    """

    def __init__(
        self, families: Iterable[_Family], names: Mapping[_Family, Sequence[bytes]], join: Callable[[_Family], None]
    ) -> None:
        self._names = dict(names)
        self._join = join
        self._known: list[bytes] = []
        for each in families:
            self._known += self._names.pop(each, ())
        self._is_own = _headers(self._known)

    def look(self, block: bytes) -> None:
        """Have the families join that write in this block of whole lines for the first time."""
        strange = self._strange(block) if self._names else b""
        found = [each for each, names in self._names.items() if strange and any(name in strange for name in names)]
        for each in found:
            self._known += self._names.pop(each)
            self._join(each)
        if found:
            self._is_own = _headers(self._known)

    def _strange(self, block: bytes) -> bytes:
        """The lines of other programs; those of a file that one program writes by itself name none."""
        is_own, lines = self._is_own, block.split(b"\n")
        if block[:1] == b"{":
            return b"\n".join([line for line in lines if not is_own(line)])
        first = next(filter(None, (is_own(line, 0, _HEADER) for line in lines[:20])), None)
        # Most lines have the same host and so the program at the same place.
        usual, at = (first[0], first.start()) if first else (b"\n", 0)
        others = [line for line in lines if not line.startswith(usual, at)]
        # Where syslog has the time, a file of one's own has the blank between date and time.
        return b"\n".join([line for line in others if line[10:11] != b" " and not is_own(line, 0, _HEADER)])


def _headers(names: Sequence[bytes]) -> Callable[..., re.Match[bytes] | None]:
    """What finds one of the names where a header has its program: a host may have the name as well."""
    return re.compile(rb'(?:\A|[ "])(?:%s)(?:[\w.-]{0,40}[/\[:("]| \d)' % b"|".join(map(re.escape, names))).search
