"""The phrase language of data/text_rules.toml, and whether a phrase stands in a text.

Words in order, each `a|b` (either), `stem*`, `?maybe`, `{concept}`; `_` joins the words of one alternative; `..` and
`...` let some, and many, characters stand between; what `&` joins stands in either order, near each other.
Between two words stands whatever is no word, and at most one masked address, name, domain or identifier.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice, permutations

Span = tuple[int, int]  # the numbers of the first and the last word
Words = tuple[str, ...]

_WORD = re.compile(r"\w+|(?<!\w)@(?!\w)")
_MASKED = frozenset({"ADDR", "NAME", "ID", "DOM", "IP"})
_NEXT = 8  # the most characters between two words that follow each other
_GAPS = {"..": 30, "...": 102}
_NEAR = 62
_BETWEEN = frozenset({*_GAPS, "&"})
# Words that every other reply has: no good to begin a search with.
_COMMON = frozenset({
    "a", "access", "address", "allowed", "are", "auth", "authentication", "blocked", "by", "domain", "for",
    "from", "has", "host", "in", "ip", "is", "mail", "message", "messages", "must", "no", "not", "of", "on",
    "or", "our", "recipient", "reject*", "rejected", "send", "sender", "server", "spam", "the", "this", "to",
    "too", "try", "user", "we", "you", "your", "ADDR", "DOM", "IP",
})  # fmt: skip


class Text:
    """The words of a masked text, by their keys."""

    __slots__ = ("ends", "keys", "memory", "starts", "where", "words")

    def __init__(self, text: str) -> None:
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.where: dict[str, list[int]] = {}
        for number, found in enumerate(_WORD.finditer(text)):
            word = found[0]
            self.words.append(word)
            self.starts.append(found.start())
            self.ends.append(found.end())
            self.where.setdefault(word[:4], []).append(number)
            self.where.setdefault(word[:3] + "*", []).append(number)
        self.keys = frozenset(self.where)
        self.memory: dict[str, list[Span]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys)

    def apart(self, last: int, first: int) -> int:
        """The characters between two words."""
        return self.starts[first] - self.ends[last]

    def after(self, last: int) -> list[int]:
        """The numbers of the words that may follow a word where no gap is allowed."""
        found = []
        if last + 1 < len(self.words) and self.apart(last, last + 1) <= _NEXT:
            found.append(last + 1)
            beyond = last + 2 < len(self.words) and self.words[last + 1] in _MASKED
            if beyond and self.apart(last + 1, last + 2) <= _NEXT:
                found.append(last + 2)
        return found


class Token:
    """One word of a phrase: its alternatives by their first word, `needs` the keys of those."""

    __slots__ = ("exact", "needs", "source", "stems")

    def __init__(self, source: str) -> None:
        self.source = source
        self.exact: dict[str, list[Words]] = {}
        self.stems: list[tuple[str, Words]] = []
        found = set()
        for alternative in source.split("|"):
            first, *rest = alternative.split("_")
            found.add(key(first))
            if "*" in first:
                self.stems.append((first[:-1], tuple(rest)))
            else:
                self.exact.setdefault(first, []).append(tuple(rest))
        self.needs = frozenset(found)

    def spans(self, text: Text) -> list[Span]:
        """Where an alternative stands in the text."""
        known = text.memory.get(self.source)
        if known is None:
            at = {number for one in self.needs & text.keys for number in text.where[one]}
            known = [(number, last) for number in sorted(at) for last in self._ends(text, number)]
            text.memory[self.source] = known
        return known

    def _ends(self, text: Text, number: int) -> set[int]:
        word = text.words[number]
        ends: set[int] = set()
        for rest in self.exact.get(word, ()):
            ends.update(_followed(text, number, rest))
        for stem, rest in self.stems:
            if word.startswith(stem):
                ends.update(_followed(text, number, rest))
        return ends


def _followed(text: Text, number: int, rest: Words) -> Iterable[int]:
    """The last words of an alternative whose first word is the given one."""
    ends = [number]
    for wanted in rest:
        ends = [n for end in ends for n in text.after(end) if _is(text.words[n], wanted)]
    return ends


def _is(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


_tokens: dict[str, Token] = {}


def _token(source: str, concepts: dict[str, str]) -> Token:
    expanded = re.sub(r"\{(\w+)\}", lambda match: concepts[match[1]], source) if "{" in source else source
    if expanded not in _tokens:
        _tokens[expanded] = Token(expanded)
    return _tokens[expanded]


def key(word: str) -> str:
    """The index key of a word or stem: its first four characters, three and a star for a shorter stem."""
    stem = word.rstrip("*")
    if word.endswith("*") and len(stem) < 4:
        return stem[:3] + "*"
    return stem[:4]


class Phrase:
    """One phrase; its words are worked out when they are first needed.

    `needs`: for each word that must stand in the text the index keys of its alternatives.
    """

    __slots__ = ("_needs", "_parts", "concepts", "source")

    def __init__(self, source: str, concepts: dict[str, str]) -> None:
        self.source = source
        self.concepts = concepts
        self._needs: tuple[frozenset[str], ...] | None = None
        self._parts: list[list[tuple[str, bool, Token]]] = []

    @property
    def needs(self) -> tuple[frozenset[str], ...]:
        """Raises ValueError where the phrase ends with a gap or a word that may be missing: it would mean nothing."""
        if self._needs is None:
            last = self.source.rsplit(" ", 1)[-1]
            if last.startswith("?") or last in _GAPS:
                raise ValueError(f"a phrase ends with a word that must be there: {self.source!r}")
            self._needs = tuple(_token(word, self.concepts).needs for word in _required(self.source))
        return self._needs

    @property
    def anchor(self) -> frozenset[str]:
        """The keys of the word that the fewest texts hold: few alternatives, and no word that every other reply has."""
        return _token(min(_required(self.source), key=_breadth), self.concepts).needs

    def found_in(self, text: Text) -> bool:
        """Whether the phrase stands in the text."""
        keys = text.keys
        for need in self._needs or self.needs:
            if need.isdisjoint(keys):
                return False
        if not self._parts:
            self._parts = [self._in_order(part) for part in self.source.split(" & ")]
        found = [sorted(_spans(part, text)) for part in self._parts]
        if not all(found):
            return False
        return len(found) == 1 or any(_near(text, order) for order in permutations(found))

    def _in_order(self, part: str) -> list[tuple[str, bool, Token]]:
        """The words of a part, each with the gap before it and whether it may be missing."""
        words: list[tuple[str, bool, Token]] = []
        gap = ""
        for word in part.split(" "):
            if word in _GAPS:
                gap = word
                continue
            words.append((gap, word[0] == "?", _token(word.lstrip("?"), self.concepts)))
            gap = ""
        return words


def _required(source: str) -> list[str]:
    """The words of a phrase that must stand in a text."""
    return [word for word in source.split(" ") if word not in _BETWEEN and word[0] != "?"]


def _breadth(word: str) -> int:
    return 99 if "{" in word else sum(9 if one.partition("_")[0] in _COMMON else 1 for one in word.split("|"))


def _spans(part: list[tuple[str, bool, Token]], text: Text) -> set[Span]:
    """Where the words of a part stand in their order."""
    reached: set[Span] | None = None
    for gap, maybe, token in part:
        here = token.spans(text)
        if reached is None:
            reached = None if maybe else set(here)
            continue
        further = {(first, end) for first, last in reached for end in _next(text, last, gap, here)}
        reached = reached | further if maybe else further
        if not reached:
            break
    return reached or set()


def _next(text: Text, last: int, gap: str, here: list[Span]) -> Iterator[int]:
    """The last words of those spans that may follow a word over the gap."""
    if gap:
        yield from _within(text, last, here, _GAPS[gap])
    else:
        following = text.after(last)
        for start, end in islice(here, bisect_left(here, (last + 1, 0)), None):
            if start > last + 2:
                break
            if start in following:
                yield end


def _within(text: Text, last: int, spans: list[Span], most: int) -> Iterator[int]:
    """The last words of those of the ordered spans that begin at most so many characters after a word."""
    for start, end in islice(spans, bisect_left(spans, (last + 1, 0)), None):
        if text.apart(last, start) > most:
            break
        yield end


def _near(text: Text, order: tuple[list[Span], ...]) -> bool:
    """Whether the parts stand in this order, each near the one before it."""
    ends = {last for _, last in order[0]}
    for part in order[1:]:
        ends = {last for end in ends for last in _within(text, end, part, _NEAR)}
    return bool(ends)
