"""The rules that read a cause from a reply's words: phrases over concepts, found through an index of their words."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.catalogue.explainer import wording
from smtpprobe.catalogue.explainer.phrases import Phrase, Text

DOUBT = 55  # taken off the rank of a rule whose `unless` stands in the text: it then loses to any other words


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule: any of `say` (or a URL part) and all of `also`, where code, phase, provider and enhanced code (`none`
    for a reply without one) fit.

    What `unless` names takes DOUBT off the rank. `tag`: the provider's own mark, `guess`: no more than a guess;
    `alternatives` get half of its weight.
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
        if self.enhanced and not (enhanced[2:] if enhanced else "none").startswith(self.enhanced):
            return False
        if self.phases and phase not in self.phases:
            return False
        return not self.providers or provider in self.providers


class Catalogue(msgspec.Struct, kw_only=True):
    rules: tuple[Rule, ...]
    concepts: dict[str, str]
    index: dict[str, list[tuple[Phrase, int]]]
    urls: tuple[tuple[str, int], ...]
    guards: dict[str, Phrase]
    scripts: tuple[tuple[str, Rule], ...]


def table(name: str) -> Any:
    """The parsed data/<name>.toml."""
    return load.table(name)


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
        (wording.folded(part), Rule(cause=row["cause"], rank=row.get("rank", 66), guess=row.get("guess", False)))
        for row in data["script"]
        for part in row["has"]
    ]
    return Catalogue(
        rules=rules, concepts=concepts, index=index, urls=tuple(urls), guards=guards, scripts=tuple(scripts)
    )


def matches(
    text: str, urls: tuple[str, ...], *, code: str, enhanced: str | None, phase: str | None, provider: str | None
) -> list[tuple[int, Rule]]:
    """The rules that the masked text meets, with their rank, highest first."""
    catalogue = _catalogue()
    present = Text(text)
    hits: dict[int, Rule] = {}
    doubted: set[int] = set()
    tried: set[int] = set()

    fitting = [rule.fits(code, enhanced, phase, provider) for rule in catalogue.rules]

    def meets(source: str) -> bool:
        return catalogue.guards[source].found_in(present)

    def hold(number: int) -> None:
        rule = catalogue.rules[number]
        if all(map(meets, rule.also)):
            hits[number] = rule
            if any(map(meets, rule.unless)):
                doubted.add(number)

    for word in present:
        for phrase, number in catalogue.index.get(word, ()):
            if not fitting[number] or number in hits or id(phrase) in tried:
                continue
            tried.add(id(phrase))
            if phrase.found_in(present):
                hold(number)
    if urls:
        lowered = " ".join(urls).lower()
        for part, number in catalogue.urls:
            if fitting[number] and number not in hits and part in lowered:
                hold(number)
    ranked = [(rule.rank - DOUBT * (number in doubted), number, rule) for number, rule in hits.items()]
    if not text.isascii():
        ranked += [(rule.rank, -1, rule) for part, rule in catalogue.scripts if part in text]
    ranked.sort(key=lambda hit: (-hit[0], hit[1]))
    return [(rank, rule) for rank, _, rule in ranked]
