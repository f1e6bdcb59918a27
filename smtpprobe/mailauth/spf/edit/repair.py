"""Changes of an SPF record, one at a time: known mistakes corrected, dead terms removed, an address permitted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from smtpprobe.mailauth.characters import odd_characters, visible
from smtpprobe.mailauth.spf.client import Client
from smtpprobe.mailauth.spf.of_domain import chosen_by_sender
from smtpprobe.mailauth.spf.record import QUERYING, Term, parse_record, parse_term
from smtpprobe.mailauth.spf.spelling.networks import SHORTEST4, SHORTEST6, in_octal
from smtpprobe.mailauth.spf.spelling.qualifiers import qualifier_inside
from smtpprobe.mailauth.spf.spelling.terms import STRICTNESS, closed
from smtpprobe.mailauth.spf.spelling.words import Alone, Reading, is_blank, is_version, meant_by, respelled
from smtpprobe.model.evidence.spf import SpfIdentity, SpfStepResult
from smtpprobe.model.quoting import apart
from smtpprobe.model.texts.language import mark, say

_NO_POLICY = mark(
    "no all is left: whoever is not permitted is neutral, nobody is rejected (RFC 7208 §4.7); add ~all or -all at the end"
)
_PERMITTING = mark("what {written} was meant to permit is not certain: it was left out, not guessed")
_EXCLUDING = mark(
    "what {written} was meant to exclude is not certain: without it, that begins to pass if another term permits it"
)
_CHOSEN = mark("{meant}, which may be meant, would let anybody pass: whoever sends chooses the name that it asks for")
_EXCLUDED = mark("the record excludes {ip} by name: change that only if it is no longer meant")
_UNCERTAIN = mark("whether {written} was meant as {meant} or as {otherwise} is not certain: {meant} does less harm")
_SLIP = mark("the qualifier inside {written} was taken for a slip: if {otherwise} was meant, write that")
_OCTAL = mark(
    "some take the leading zeros of {written} for octal, and read it as {octal}: the decimal reading is proposed"
)
_MAX_STRING = 255  # octets; RFC 1035 §3.3


class Change(msgspec.Struct, frozen=True):
    """One change in words. `adds` is the term that permits an address, where that is what it does.

    `passes_over` is the error that the address no longer comes to, and others still may.
    """

    text: str
    adds: str | None = None
    passes_over: str | None = None


class Move(Change, frozen=True):
    """A change that moves the term that permits an address."""


class LeftOut(Change, frozen=True):
    """A change that leaves out what was meant to permit somebody: the terms as they are written."""

    terms: tuple[str, ...] = ()


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

    def without(self, reasons: Mapping[int, str]) -> Draft:
        """The draft without the terms at some places, and why. A redirect= that goes leaves ~all, where there is none."""
        removed = [self.words[place] for place in sorted(reasons)]
        words = [word for place, word in enumerate(self.words) if place not in reasons]
        by_reason: dict[str, list[str]] = {}
        for place in sorted(reasons):
            by_reason.setdefault(reasons[place], []).append(self.words[place])
        changes: list[Change] = []
        for why, each in by_reason.items():
            text = say("{removed} removed: {why}", removed=", ".join(map(apart, each)), why=why)
            permitting = tuple(word for word in each if parse_term(word).qualifier == "+" and not _is_all(word))
            changes.append(LeftOut(text, terms=permitting) if permitting else Change(text))
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
        changes.append(Change(say("{words} becomes {word}", words=apart(words[place]), word=word)))
        excluded = words[place].startswith("-")
        words[place] = word
        changed = msgspec.structs.replace(draft, words=tuple(words), changes=tuple(changes))
        return changed.noting(say(_EXCLUDED, ip=ip)) if excluded else changed
    was_added = any(change.adds == word and not isinstance(change, Move) for change in draft.changes)
    is_move = word in words and not was_added
    for earlier in [index for index, each in enumerate(words) if each == word]:
        del words[earlier]
        place -= earlier < place
    if place >= len(words):
        place = _end(words)
    position = say("before {words}", words=apart(words[place])) if place < len(words) else say("at the end")
    words.insert(place, word)
    if is_move:
        added: Change = Move(say("{word} moved {position}", word=word, position=position), word, passing_over)
    else:
        added = Change(say("{word} added {position}", word=word, position=position), word, passing_over)
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
    change = Change(say("{word} moved before {term}", word=apart(word), term=apart(words[before])))
    words.insert(before, word)
    return draft.with_words(words, change)


def with_all_last(draft: Draft) -> Draft:
    """The draft with one all, behind every other mechanism; the same where its first is there.

    An all that fails and takes effect is kept, so that a repair hardens no softfail; else the strictest of them.
    """
    alls = [place for place, word in enumerate(draft.words) if _is_all(word)]
    last = max((place for place, word in enumerate(draft.words) if parse_term(word).qualifier), default=0)
    if not alls or last == alls[0]:
        return draft
    written = [draft.words[place] for place in alls]
    kept = written[0] if written[0][0] in "-~" else max(written, key=_strictness)
    behind = [word for place, word in enumerate(draft.words) if alls[0] < place <= last and place not in alls]
    # What is excluded stands before what would let it pass.
    excluding = [word for word in behind if word[0] in "-~?"]
    in_order = [*excluding, *(word for word in behind if word not in excluding)]
    words = [*draft.words[: alls[0]], *in_order, kept, *draft.words[last + 1 :]]
    changes = [Change(say("{first} moved to the end", first=kept)) if len(alls) == 1 else of_several(written, kept)]
    if in_order != behind:
        before = in_order[len(excluding)]
        changes.append(
            Change(
                say("{word} moved {position}", word=", ".join(excluding), position=say("before {words}", words=before))
            )
        )
    return draft.with_words(words, *changes)


def _strictness(word: str) -> int:
    return STRICTNESS.index(parse_term(word).qualifier)


def is_closing(before: Draft, after: Draft) -> bool:
    """Whether the all that decides lets everybody pass, and another one would once it is kept instead."""
    alls = [next((word for word in draft.words if _is_all(word)), None) for draft in (before, after)]
    qualifiers = [parse_term(word).qualifier if word else "" for word in alls]
    return qualifiers[0] == "+" and qualifiers[1] not in ("", "+")


def of_several(alls: Sequence[str], last: str) -> Change:
    """That several all terms become one, at the end."""
    return Change(say("{alls} become one, at the end: {last}", alls=", ".join(dict.fromkeys(alls)), last=last))


def with_meant(draft: Draft, place: int, meant: str) -> Draft:
    """The draft with the term that was meant by the one at the place."""
    written = draft.words[place]
    change = Change(say("{written} becomes {meant}{why}", written=apart(written), meant=meant, why=""))
    return draft.with_words((*draft.words[:place], meant, *draft.words[place + 1 :]), change)


def ways_of_redirect(draft: Draft) -> tuple[Draft, ...]:
    """The draft without all, and that without redirect=, where both stand: an all makes redirect= ignored (§6.1)."""
    record = parse_record(draft.record)
    if record.ignored_redirect is None:
        return ()
    alls = [term.position for term in record.terms if term.name == "all" and term.qualifier]
    redirects = [term.position for term in record.terms if term.name == "redirect" and not term.qualifier]
    why = say("beside it, {redirect} is ignored (RFC 7208 §6.1)", redirect=record.ignored_redirect.text)
    return (
        draft.without(dict.fromkeys(alls, why)),
        draft.without(dict.fromkeys(redirects, say("beside an all it is ignored (RFC 7208 §6.1)"))),
    )


def without_match(evaluated: SpfIdentity) -> set[int]:
    """The places of terms that cost lookups and were seen not to match."""
    return {
        place
        for place, step in enumerate(evaluated.trace)
        if step.result is SpfStepResult.NO_MATCH and parse_term(step.term).name in QUERYING
    }


def repaired(draft: Draft, alone: Alone = MappingProxyType({}), *, is_closed: bool = True) -> Draft:
    """The draft with every term as it was meant; a term is taken out only where that is not certain.

    `alone` says which terms names can be meant for that stand without a mechanism. `is_closed`: an all that is put
    right lets nobody pass.
    """
    words: list[str] = []
    changes = list(draft.changes)
    notes = list(draft.notes)
    for reading in respelled(draft.words, alone):
        if not reading.differs:
            words += reading.meant
            continue
        meant = tuple(map(closed, reading.meant)) if is_closed else reading.meant
        written = apart(visible(reading.written))
        if any(chosen_by_sender(parse_term(term)) for term in meant):
            is_harmless = parse_term(reading.written).problem is None
            words += [reading.written] * is_harmless
            changes += [] if is_harmless else [Change(say("{word} removed: it would let anybody pass", word=written))]
            notes.append(say(_CHOSEN, meant=" ".join(meant)))
            continue
        words += meant
        if meant:
            odd = odd_characters(reading.written)
            why = say(" (without {odd})", odd=odd) if odd else ""
            if meant != reading.meant:
                why += say(" (written so, it would let everybody pass)")
            changes.append(
                Change(say("{written} becomes {meant}{why}", written=written, meant=" ".join(meant), why=why))
            )
            notes += _doubts(reading, " ".join(meant))
        elif is_blank(reading.written):
            changes.append(Change(say("{written} removed: terms are separated by blanks alone", written=written)))
        elif is_version(reading.written):
            changes.append(Change(say("{written} removed: the version is there already", written=written)))
        else:
            text = say("{removed} removed: {why}", removed=written, why=parse_term(reading.written).problem)
            excludes = reading.written[0] in "-~?"
            changes.append(Change(text) if excludes else LeftOut(text, terms=(reading.written,)))
            notes.append(say(_EXCLUDING if excludes else _PERMITTING, written=written))
    if len(notes) > len(draft.notes) and not _has_policy(words):
        notes.append(say(_NO_POLICY))
    if len(changes) > len(draft.changes):
        words, repeated = _each_once(words)
        changes += [Change(say("{word} removed: it is there twice", word=word)) for word in repeated]
    return Draft(tuple(words), tuple(changes), tuple(notes))


def _doubts(reading: Reading, meant: str) -> Iterator[str]:
    """What else may have been meant by what is written."""
    written = apart(visible(reading.written))
    if reading.otherwise:
        yield say(_UNCERTAIN, written=written, meant=meant, otherwise=" ".join(reading.otherwise))
    inside = qualifier_inside(reading.written)
    if inside is not None and inside.otherwise is not None:
        yield say(_SLIP, written=written, otherwise=inside.otherwise)
    octal = in_octal(reading.written)
    if octal is not None:
        terms = meant_by(octal)
        yield say(_OCTAL, written=written, octal=octal if " " in terms else terms or octal)


def _each_once(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words without those that repeat a mechanism other than all before them, and these."""
    kept: list[str] = []
    repeated: list[str] = []
    for word in words:
        is_there = word.lower() in (each.lower() for each in kept) and not _is_all(word)
        is_there = is_there and bool(parse_term(word).qualifier)
        (repeated if is_there else kept).append(word)
    return kept, repeated


def closed_draft(draft: Draft) -> Draft:
    """The draft without what lets everybody pass, or nearly: an all becomes ~all, a network as large as none goes."""
    made = draft
    for place, word in reversed(list(enumerate(draft.words))):
        if closed(word) != word:
            why = say(" (written so, it would let everybody pass)")
            change = Change(say("{written} becomes {meant}{why}", written=word, meant=closed(word), why=why))
            made = made.with_words((*made.words[:place], closed(word), *made.words[place + 1 :]), change)
        elif _is_open(parse_term(word)):
            made = made.without({place: say("written so, it would let nearly everybody pass")})
    return made


def _is_open(term: Term) -> bool:
    """Whether the term lets larger networks pass than anybody has."""
    if term.qualifier != "+" or term.problem is not None:
        return False
    if term.name in ("a", "mx"):
        return term.prefix4 < SHORTEST4 or term.prefix6 < SHORTEST6
    return (term.name == "ip4" and 32 - term.shift < SHORTEST4) or (term.name == "ip6" and 128 - term.shift < SHORTEST6)


def _has_policy(words: Sequence[str]) -> bool:
    return _has_all(words) or any(word.lower().startswith("redirect=") for word in words)


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
