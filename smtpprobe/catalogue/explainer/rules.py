"""The rules that state a cause: regular expressions for words that leave no doubt."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.model.words import Word

_WORD = re.compile(r"[^\W\d_A-Z]{2,}")  # letters that mask nothing


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule: any of `say` in the masked text or of `url` in a URL, none of `unless` in the text and none of `unless_url` in
    a URL, for the codes and phases named.

    `words`: one of them stands in every text that the rule fits, so that the expressions need not be tried on others. An
    empty string among `phases` is a phase that is not known. `tag`: the provider's own mark.
    """

    cause: str
    words: tuple[str, ...] = ()
    say: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    unless_url: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    tag: bool = False

    def fits(self, text: str, urls: str, code: str, phase: str | None) -> bool:
        """Whether the rule states the cause of a reply with this masked text and these URLs in lower case."""
        named = _has_any(urls, self.url)
        if not named and not _has_any(text, self.words):
            return False
        if self.phases and (phase or "") not in self.phases:
            return False
        if self.codes and not code.startswith(self.codes):
            return False
        say, unless = _compiled(self)
        found = named or (say is not None and say.search(text) is not None)
        if not found or any(re.search(each, urls) for each in self.unless_url):
            return False
        return unless is None or unless.search(text) is None


def _has_any(text: str, parts: tuple[str, ...]) -> bool:
    # Tried for every rule and text: a loop takes a third of a generator's time.
    for part in parts:  # noqa: SIM110
        if part in text:
            return True
    return False


def table(name: str) -> Any:
    """The parsed data/<name>.toml."""
    return load.table(name)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule, what is special before what is general."""
    return msgspec.convert(table("text_rules")["rule"], tuple[Rule, ...])


class Vagueness(Word):
    """What a reply says that gives no reason."""

    LATER = "later"  # it is to be tried again
    REFUSAL = "refusal"  # no more than "no"
    FAREWELL = "farewell"
    POINTER = "pointer"  # where the reason can be read


def vagueness(text: str) -> Vagueness | None:
    """What a masked text says, if its words give no reason; None if they may."""
    found = set(_WORD.findall(text))
    if found and found <= _words("pointing"):
        return Vagueness.POINTER
    if found <= _words("later"):
        return Vagueness.LATER
    if found <= _words("later") | _words("refusal"):
        return Vagueness.REFUSAL
    return Vagueness.FAREWELL if found <= _words("later") | _words("farewell") else None


@lru_cache(maxsize=8)
def _words(name: str) -> frozenset[str]:
    return frozenset(table("text_rules")[name])


@lru_cache(maxsize=256)
def _compiled(rule: Rule) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    return _any_of(rule.say), _any_of(rule.unless)


def _any_of(expressions: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(expressions)) if expressions else None


def stated(text: str, urls: tuple[str, ...], code: str, phase: str | None) -> Rule | None:
    """The first rule that fits a masked text; `code` is the reply's, or the first digit of its enhanced one."""
    lowered = " ".join(urls).lower()
    return next((rule for rule in rules() if rule.fits(text, lowered, code, phase)), None)
