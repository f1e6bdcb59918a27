"""Changes of an SPF record, one at a time: known mistakes corrected, dead terms removed, an address permitted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

import msgspec

from smtpprobe.mailauth.spf.lint.terms import run_together
from smtpprobe.mailauth.spf.macro import TermFault
from smtpprobe.mailauth.spf.record import MISSPELT, QUERYING, parse_record, parse_term
from smtpprobe.model.evidence.spf import SpfFault, SpfIdentity, SpfStepResult
from smtpprobe.model.texts.language import say

_CUT_OFF = ",;.\"'\\`\u200b\u00a0\ufeff\t\r\n"
_MAX_PARTS = 50
_STRICT = {"+": 0, "?": 1, "~": 2, "-": 3}


class Change(msgspec.Struct, frozen=True):
    """One change in words. `adds` is the term that permits an address, where that is what it does."""

    text: str
    adds: str | None = None


class Draft(msgspec.Struct, frozen=True):
    """A record being changed: its terms, what was changed, and what is worth knowing of the change."""

    words: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        """The whole record."""
        return " ".join(("v=spf1", *self.words))

    def without(self, places: set[int], why: str) -> Draft:
        """The draft without some terms. A redirect= that goes leaves ~all, where there is none."""
        removed = [self.words[place] for place in sorted(places)]
        words = [word for place, word in enumerate(self.words) if place not in places]
        changes = [Change(say("{removed} removed: {why}", removed=", ".join(removed), why=why))]
        if any(word.lower().startswith("redirect=") for word in removed) and not _has_all(words):
            words.append("~all")
            changes.append(Change(say("~all added at the end, instead of redirect=")))
        return Draft(tuple(words), (*self.changes, *changes), self.notes)

    def noting(self, note: str) -> Draft:
        """The draft with one more note."""
        return Draft(self.words, self.changes, (*self.notes, note))


def with_network(draft: Draft, place: int, ip: str) -> Draft:
    """The draft with the address permitted before the term at the place; there already, it moves."""
    address = ipaddress.ip_address(ip)
    word = f"ip{address.version}:{address}"
    words = list(draft.words)
    changes = [change for change in draft.changes if change.adds != word]
    if place < len(words) and words[place].lstrip("+-~?").lower() == word and words[place].lower() != word:
        changes.append(Change(say("{words} becomes {word}", words=words[place], word=word)))
        words[place] = word
        return Draft(tuple(words), tuple(changes), draft.notes)
    for earlier in [index for index, each in enumerate(words) if each == word]:
        del words[earlier]
        place -= earlier < place
    if place >= len(words):
        place = _end(words)
    position = say("before {words}", words=words[place]) if place < len(words) else say("at the end")
    words.insert(place, word)
    return Draft(
        tuple(words),
        (*changes, Change(say("{word} added {position}", word=word, position=position), adds=word)),
        draft.notes,
    )


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
    return Draft(tuple(words), (*draft.changes, Change(say("{first} moved to the end", first=first))), draft.notes)


def repaired(draft: Draft) -> Draft:
    """The draft with every syntax error corrected, or its term removed where the intention is not plain."""
    words: list[str] = []
    changes = list(draft.changes)
    for term in parse_record(draft.record).terms:
        if term.problem is None:
            words.append(term.text)
            continue
        meant = [] if term.fault is TermFault.REPEATED else _meant(term.text)
        words += meant
        becomes = (
            say("becomes {meant}", meant=" ".join(meant)) if meant else say("removed: {problem}", problem=term.problem)
        )
        changes.append(Change(f"{term.text} {becomes}"))
    for place, term in reversed(list(enumerate(parse_record(" ".join(("v=spf1", *words))).terms))):
        # What remains is a redirect= or exp= that stands there twice only after the correction.
        if term.problem is not None:
            del words[place]
    return Draft(tuple(words), tuple(changes), draft.notes)


def dead_terms(evaluated: SpfIdentity) -> set[int]:
    """The places of terms that cost lookups and add nothing: void ones, repetitions, and those that lead back."""
    dead: set[int] = set()
    seen: set[str] = set()
    voids = 0
    for place, step in enumerate(evaluated.trace):
        term = parse_term(step.term)
        if term.name in QUERYING:
            text = step.term.lower().removeprefix("+")
            reached = step.result not in (SpfStepResult.NOT_REACHED, SpfStepResult.IGNORED)
            is_void = step.void_lookups_used > voids and step.result is not SpfStepResult.MATCH
            only_void = reached and is_void and not step.children
            # The term whose lookup was the one void lookup too many, not one that leads to such a term.
            over = step.decided and step.fault is SpfFault.TOO_MANY_VOID_LOOKUPS and not step.children
            # A term that leads to its own record costs all ten.
            own = term.name in ("include", "redirect") and term.name_literal == (evaluated.domain or "").lower()
            if text in seen or over or own or (only_void and term.name in ("a", "exists", "mx")):
                dead.add(place)
            seen.add(text)
        voids = max(voids, step.void_lookups_used)
    return dead


def without_match(evaluated: SpfIdentity) -> set[int]:
    """The places of terms that cost lookups and were seen not to match."""
    return {
        place
        for place, step in enumerate(evaluated.trace)
        if step.result is SpfStepResult.NO_MATCH and parse_term(step.term).name in QUERYING
    }


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
    failing = sorted((each for each in alls if each in "-~"), key=lambda each: _STRICT[each])
    last = (failing or sorted(alls, key=lambda each: -_STRICT[each]) or ["~"])[0]
    change = Change(say("the {count} SPF records become one; remove the others", count=len(records)))
    return Draft((*words.values(), *modifiers.values(), f"{last}all"), (change,))


def _meant(text: str) -> list[str]:
    """The terms that were meant by one with a syntax error; none where that is not plain."""
    text = "".join([char for char in text.strip(_CUT_OFF) if char.isprintable()])
    second = run_together(text)
    if second is not None:
        parts = [text[:second], text[second:]]
    else:
        parts = [part for part in re.split("[,;]+", text)[:_MAX_PARTS] if part]
    meant = [next((word for word in _guesses(part.strip(_CUT_OFF)) if _is_good(word)), "") for part in parts]
    return meant if all(meant) else []


def _is_good(word: str) -> bool:
    return " " not in word and parse_term(word).problem is None


def _guesses(text: str) -> Iterator[str]:
    yield text
    qualifier = text[:1] if text[:1] in tuple("+-~?") else ""
    bare = text.removeprefix(qualifier)
    name, _, value = bare.partition(":")
    # First, since a:2001:db8::1 is an IPv6 address as a whole, too.
    if _network(value) and name.lower() in ("a", "mx", "ip", "ip4", "ip6", "ipv4", "ipv6"):
        yield qualifier + _network(value)
    if _network(bare):
        yield qualifier + _network(bare)
    if name.lower() in MISSPELT:
        yield f"{qualifier}{MISSPELT[name.lower()]}:{value}"
    if name.lower() in ("redirect", "exp"):
        yield f"{name}={value}"
    if re.fullmatch(r"all\W.*", bare, re.IGNORECASE):
        yield f"{qualifier}all"
    yield re.sub(r"/0+(?=[0-9])", "/", text)


def _network(text: str) -> str:
    """The ip4 or ip6 term for an address or network as written; empty where it is none."""
    address, slash, prefix = text.partition("/")
    digits = prefix.lstrip("0") or prefix[:1]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return f"ip{parsed.version}:{address}{slash}{digits}"


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
