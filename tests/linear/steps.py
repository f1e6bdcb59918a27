"""How many steps a backtracking match takes: the engine of `re` in small, over the trees that `re` itself parses.

It tries what the C engine tries, in the same order, without its shortcuts (a literal prefix, a known first character),
so that what is linear here is linear there. Every character and every alternative that is looked at is a step.
"""

from __future__ import annotations

import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable
from typing import Any

Node = tuple[Any, Any]
Then = Callable[[int], int]  # from a position to the end of the match, -1 where there is none
Match = Callable[[int, Then], int]
ONE = (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN)
REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
_CATEGORIES = {
    ops.CATEGORY_DIGIT: r"\d", ops.CATEGORY_NOT_DIGIT: r"\D", ops.CATEGORY_SPACE: r"\s",
    ops.CATEGORY_NOT_SPACE: r"\S", ops.CATEGORY_WORD: r"\w", ops.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
_PLACES = {
    ops.AT_BEGINNING: "^", ops.AT_BEGINNING_STRING: r"\A", ops.AT_END: "$", ops.AT_END_STRING: r"\Z",
    ops.AT_BOUNDARY: r"\b", ops.AT_NON_BOUNDARY: r"\B",
}  # fmt: skip


class TooManyStepsError(Exception):
    """More steps than allowed were needed."""


class Matcher:
    """A pattern whose steps are counted. Octets are matched as the characters of the same numbers."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.tree: list[Node] = list(parser.parse(pattern.pattern, pattern.flags))
        # Octets know no letters and digits beyond ASCII.
        self.flags = pattern.flags | (re.ASCII if isinstance(pattern.pattern, bytes) else 0)
        self.classes: dict[str, re.Pattern[str]] = {}
        self.steps = 0
        self._text = ""
        self._most = 0
        self._whole = False
        self._groups: dict[int, tuple[int, int]] = {}
        self._begin = self._sequence(self.tree, self.flags)

    def count(self, text: str, method: str, most: int) -> int:
        """The steps of one call of a method of the pattern. Raises TooManyStepsError beyond so many."""
        self._text, self.steps, self._most, self._whole = text, 0, most, method == "fullmatch"
        at = 0
        while at <= len(text):
            self._step()
            end = self._tried(at)
            if method in ("match", "fullmatch") or (end >= 0 and method == "search"):
                break
            at = max(end, at + 1)
        return self.steps

    def end(self, text: str, at: int = 0) -> int:
        """Where the match at a position ends, -1 without one."""
        self._text, self.steps, self._most, self._whole = text, 0, 1 << 40, False
        return self._tried(at)

    def _tried(self, at: int) -> int:
        self._groups = {}
        return self._begin(at, lambda end: -1 if self._whole and end < len(self._text) else end)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self._most:
            raise TooManyStepsError

    def _sequence(self, nodes: Any, flags: int) -> Match:
        found = [self._node(node, flags) for node in nodes]
        if not found:
            return lambda at, then: then(at)
        *before, whole = found
        for one in reversed(before):
            whole = _joined(one, whole)
        return whole

    def _node(self, node: Node, flags: int) -> Match:
        kind, value = node
        if kind in ONE:
            return self._one(self._test(node, flags))
        if kind in REPEATS:
            return self._repeat(kind, value, flags)
        if kind is ops.BRANCH:
            return self._branch([self._sequence(way, flags) for way in value[1]])
        if kind is ops.SUBPATTERN:
            return self._group(*value, flags)
        if kind is ops.ATOMIC_GROUP:
            return _atomic(self._sequence(value, flags))
        if kind is ops.AT:
            return self._at(re.compile(_PLACES[value], flags & re.MULTILINE | flags & re.ASCII))
        if kind in (ops.ASSERT, ops.ASSERT_NOT):
            return self._assertion(kind is ops.ASSERT, *value, flags)
        if kind is ops.GROUPREF:
            return self._again(value)
        if kind is ops.GROUPREF_EXISTS:
            number, yes, no = value
            there, absent = self._sequence(yes, flags), self._sequence(no or (), flags)
            return lambda at, then: (there if number in self._groups else absent)(at, then)
        raise NotImplementedError(f"{kind} has no counterpart here yet")

    def _test(self, node: Node, flags: int) -> Callable[[str], bool]:
        source = class_of(node, flags)
        one = self.classes.setdefault(source, re.compile(source))
        return _Known(one).__getitem__

    def _one(self, test: Callable[[str], bool]) -> Match:
        def match(at: int, then: Then) -> int:
            self.steps += 1
            return then(at + 1) if at < len(self._text) and test(self._text[at]) else -1

        return match

    def _branch(self, ways: list[Match]) -> Match:
        def match(at: int, then: Then) -> int:
            for way in ways:
                self._step()
                if (end := way(at, then)) >= 0:
                    return end
            return -1

        return match

    def _group(self, number: int | None, add: int, drop: int, body: Any, flags: int) -> Match:
        inner = self._sequence(body, (flags | add) & ~drop)
        if number is None:
            return inner

        def match(at: int, then: Then) -> int:
            def close(end: int) -> int:
                before = self._groups.get(number)
                self._groups[number] = at, end
                if (found := then(end)) < 0:
                    self._groups.pop(number) if before is None else self._groups.update({number: before})
                return found

            return inner(at, close)

        return match

    def _again(self, number: int) -> Match:
        def match(at: int, then: Then) -> int:
            self._step()
            start, end = self._groups.get(number, (0, -1))
            return then(at + end - start) if end >= 0 and self._text.startswith(self._text[start:end], at) else -1

        return match

    def _at(self, place: re.Pattern[str]) -> Match:
        def match(at: int, then: Then) -> int:
            self._step()
            return then(at) if place.match(self._text, at) else -1

        return match

    def _assertion(self, wanted: bool, direction: int, body: Any, flags: int) -> Match:
        inner = self._sequence(body, flags)
        back = body.getwidth()[0] if direction < 0 else 0

        def match(at: int, then: Then) -> int:
            self._step()
            held = at >= back and inner(at - back, lambda end: end) >= 0
            return then(at) if held is wanted else -1

        return match

    def _repeat(self, kind: Any, value: Any, flags: int) -> Match:
        least, most, body = value
        most = 1 << 40 if most is ops.MAXREPEAT else most
        single = _single(body, flags)
        greedy = kind is not ops.MIN_REPEAT
        match = (
            self._run(greedy, least, most, self._test(*single))
            if single
            else self._loop(greedy, least, most, self._sequence(body, flags))
        )
        return _atomic(match) if kind is ops.POSSESSIVE_REPEAT else match

    def _run(self, greedy: bool, least: int, most: int, test: Callable[[str], bool]) -> Match:
        """A repeat of one character."""

        def match(at: int, then: Then) -> int:
            text, stop, reached = self._text, min(len(self._text), at + most), at
            soon = stop if greedy else min(stop, at + least)
            while reached < soon and test(text[reached]):
                reached += 1
            self.steps += reached - at
            self._step()
            if reached - at < least:
                return -1
            if not greedy:
                while (end := then(reached)) < 0 and reached < stop and test(text[reached]):
                    self._step()
                    reached += 1
                return end
            for place in range(reached, at + least - 1, -1):
                self._step()
                if (end := then(place)) >= 0:
                    return end
            return -1

        return match

    def _loop(self, greedy: bool, least: int, most: int, inner: Match) -> Match:
        """A repeat of anything else. A pass that takes nothing is the last one."""

        def match(at: int, then: Then) -> int:
            def turn(at: int, done: int, since: int) -> int:
                self._step()

                def more() -> int:
                    return inner(at, lambda end: turn(end, done + 1, at))

                if done < least:
                    return more()
                if done >= most or at == since:
                    return then(at)
                first, second = (more, lambda: then(at)) if greedy else (lambda: then(at), more)
                return end if (end := first()) >= 0 else second()

            return turn(at, 0, -1)

        return match


class _Known(dict[str, bool]):
    """Whether a class takes a character, remembered."""

    def __init__(self, one: re.Pattern[str]) -> None:
        self._one = one

    def __missing__(self, character: str) -> bool:
        self[character] = taken = self._one.match(character) is not None
        return taken


def _joined(one: Match, other: Match) -> Match:
    return lambda at, then: one(at, lambda end: other(end, then))


def _atomic(inner: Match) -> Match:
    return lambda at, then: then(end) if (end := inner(at, lambda end: end)) >= 0 else -1


def _single(body: Any, flags: int) -> tuple[Node, int] | None:
    """The one character that a body stands for, and the flags there; None for anything else."""
    if len(body) != 1:
        return None
    kind, value = body[0]
    if kind in ONE:
        return body[0], flags
    if kind is ops.SUBPATTERN and value[0] is None:
        return _single(value[3], (flags | value[1]) & ~value[2])
    return None


def class_of(node: Node, flags: int) -> str:
    """A pattern for the one character that a node stands for."""
    kind, value = node
    local = "".join(letter for letter, flag in (("a", re.A), ("i", re.I), ("s", re.S)) if flags & flag)
    prefix = f"(?{local})" if local else ""
    if kind is ops.ANY:
        return prefix + "."
    if kind is ops.IN:
        return f"{prefix}[{''.join(map(_item, value))}]"
    return f"{prefix}[{'^' if kind is ops.NOT_LITERAL else ''}{_escaped(value)}]"


def _item(item: Node) -> str:
    kind, value = item
    if kind is ops.NEGATE:
        return "^"
    if kind is ops.RANGE:
        return f"{_escaped(value[0])}-{_escaped(value[1])}"
    return _escaped(value) if kind is ops.LITERAL else _CATEGORIES[value]


def _escaped(number: int) -> str:
    return f"\\U{number:08x}"
