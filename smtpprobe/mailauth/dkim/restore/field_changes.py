"""The changes of single fields that a signature covers, which servers and signers are known for; likeliest first."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import NamedTuple

from smtpprobe.mailauth.dkim.message import Field, canonical_field
from smtpprobe.mailauth.dkim.restore.field_forms import MAX_FIELD_OCTETS, forms
from smtpprobe.mailauth.dkim.restore.old_signers import FIELD_FORMS
from smtpprobe.mailauth.dkim.restore.trial import Canonical, Trial
from smtpprobe.mailauth.dkim.restore.work import CANONICALIZATION, Budget
from smtpprobe.model.texts.language import say

_MAX_CHANGES = 2000
_FORM_COST = 64  # times that the octets of a field could be hashed while its forms are made

# Fields that a server adds where they are missing, as it writes them, and those that keep a field's first value.
_DEFAULTS = {
    b"mime-version": (b"MIME-Version: 1.0\r\n",),
    b"content-transfer-encoding": (b"Content-Transfer-Encoding: 7bit\r\n", b"Content-Transfer-Encoding: 8bit\r\n"),
    b"content-type": (b"Content-Type: text/plain\r\n", b"Content-Type: text/plain; charset=us-ascii\r\n"),
}
_KEPT_AS = (b"x-original-", b"original-", b"x-", b"old-", b"x-google-original-", b"x-ms-exchange-original-")
_KEPT_ELSEWHERE = {b"from": (b"reply-to", b"x-mailfrom"), b"reply-to": (b"from",)}


class Change(NamedTuple):
    """One field's instances put otherwise. `phrase` completes: the header signature is right …"""

    name: bytes
    instances: tuple[bytes, ...]
    rewrite: str
    phrase: str
    rank: int


def changes(trial: Trial, budget: Budget) -> Iterator[Change]:
    """Each change of one field, by rank; made as they are asked for, as long as the budget lasts."""
    streams: list[Iterator[Change]] = []
    for name, count in trial.counts.items():
        streams.append(_without_one(trial, name))
        streams += [_changed(trial, name, number, budget) for number in range(len(trial.signed(name)))]
        if count > len(trial.fields.get(name, ())):
            streams.append(_added(trial, name))
    return islice(merge(*streams, key=lambda change: change.rank), _MAX_CHANGES)


def _without_one(trial: Trial, name: bytes) -> Iterator[Change]:
    present, signed = trial.fields.get(name, ()), len(trial.signed(name))
    title = trial.title(name)
    # Those above the signed ones move down.
    instances = tuple(present[-signed - 1 :])
    for number in range(len(instances) - signed, len(instances)):
        rest = instances[:number] + instances[number + 1 :]
        rewrite, phrase = "added-field", say("without the {title} field, which was added", title=title)
        if rest:
            ordinal = _ordinal(len(present) - len(instances) + number, len(present))
            rewrite, phrase = "second-field", say("without the {ordinal} {title} field", ordinal=ordinal, title=title)
        yield Change(name, rest, rewrite, phrase, 0 if rest else 3)


def _changed(trial: Trial, name: bytes, number: int, budget: Budget) -> Iterator[Change]:
    signed = trial.signed(name)
    if budget.spend(_FORM_COST * len(signed[number])):
        for rank, (rewrite, phrase, raw) in enumerate(_values(trial, name, signed[number])):
            yield Change(name, (*signed[:number], raw, *signed[number + 1 :]), rewrite, phrase, rank)


def _added(trial: Trial, name: bytes) -> Iterator[Change]:
    for rank, (rewrite, phrase, raw) in enumerate(_absent(trial, name)):
        yield Change(name, (raw, *trial.fields.get(name, ())), rewrite, phrase, rank)


def _values(trial: Trial, name: bytes, raw: bytes) -> Iterator[tuple[str, str, bytes]]:
    field = Field(name, raw)
    title = raw.partition(b":")[0].rstrip(b" \t")
    shown_title = title.decode("ascii", "replace")
    for other in (*(prefix + name for prefix in _KEPT_AS), *_KEPT_ELSEWHERE.get(name, ())):
        for kept in trial.fields.get(other, ())[-2:]:
            phrase = say(
                "with the value of {quoted} as {shown_title}, which was replaced",
                quoted=trial.title(other),
                shown_title=shown_title,
            )
            yield "replaced-field", phrase, title + b":" + kept.partition(b":")[2]
    if trial.read.header_canonicalization == "relaxed" and len(raw) <= MAX_FIELD_OCTETS:
        for old in FIELD_FORMS:
            canonical = old.form(raw)
            if canonical != canonical_field(raw, "relaxed"):
                yield CANONICALIZATION, old.said(shown_title), Canonical(canonical)
    for rewrite, phrase, changed in forms(field, trial.read.header_canonicalization):
        if changed != raw:
            yield rewrite, phrase.format(name=shown_title), changed


def _absent(trial: Trial, name: bytes) -> Iterator[tuple[str, str, bytes]]:
    title = name.decode("ascii", "replace").title()
    for prefix in _KEPT_AS:
        for kept in trial.fields.get(prefix + name, ())[-2:]:
            phrase = say("with {quoted} as {title}, which was renamed", quoted=trial.title(prefix + name), title=title)
            yield "renamed-field", phrase, title.encode() + b":" + kept.partition(b":")[2]
    for line in _DEFAULTS.get(name, ()):
        yield "removed-field", say("with {line}, which was removed", line=line.decode().strip()), line


def _ordinal(number: int, count: int) -> str:
    if number == count - 1:
        return say("last")
    ordinals = (say("first"), say("second"), say("third"))
    return ordinals[number] if number < len(ordinals) else say("{number}th", number=number + 1)
