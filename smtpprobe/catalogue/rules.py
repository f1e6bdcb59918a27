"""The rules that read a cause from a reply's words: phrases over concepts, found through an index of their words.

The phrase language of data/text_rules.toml: words in order, each `a|b` (either), `stem*`, `?maybe`, `{concept}`;
`_` joins the words of one alternative; `..` and `...` let some, and many, characters stand between; what `&` joins
stands in either order, near each other.
Between two words stands whatever is no word, and at most one masked address, name, domain or identifier.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import permutations
from typing import Any

import msgspec

from smtpprobe.catalogue import load, wording

_SEP = r"\W{1,8}(?:(?:ADDR|NAME|ID|DOM|IP)\W{1,8})?"
_GAPS = {"..": r"\W(?:.{0,28}\W)?", "...": r"\W(?:.{0,100}\W)?"}
_BETWEEN = frozenset({"..", "...", "&"})
_NEAR = r"\W(?:.{0,60}\W)?"


DOUBT = 55  # taken off the rank of a rule whose `unless` stands in the text: it then loses to any other words


class Phrase:
    """One phrase; its words and its pattern are worked out when they are first needed.

    `needs`: for each word that must stand in the text the index keys of its alternatives.
    """

    __slots__ = ("_needs", "_pattern", "concepts", "source")

    def __init__(self, source: str, concepts: dict[str, str]) -> None:
        self.source = source
        self.concepts = concepts
        self._needs: tuple[frozenset[str], ...] | None = None
        self._pattern: re.Pattern[str] | None = None

    @property
    def needs(self) -> tuple[frozenset[str], ...]:
        """Raises ValueError where the phrase ends with a gap or a word that may be missing: it would mean nothing."""
        if self._needs is None:
            last = self.source.rsplit(" ", 1)[-1]
            if last.startswith("?") or last in _GAPS:
                raise ValueError(f"a phrase ends with a word that must stand there: {self.source!r}")
            self._needs = tuple(_token_keys(token, self.concepts) for token in _required(self.source))
        return self._needs

    @property
    def anchor(self) -> frozenset[str]:
        """The keys of the word with the fewest alternatives."""
        return _token_keys(min(_required(self.source), key=_breadth), self.concepts)

    def found_in(self, text: str, keys: frozenset[str] | set[str]) -> bool:
        """Whether the phrase stands in the masked text whose keys are given."""
        for need in self.needs:
            if need.isdisjoint(keys):
                return False
        if self._pattern is None:
            self._pattern = re.compile(_pattern(_expanded(self.source, self.concepts)))
        return self._pattern.search(text) is not None


def _required(source: str) -> list[str]:
    """The words of a phrase that must stand in a text."""
    return [token for token in source.split(" ") if token not in _BETWEEN and token[0] != "?"]


def _breadth(token: str) -> int:
    return 99 if "{" in token else token.count("|")


_keys_of_tokens: dict[str, frozenset[str]] = {}


def _token_keys(token: str, concepts: dict[str, str]) -> frozenset[str]:
    if token not in _keys_of_tokens:
        alternatives = _expanded(token, concepts).split("|")
        _keys_of_tokens[token] = frozenset(key(word.split("_", 1)[0]) for word in alternatives)
    return _keys_of_tokens[token]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule: any of `say` (or a URL part), none of `unless`, where code, phase, provider and enhanced code fit.

    `rank`: 80 a provider's own tag, 70 named and specific, 60 plain words, 45 vague, 30 hardly more than "no".
    """

    cause: str
    say: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    enhanced: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    rank: int = 60
    tag: bool = False
    guess: bool = False
    alternatives: tuple[str, ...] = ()

    def fits(self, code: str, enhanced: str | None, phase: str | None, provider: str | None) -> bool:
        """Whether the reply's surroundings allow the rule; what is unknown does not."""
        if self.codes and not code.startswith(self.codes):
            return False
        if self.enhanced and not (enhanced and enhanced[2:].startswith(self.enhanced)):
            return False
        if self.phases and phase not in self.phases:
            return False
        return not self.providers or provider in self.providers


class Catalogue(msgspec.Struct):
    rules: tuple[Rule, ...]
    concepts: dict[str, str]
    index: dict[str, list[tuple[Phrase, int]]]
    urls: tuple[tuple[str, int], ...]
    guards: dict[str, Phrase]
    scripts: tuple[tuple[str, Rule], ...]


