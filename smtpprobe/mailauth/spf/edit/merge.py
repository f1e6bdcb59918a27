"""Several SPF records as one, and a record in which several stand: the same whoever asks, and conflicts are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from smtpprobe.mailauth.spf.edit.repair import Change, Draft, closed_draft, of_several, repaired
from smtpprobe.mailauth.spf.record import Term, parse_record
from smtpprobe.mailauth.spf.spelling.terms import STRICTNESS
from smtpprobe.mailauth.spf.spelling.words import Alone, is_version
from smtpprobe.model.quoting import apart
from smtpprobe.model.texts.language import mark, say

_VERSION_INSIDE = re.compile(r"(?:[;,|&\"'\\\\]{1,8}+|(?<=all))(?=v=spf1[;,\"']{0,8}\Z)", re.IGNORECASE)
_IN_ONE_TEXT = mark("the {count} SPF records in one text become one")
_SEVERAL = mark("the {count} SPF records become one; remove the others")
# The qualifier of the all that ends the record of each name.
Ends = Mapping[str, str]


def one_of(
    records: Sequence[Sequence[str]],
    alone: Alone = MappingProxyType({}),
    ends: Ends = MappingProxyType({}),
    *,
    is_published: bool = True,
) -> Draft:
    """What a domain publishes as one record, each in words; every one is repaired, then they are merged.

    Where nobody passes today, nobody but those whom a term names does by the record as it was meant. `is_published`:
    the words stand behind v=spf1.
    """
    parts = [part for words in records for part in _at_versions(words)]
    drafts = [
        _with_one_redirect(repaired(Draft(tuple(part)), alone, is_closed=len(parts) == 1), ends) for part in parts
    ]
    whole = drafts[0]
    if len(drafts) > 1:
        whole = merged([draft.record for draft in drafts], ends)
        text = _IN_ONE_TEXT if len(records) == 1 else _SEVERAL
        changes = (
            Change(say(text, count=len(drafts))),
            *(change for draft in drafts for change in draft.changes),
            *whole.changes,
        )
        whole = Draft(whole.words, changes, tuple(note for draft in drafts for note in draft.notes))
    is_in_effect = is_published and len(records) == 1 and parse_record(" ".join(("v=spf1", *records[0]))).faulty is None
    return whole if is_in_effect else closed_draft(_with_one_all(whole))


def _at_versions(words: Sequence[str]) -> list[Sequence[str]]:
    """The words in parts, a new one at each v=spf1 inside; what is empty is left out, where another is not."""
    words = [piece for word in words for piece in _VERSION_INSIDE.split(word) if piece]
    places = [place for place, word in enumerate(words) if is_version(word)]
    parts = [
        words[start:end]
        for start, end in zip([0, *(place + 1 for place in places)], [*places, len(words)], strict=True)
    ]
    return [part for part in parts if part] or [()]


def merged(records: Sequence[str], ends: Ends = MappingProxyType({})) -> Draft:
    """Several records as one: each term once, one all at the end, the mildest that fails; redirect= becomes an include.

    Where one record permits what another excludes, the stricter is kept, wherever it stands, so that the order of the
    records decides nothing.
    """
    kept: list[Term] = []
    changes: list[Change] = []
    alls: list[str] = []
    modifiers: dict[str, str] = {}
    redirects: list[str] = []
    for record in records:
        own: list[Term] = []
        for term in parse_record(record).terms:
            if term.name == "all" and term.problem is None:
                alls.append(term.qualifier)
            elif term.name == "redirect" and not term.qualifier:
                redirects.append(term.text[9:])
            elif not term.qualifier:
                first = modifiers.setdefault(term.name, term.text)
                if first != term.text:
                    changes.append(
                        Change(say("of {first} and {second} the first is kept", first=first, second=term.text))
                    )
            else:
                changes += _place(term, kept, own)
        kept += own
    words = {_key(term): term.text for term in kept}
    for target in redirects:
        words.setdefault(f"+include:{target}".lower(), f"include:{target}")
        alls += ends.get(target.lower(), "")
    last = f"{_mildest(alls or ['~'])}all"
    changes += _of_alls(alls, last)
    return Draft((*words.values(), *modifiers.values(), last), tuple(changes))


def _place(term: Term, kept: list[Term], own: list[Term]) -> Iterator[Change]:
    """Adds a term of one record to those of the records before it, which are `kept`, and its `own`."""
    for at, other in enumerate(kept):
        if _key(other) == _key(term):
            return
        if "+" not in (other.qualifier, term.qualifier) and _bare(other) == _bare(term):
            return
        if (other.qualifier == "+") is (term.qualifier == "+") or not _is_inside(term, other):
            continue
        stricter = other if term.qualifier == "+" else term
        yield Change(say(_CONFLICT, first=other.text, second=term.text, stricter=stricter.text))
        if stricter is term:
            kept[at : at + (_bare(other) == _bare(term))] = [term]
        return
    own.append(term)


_CONFLICT = mark(
    "{first} and {second} contradict each other: {stricter} is kept and comes first, so that nobody passes by a guess"
)


def _key(term: Term) -> str:
    return term.qualifier + _bare(term)


def _bare(term: Term) -> str:
    return term.text.lower().lstrip("+-~?")


def _is_inside(term: Term, other: Term) -> bool:
    """Whether all that a term matches is matched by another one, as far as that can be seen."""
    if term.name in ("ip4", "ip6") and term.name == other.name and None is term.problem is other.problem:
        return term.shift <= other.shift and term.network >> (other.shift - term.shift) == other.network
    return _bare(term) == _bare(other)


def _mildest(qualifiers: Sequence[str]) -> str:
    """The mildest of the qualifiers that fails, with ~ in the place of a +; else the strictest."""
    if not {"-", "~"} & {*qualifiers}:
        return max(qualifiers, key=STRICTNESS.index)
    return "-" if {*qualifiers} <= {"-", "?"} else "~"


def _of_alls(qualifiers: Sequence[str], last: str) -> Iterator[Change]:
    if len(set(qualifiers)) > 1:
        yield of_several([f"{each}all" for each in qualifiers], last)


def _with_one_all(draft: Draft) -> Draft:
    """The draft with one all, at the end, where there are several."""
    alls = [term for term in parse_record(draft.record).terms if term.name == "all" and term.qualifier]
    if len(alls) < 2:
        return draft
    last = f"{_mildest([term.qualifier for term in alls])}all"
    places = {term.position for term in alls}
    words = [word for place, word in enumerate(draft.words) if place not in places]
    changes = list(_of_alls([term.qualifier for term in alls], last))
    return draft.with_words((*words, last), *changes)


def _with_one_redirect(draft: Draft, ends: Ends) -> Draft:
    """The draft with one redirect= and one exp= (RFC 7208 §6); several redirect= become includes, so that all count."""
    terms = parse_record(draft.record).terms
    redirects = [term for term in terms if term.name == "redirect" and not term.qualifier]
    targets = tuple(dict.fromkeys(term.text[9:].lower() for term in redirects))
    if len(targets) > 1 and not any(term.name == "all" for term in terms):
        gone = {term.position for term in redirects}
        includes = [f"include:{target}" for target in targets]
        last = f"{_mildest([ends[target] for target in targets if target in ends] or ['~'])}all"
        words = [word for place, word in enumerate(draft.words) if place not in gone]
        text = say(
            "{redirects} become includes, with {last}: of several redirect= none counts",
            redirects=", ".join(term.text for term in redirects),
            last=last,
        )
        draft = draft.with_words((*words, *includes, last), Change(text))
        terms = parse_record(draft.record).terms
    repeated = [term for term in terms if term.problem is not None]
    words = [word for place, word in enumerate(draft.words) if place not in {term.position for term in repeated}]
    removed = [Change(say("{removed} removed: {why}", removed=apart(term.text), why=term.problem)) for term in repeated]
    return draft.with_words(words, *removed)
