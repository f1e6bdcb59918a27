"""What `explain` gives as JSON: codes, everything that inputs hold, or one item a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.model.report import SCHEMA_VERSION
from smtpprobe.model.texts.language import say
from smtpprobe.render.explanation_item import entry_item, item, of_distinct, refusal_item
from smtpprobe.render.json import document, encode

if TYPE_CHECKING:
    from smtpprobe.catalogue.reference.entries import Entry
    from smtpprobe.catalogue.tally import Distinct
    from smtpprobe.render.explained import ExplainedInputs, InputRead
    from smtpprobe.render.known_ids import KnownIds


def entries(pairs: Sequence[tuple[str, Entry]]) -> str:
    """Codes as given, each with its entry, as one object."""
    items = [entry_item(given, entry) for given, entry in pairs]
    return encode(document({"taken_for": _kind([entry for _, entry in pairs]), "items": items, "unread": 0}))


def known_ids(pages: KnownIds) -> str:
    """What is known of causes and findings by their ids, as one object, which holds no items."""
    kinds = (("causes", pages.causes), ("findings", pages.findings))
    taken_for = say(" and ").join(say("ids of {kind}", kind=kind) for kind, found in kinds if found)
    return encode(document({"taken_for": taken_for, "items": [], "unread": 0, **dict(kinds)}))


def entry_lines(pairs: Sequence[tuple[str, Entry]]) -> str:
    """Codes as given, each with its entry, one object a line."""
    return "".join(line(entry_item(given, entry)) for given, entry in pairs)


def line(values: dict[str, Any]) -> str:
    """An item on one line, which may be read by itself."""
    return encode({"schema_version": SCHEMA_VERSION, **values}, indent=0)


def explained(found: ExplainedInputs) -> str:
    """Everything that the inputs hold, as one object."""
    made: dict[str, Any] = {
        "taken_for": found.taken_for,
        "items": list(_items(found)),
        "summary": found.summary,
        "items_left_out": found.left_out if found.is_summed_up else 0,
        "unread": found.unread,
        "inputs": [_input(each) for each in found.inputs],
    }
    return encode(document(made if found.checks is None else made | {"checks": found.checks}))


def _input(read: InputRead) -> dict[str, Any]:
    """What was read of one input, without what only pages need."""
    return {name: value for name, value in msgspec.structs.asdict(read).items() if name != "taken"}


def _items(found: ExplainedInputs) -> Iterator[dict[str, Any]]:
    if found.is_summed_up:
        for each in found.distinct:
            yield _distinct(each, found.provider)
        return
    for refusal in found.refusals:
        yield refusal_item(refusal, phase=found.phase, provider=found.provider)


def _distinct(each: Distinct, provider: str | None) -> dict[str, Any]:
    """A distinct refusal as an item: its first reply explained, with count, first_seen and last_seen."""
    row = each.row
    more = {"count": row.count, "first_seen": row.first_seen, "last_seen": row.last_seen}
    return (
        item(each.reply, each.phase, provider, place=of_distinct(each))
        | {"source": each.input, "line": each.line, "side": each.side}
        | more
    )


def _kind(entries: Sequence[Entry]) -> str:
    with_code = any(entry.code is not None for entry in entries)
    if len(entries) == 1:
        return say("a reply code") if with_code else say("an enhanced status code")
    return say("reply codes") if with_code else say("enhanced status codes")
