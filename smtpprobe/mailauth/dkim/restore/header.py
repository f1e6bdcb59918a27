"""A header signature that does not verify: which signed field was changed, and which known rewrite restores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, permutations
from typing import NamedTuple

import msgspec

from smtpprobe.mailauth.dkim.message import without_signature
from smtpprobe.mailauth.dkim.restore.field_changes import Change, changes
from smtpprobe.mailauth.dkim.restore.old_signers import FIELD_FORMS, FieldForm
from smtpprobe.mailauth.dkim.restore.own_field import own_forms
from smtpprobe.mailauth.dkim.restore.trial import MAX_SIGNED_FIELDS, Canonical, Trial
from smtpprobe.mailauth.dkim.restore.work import CANONICALIZATION, Budget
from smtpprobe.model.evidence.dkim import DkimRestoration, SignedPart
from smtpprobe.model.texts.language import mark, say

MAX_HEADER_OCTETS = 1 << 17  # of signed fields; nothing is tried on longer ones
TRIAL_COST = 8192  # octets that could be hashed in the time that a trial takes beside its hash
_MAX_NAMED = 5  # fields in one phrase
_MAX_ORDERED = 4  # fields of one name whose every order is tried
_MAX_PAIRED = 80  # changes of one field that are tried two at a time
_NOT_AS_ASKED = mark("the signer does not follow RFC 6376 §3.7")


class _Candidate(NamedTuple):
    """What may have been signed. `phrases` complete, joined: the header signature is right …"""

    octets: bytes
    rewrite: str
    phrases: tuple[str, ...]
    fields: tuple[str, ...] = ()
    tag: str | None = None


def restore(
    trial: Trial, matches: Callable[[bytes], bool], budget: Budget, values: Mapping[bytes, bytes | None]
) -> DkimRestoration | None:
    """The change of one signed field, or of two, with which the header signature is right; None where none is found.

    `matches` says whether the signature is the key's over these octets; what it is asked is taken off the budget.
    `values` are those that tags of the signature had, if they were changed.
    """
    if len(trial.names) > MAX_SIGNED_FIELDS or trial.size > MAX_HEADER_OCTETS:
        return None
    # Putting the fields in order takes its time as well.
    if not budget.spend(TRIAL_COST + trial.size):
        return None
    for candidate in _candidates(trial, budget, values):
        if not budget.spend(TRIAL_COST + len(candidate.octets)):
            return None
        if matches(candidate.octets):
            phrase = candidate.phrases[0]
            for other_phrase in candidate.phrases[1:]:
                phrase = say("{phrase} and {other_phrase}", phrase=phrase, other_phrase=other_phrase)
            return DkimRestoration(
                part=SignedPart.HEADER,
                rewrite=candidate.rewrite,
                statement=say("the header signature is right {phrase}", phrase=phrase),
                fields=candidate.fields,
                tag=candidate.tag,
            )
    return None


def _candidates(trial: Trial, budget: Budget, values: Mapping[bytes, bytes | None]) -> Iterator[_Candidate]:
    """All that is tried, likeliest first; each is made as it is asked for."""
    present = (name for name, raws in trial.fields.items() if raws)
    for form in own_forms(trial.own, trial.read, present, values):
        octets = trial.reading(form.read).octets({}, form.own)
        yield _Candidate(octets, form.rewrite, (form.phrase,), ("DKIM-Signature",), form.tag)
    yield from _signed_otherwise(trial)
    yield _in_other_form(trial)
    if trial.copied:
        phrase = say("with what z= has: {fields}", fields=", ".join([each.shown for each in trial.copied]))
        titles = tuple([trial.title(each.name) for each in trial.copied])
        octets = trial.octets({each.name: (each.raw,) for each in trial.copied})
        yield _Candidate(octets, "copied-field", (phrase,), titles)
    first: list[Change] = []
    for change in changes(trial, budget):
        if len(first) < _MAX_PAIRED:
            first.append(change)
        octets = trial.octets({change.name: change.instances})
        yield _Candidate(octets, change.rewrite, (change.phrase,), (trial.title(change.name),))
    # The likeliest pairs first: those whose ranks add up to least.
    for one, other in sorted(combinations(first, 2), key=lambda pair: pair[0].rank + pair[1].rank):
        if one.name != other.name:
            octets = trial.octets({one.name: one.instances, other.name: other.instances})
            both = (trial.title(one.name), trial.title(other.name))
            yield _Candidate(octets, one.rewrite, (one.phrase, other.phrase), both)


def _signed_otherwise(trial: Trial) -> Iterator[_Candidate]:
    """What signers sign that do not follow RFC 6376 §3.7 or §5.4.2, with all fields as they are, and other orders."""
    phrase = say("with a line end after the DKIM-Signature field: {not_as_asked}", not_as_asked=say(_NOT_AS_ASKED))
    yield _Candidate(trial.octets({}) + b"\r\n", CANONICALIZATION, (phrase,))
    several = {name: trial.fields[name] for name in trial.counts if len(trial.signed(name)) > 1}
    downwards = {name: raws[: trial.counts[name]][::-1] for name, raws in several.items()}
    for chosen in (downwards, *({name: raws} for name, raws in downwards.items() if len(downwards) > 1)):
        if chosen:
            several_shown = ", ".join([trial.title(name) for name in chosen][:_MAX_NAMED])
            phrase = say(
                "with the {names} fields in reverse order: they were reordered on the way, or the signer counted them "
                "from the top (RFC 6376 §5.4.2)",
                names=several_shown,
            )
            yield _Candidate(trial.octets(chosen), "reordered-fields", (phrase,))
    for name, raws in several.items():
        phrase = say(
            "with the {names} fields in another order: they were reordered on the way", names=trial.title(name)
        )
        for order in permutations(raws) if len(raws) <= _MAX_ORDERED else ():
            yield _Candidate(trial.octets({name: order}), "reordered-fields", (phrase,))
    if trial.read.header_canonicalization == "relaxed":
        for old in FIELD_FORMS:
            yield from _as_old_signers(trial, old)


def _as_old_signers(trial: Trial, old: FieldForm) -> Iterator[_Candidate]:
    """All signed fields in a form that is almost the canonical one, and the signature itself in it as well."""
    forms = {name: tuple([Canonical(old.form(raw)) for raw in trial.signed(name)]) for name in trial.counts}
    differing = [
        trial.title(name)
        for name, changed in forms.items()
        if any(trial.in_form(raw) != other for raw, other in zip(trial.signed(name), changed, strict=True))
    ]
    usual, signed = trial.octets({}), trial.octets(forms)
    own = old.form(without_signature(trial.own)).removesuffix(b"\r\n")
    for octets, others in ((signed, []), (signed.removesuffix(trial.own_canonical) + own, ["DKIM-Signature"])):
        titles = [*differing, *others]
        shown = ", ".join(titles[:_MAX_NAMED]) + (say(" and others") if len(titles) > _MAX_NAMED else "")
        # What comes to the same as the fields as they are has nothing to name.
        if octets != usual:
            yield _Candidate(octets, CANONICALIZATION, (old.said(shown),))


def _in_other_form(trial: Trial) -> _Candidate:
    """The signed fields in the canonical form that c= does not name."""
    other = "simple" if trial.read.header_canonicalization == "relaxed" else "relaxed"
    phrase = say("in {other} form, which c= does not name", other=other)
    changed = trial.reading(msgspec.structs.replace(trial.read, header_canonicalization=other))
    return _Candidate(changed.octets({}), CANONICALIZATION, (phrase,))
