"""Changes of an SPF record, one at a time: known mistakes corrected, dead terms removed, an address permitted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from types import MappingProxyType

import msgspec

from smtpprobe.mailauth.characters import odd_characters, visible
from smtpprobe.mailauth.spf.client import Client
from smtpprobe.mailauth.spf.record import QUERYING, parse_record, parse_term
from smtpprobe.mailauth.spf.spelling.terms import STRICTNESS
from smtpprobe.mailauth.spf.spelling.words import Mechanisms, is_blank, is_version, respelled
from smtpprobe.model.evidence.spf import SpfIdentity, SpfStepResult
from smtpprobe.model.texts.language import say

_MAX_STRING = 255  # octets; RFC 1035 §3.3


class Change(msgspec.Struct, frozen=True):
    """One change in words. `adds` is the term that permits an address, where that is what it does.

    `passes_over` is the error that the address no longer comes to, and others still may.
    """

    text: str
    adds: str | None = None
    passes_over: str | None = None


class Draft(msgspec.Struct, frozen=True):
    """A record being changed: its terms, what was changed, and what is worth knowing of the change."""

    words: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        """The whole record."""
        return " ".join(("v=spf1", *self.words))

    def noting(self, note: str) -> Draft:
        """The draft with one more note."""
        return Draft(self.words, self.changes, (*self.notes, note))

    def without(self, places: set[int], why: str) -> Draft:
        """The draft without some terms. A redirect= that goes leaves ~all, where there is none."""
        removed = [self.words[place] for place in sorted(places)]
        words = [word for place, word in enumerate(self.words) if place not in places]
        changes = [Change(say("{removed} removed: {why}", removed=", ".join(removed), why=why))]
        if any(word.lower().startswith("redirect=") for word in removed) and not _has_all(words):
            words.append("~all")
            changes.append(Change(say("~all added at the end, instead of redirect=")))
        return self.with_words(words, *changes)

    def with_words(self, words: Sequence[str], *changes: Change) -> Draft:
        """The draft with other words, and what was changed for it."""
        return msgspec.structs.replace(self, words=tuple(words), changes=(*self.changes, *changes))


def strings(record: str) -> tuple[str, ...]:
    """The record's strings as a master file has them: quoted, each at most 255 octets, cut after a blank if possible."""
    cut: list[str] = []
    while len(record) > _MAX_STRING:
        end = record.rfind(" ", 0, _MAX_STRING) + 1 or _MAX_STRING
        cut.append(record[:end])
        record = record[end:]
    cut.append(record)
    return tuple('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in cut)


def with_network(draft: Draft, place: int, ip: str, *, passing_over: str | None = None) -> Draft:
    """The draft with the address permitted before the term at the place; there already, it moves."""
    address = ipaddress.ip_address(ip)
    word = f"ip{address.version}:{address}"
    words = list(draft.words)
    changes = [change for change in draft.changes if change.adds != word]
    if place < len(words) and words[place].lstrip("+-~?").lower() == word and words[place].lower() != word:
        changes.append(Change(say("{words} becomes {word}", words=words[place], word=word)))
        words[place] = word
        return msgspec.structs.replace(draft, words=tuple(words), changes=tuple(changes))
    for earlier in [index for index, each in enumerate(words) if each == word]:
        del words[earlier]
        place -= earlier < place
    if place >= len(words):
        place = _end(words)
    position = say("before {words}", words=words[place]) if place < len(words) else say("at the end")
    words.insert(place, word)
    added = Change(say("{word} added {position}", word=word, position=position), adds=word, passes_over=passing_over)
    return msgspec.structs.replace(draft, words=tuple(words), changes=(*changes, added))


def permitting(draft: Draft, after: int, ip: str) -> Iterator[Draft]:
    """The draft with a term that may permit the address moved before a place, and the lookups that lead there.

    A network that the address is in comes first, since it needs no lookup; an include may permit it or not.
    """
    client = Client(ip)
    later = [term for term in parse_record(draft.record).directives if term.position > after and term.qualifier == "+"]
    networks = [term for term in later if term.name == client.network_name and client.decides(term)]
    for term in (*networks, *(term for term in later if term.name == "include")):
        yield _moved(draft, term.position, after)


def _moved(draft: Draft, place: int, before: int) -> Draft:
    words = list(draft.words)
    word = words.pop(place)
    # What fails on purpose keeps its place before what passes.
    while before and parse_term(words[before - 1]).qualifier == "+":
        before -= 1
    change = Change(say("{word} moved before {term}", word=word, term=words[before]))
    words.insert(before, word)
    return draft.with_words(words, change)


def with_all_last(draft: Draft) -> Draft:
    """The draft with its first all term behind every other mechanism; the same where it is there already."""
    alls = [place for place, word in enumerate(draft.words) if _is_all(word)]
    last = max((place for place, word in enumerate(draft.words) if parse_term(word).qualifier), default=0)
    if not alls or last in alls:
        return draft
    first = draft.words[alls[0]]
    words = list(draft.words)
    words.insert(last + 1, first)
    del words[alls[0]]
    return draft.with_words(words, Change(say("{first} moved to the end", first=first)))


def without_match(evaluated: SpfIdentity) -> set[int]:
    """The places of terms that cost lookups and were seen not to match."""
    return {
        place
        for place, step in enumerate(evaluated.trace)
        if step.result is SpfStepResult.NO_MATCH and parse_term(step.term).name in QUERYING
    }


def repaired(draft: Draft, alone: Mechanisms = MappingProxyType({})) -> Draft:
    """The draft with every term as it was meant; a term is taken out only where that is not certain.

    `alone` says which mechanisms names can be meant for that stand without one.
    """
    words: list[str] = []
    changes = list(draft.changes)
    notes = list(draft.notes)
    for reading in respelled(draft.words, alone):
        words += reading.meant
        if not reading.differs:
            continue
        written = visible(reading.written)
        if reading.meant:
            odd = odd_characters(reading.written)
            why = say(" (without {odd})", odd=odd) if odd else ""
            changes.append(
                Change(say("{written} becomes {meant}{why}", written=written, meant=" ".join(reading.meant), why=why))
            )
            if reading.otherwise:
                notes.append(
                    say(
                        "whether {written} was meant as {meant} or as {otherwise} is not certain: the stricter is proposed",
                        written=written,
                        meant=" ".join(reading.meant),
                        otherwise=" ".join(reading.otherwise),
                    )
                )
        elif is_blank(reading.written):
            changes.append(Change(say("{written} removed: terms are separated by blanks alone", written=written)))
        elif is_version(reading.written):
            changes.append(Change(say("{written} removed: the version is there already", written=written)))
        else:
            changes.append(
                Change(say("{removed} removed: {why}", removed=written, why=parse_term(reading.written).problem))
            )
            notes.append(
                say("what {written} was meant to permit is not certain: it was left out, not guessed", written=written)
            )
    changes += _without_repeats(words)
    return Draft(tuple(words), tuple(changes), tuple(notes))


def _without_repeats(words: list[str]) -> list[Change]:
    """Removes each redirect= and exp= but the first (RFC 7208 §6)."""
    changes: list[Change] = []
    for place, term in reversed(list(enumerate(parse_record(" ".join(("v=spf1", *words))).terms))):
        if term.problem is not None:
            changes.insert(0, Change(say("{removed} removed: {why}", removed=words[place], why=term.problem)))
            del words[place]
    return changes


def one_of(records: Sequence[Sequence[str]], alone: Mechanisms = MappingProxyType({})) -> Draft:
    """What a domain publishes as one record, each in words; every one is repaired, then they are merged."""
    parts = [part for words in records for part in _at_versions(words)]
    drafts = [repaired(Draft(tuple(part)), alone) for part in parts]
    if len(drafts) == 1:
        return drafts[0]
    whole = merged([draft.record for draft in drafts])
    if len(records) == 1:
        whole = Draft(whole.words, (Change(say("the {count} SPF records in one text become one", count=len(drafts))),))
    changes = tuple(change for draft in drafts for change in draft.changes)
    notes = tuple(note for draft in drafts for note in draft.notes)
    return Draft(whole.words, (*whole.changes, *changes), notes)


def _at_versions(words: Sequence[str]) -> list[Sequence[str]]:
    """The words in parts, a new one at each v=spf1 inside; what is empty is left out, where another is not."""
    places = [place for place, word in enumerate(words) if is_version(word)]
    parts = [
        words[start:end]
        for start, end in zip([0, *(place + 1 for place in places)], [*places, len(words)], strict=True)
    ]
    return [part for part in parts if part] or [()]


def merged(records: Sequence[str]) -> Draft:
    """Several records as one: each term once, one all at the end, the mildest that fails; redirect= becomes an include."""
    words: dict[str, str] = {}
    alls: list[str] = []
    modifiers: dict[str, str] = {}
    redirects: list[str] = []
    for record in records:
        for term in parse_record(record).terms:
            if term.name == "all" and term.problem is None:
                alls.append(term.qualifier)
            elif term.name == "redirect" and not term.qualifier:
                redirects.append(term.text[9:])
            elif not term.qualifier:
                modifiers.setdefault(term.name, term.text)
            else:
                words.setdefault(term.text.lower().removeprefix("+"), term.text)
    for target in redirects:
        words.setdefault(f"include:{target}".lower(), f"include:{target}")
    failing = sorted((each for each in alls if each in "-~"), key=STRICTNESS.index)
    last = (failing or sorted(alls, key=STRICTNESS.index, reverse=True) or ["~"])[0]
    change = Change(say("the {count} SPF records become one; remove the others", count=len(records)))
    return Draft((*words.values(), *modifiers.values(), f"{last}all"), (change,))


def _end(words: Sequence[str]) -> int:
    """Where a mechanism may stand last: before the first all, else before trailing modifiers."""
    for place, word in enumerate(words):
        if _is_all(word):
            return place
    place = len(words)
    while place and not parse_term(words[place - 1]).qualifier:
        place -= 1
    return place


def _has_all(words: Sequence[str]) -> bool:
    return any(_is_all(word) for word in words)


def _is_all(word: str) -> bool:
    return word.lstrip("+-~?").lower() == "all"
