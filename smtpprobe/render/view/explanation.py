"""A reply explained, as a page tells it: which cause with how sure that is, what else it may be, and what to do."""

from __future__ import annotations

import msgspec

from smtpprobe.catalogue.causes import UNKNOWN
from smtpprobe.catalogue.explainer.explain import Explanation
from smtpprobe.catalogue.explainer.reading import Basis, Sureness
from smtpprobe.model.remedy import Remedy
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.explanation_item import Around, Explained, check_of, has_code

_NAMED = (mark("ip"), mark("domain"), mark("list"))
_SURENESS = {
    Sureness.SURE: mark("the reply says so"),
    Sureness.LIKELY: mark("likely, by its words"),
    Sureness.GUESS: mark("a guess from the code"),
}
# Of words that are no reply: the sending system's own.
_SURENESS_OF_WORDS = _SURENESS | {
    Sureness.SURE: mark("the words say so"),
    Sureness.GUESS: mark("a guess from the words"),
}
_NO_CONNECTION = "connection-failed"
_LISTINGS = ("ip-blocklisted", "domain-blocklisted")
_NOTHING = Around()


class ToldCause(msgspec.Struct, frozen=True):
    """The cause that a reply has: its title, its id, and how sure it is, in words."""

    title: str
    id: str
    sureness: str


class ExplanationView(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of one reply. Without a cause, `unknown` says what is known all the same, and `others` it may be."""

    cause: ToldCause | None
    unknown: str
    others: tuple[str, ...]
    like: str  # the labelled reply that this one reads like, on one line; empty where its cause is not from likeness
    named: tuple[tuple[str, str], ...]  # what the words name: what it is, and its value
    url: str  # of a page that they name; empty where they name none
    provider: str
    meaning: str
    beside: str  # what the codes add to it
    code_meaning: str  # what they say by themselves, which may be about other causes
    remedies: tuple[Remedy, ...]
    retry: str
    references: tuple[str, ...]  # of the codes' words that are told
    code_references: tuple[str, ...]
    see: str  # the command that shows what a client's error tells of, to be copied; empty for a reply


def explanation_view(told: Explained, *, reply: str = "", place: Around = _NOTHING) -> ExplanationView:
    """The reply's view, in the language in force."""
    said, entry = told.explanation, told.entry
    known = said.cause != UNKNOWN
    return ExplanationView(
        cause=_cause(told) if known else None,
        unknown="" if known else _unknown(told),
        others=told.others,
        like=" ".join((said.reads_like or "").split()),
        named=tuple((say(name), value) for name in _NAMED if (value := getattr(said.captures, name))),
        url=said.captures.url or "",
        provider=said.provider or "",
        meaning=told.meaning,
        beside=told.beside,
        code_meaning=entry.meaning,
        remedies=told.remedies,
        retry=told.retry,
        references=told.references,
        code_references=entry.references,
        see=check_of(said.client_error, reply, place, cause=said.cause) or "",
    )


def _cause(told: Explained) -> ToldCause:
    said = told.explanation
    return ToldCause(told.cause.title if told.cause else said.cause, said.cause, _sureness(said))


def _sureness(said: Explanation) -> str:
    words = _SURENESS if has_code(said) else _SURENESS_OF_WORDS
    if said.captures.list_refused and said.cause in _LISTINGS:
        return say("the reply quotes a refused query, not a listing")
    if said.cause == _NO_CONNECTION and said.client_error is not None and said.confidence is Sureness.SURE:
        return say("no reply: the connection failed")
    sureness = say(words.get(said.confidence, said.confidence))
    if said.basis is not Basis.LIKENESS:
        return sureness
    if said.confidence is Sureness.GUESS:
        sureness = say("a guess from the words")
    return f"{sureness}, {min(round(100 * said.probability), 99)} %" if said.probability else sureness


def _unknown(told: Explained) -> str:
    if not has_code(told.explanation):
        return say("not told by these words, and no reply is quoted")
    return say("not told by these words; by its class: {title}", title=told.entry.title)