def table(name: str) -> Any:
    """The parsed data/<name>.toml."""
    return load.table(name)


def key(word: str) -> str:
    """The index key of a word or stem: its first four characters, three and a star for a shorter stem."""
    stem = word.rstrip("*")
    if word.endswith("*") and len(stem) < 4:
        return stem[:3] + "*"
    return stem[:4]


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    data = table("text_rules")
    concepts = {name: "|".join(words) for name, words in data["concepts"].items()}
    rules = tuple(msgspec.convert(row, Rule) for row in data["rule"])
    index: dict[str, list[tuple[Phrase, int]]] = {}
    guards: dict[str, Phrase] = {}
    urls = []
    for number, rule in enumerate(rules):
        urls += [(part, number) for part in rule.url]
        for source in rule.say:
            phrase = Phrase(source, concepts)
            for anchor in phrase.anchor:
                index.setdefault(anchor, []).append((phrase, number))
        for source in (*rule.unless, *rule.also):
            guards[source] = Phrase(source, concepts)
    scripts = [
        (wording.folded(part), Rule(row["cause"], rank=row.get("rank", 66), guess=row.get("guess", False)))
        for row in data["script"]
        for part in row["has"]
    ]
    return Catalogue(rules, concepts, index, tuple(urls), guards, tuple(scripts))


def keys(text: str) -> set[str]:
    """The index keys of a masked text's words."""
    found: set[str] = set()
    for word in wording.words(text):
        found.add(word[:4])
        found.add(word[:3] + "*")
    return found


def matches(
    text: str, urls: tuple[str, ...], code: str, enhanced: str | None, phase: str | None, provider: str | None
) -> list[tuple[int, Rule]]:
    """The rules that the masked text meets, with their rank, highest first."""
    catalogue = _catalogue()
    present = keys(text)
    hits: dict[int, Rule] = {}
    doubted: set[int] = set()
    tried: set[int] = set()

    def meets(source: str) -> bool:
        return catalogue.guards[source].found_in(text, present)

    def consider(number: int) -> bool:
        rule = catalogue.rules[number]
        return rule.fits(code, enhanced, phase, provider)

    def hold(number: int) -> None:
        rule = catalogue.rules[number]
        if all(map(meets, rule.also)):
            hits[number] = rule
            if any(map(meets, rule.unless)):
                doubted.add(number)

    for word in present:
        for phrase, number in catalogue.index.get(word, ()):
            if number in hits or id(phrase) in tried or not consider(number):
                continue
            tried.add(id(phrase))
            if phrase.found_in(text, present):
                hold(number)
    if urls:
        lowered = " ".join(urls).lower()
        for part, number in catalogue.urls:
            if number not in hits and part in lowered and consider(number):
                hold(number)
    ranked = [(rule.rank - DOUBT * (number in doubted), number, rule) for number, rule in hits.items()]
    if not text.isascii():
        ranked += [(rule.rank, -1, rule) for part, rule in catalogue.scripts if part in text]
    ranked.sort(key=lambda hit: (-hit[0], hit[1]))
    return [(rank, rule) for rank, _, rule in ranked]


def _expanded(source: str, concepts: dict[str, str]) -> str:
    if "{" not in source:
        return source
    return re.sub(r"\{(\w+)\}", lambda match: concepts[match[1]], source)


def _pattern(expanded: str) -> str:
    """The regular expression of a phrase whose concepts are expanded."""
    parts = [_in_order(part) for part in expanded.split(" & ")]
    orders = ["(?:" + _NEAR.join(order) + ")" for order in permutations(parts)]
    return r"(?<!\w)(?:" + "|".join(orders) + r")(?!\w)"


def _in_order(expanded: str) -> str:
    pieces: list[str] = []
    gap: str | None = ""
    for token in expanded.split(" "):
        if token in _GAPS:
            gap = _GAPS[token]
            continue
        maybe = token.startswith("?")
        words = "|".join(map(_word, token.lstrip("?").split("|")))
        if maybe:
            pieces.append(f"(?:{gap if gap is not None else _SEP}(?:{words}))?")
        else:
            pieces.append(f"{gap if gap is not None else _SEP}(?:{words})")
        gap = None
    return "".join(pieces)


def _word(alternative: str) -> str:
    return _SEP.join(r"\w*".join(map(re.escape, word.split("*"))) for word in alternative.split("_"))
