"""The shape of what `explain` and `compare` print as JSON, for the schema: the objects themselves are made elsewhere.

A field whose default is UNSET is left out where it has nothing to say; every other is always there.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from smtpprobe.catalogue.explainer.explain import Explanation
from smtpprobe.catalogue.reference.compare import Comparison
from smtpprobe.catalogue.reference.entries import Entry
from smtpprobe.catalogue.tally import Summary
from smtpprobe.model.remedy import Remedy
from smtpprobe.model.report import CheckReport, Tool
from smtpprobe.model.transcript import Side
from smtpprobe.render.known_ids import CausePage, FindingPage


class Item(Explanation, frozen=True, kw_only=True):
    """One reply explained; `entry` where codes alone were asked for, `count` and what follows it for many alike.

    `meaning` is the cause's, with what the codes add to it; `code_meaning` what the codes say by themselves, which may
    be about other causes. `fix` has the actions of `remedies`.
    """

    input: str
    title: str
    meaning: str
    code_meaning: str
    fix: tuple[str, ...]
    remedies: tuple[Remedy, ...]
    retry: str
    references: tuple[str, ...]
    check: str | UnsetType = UNSET  # of a client's error alone
    entry: Entry | UnsetType = UNSET
    source: str | UnsetType | None = UNSET
    line: int | UnsetType | None = UNSET
    when: str | UnsetType | None = UNSET
    peer: str | UnsetType | None = UNSET
    side: Side | UnsetType | None = UNSET  # whose words they are: of a server that was refused, or of one that refused
    recipient_domain: str | UnsetType | None = UNSET
    count: int | UnsetType = UNSET
    first_seen: str | UnsetType | None = UNSET
    last_seen: str | UnsetType | None = UNSET


class ItemLine(Item, frozen=True, kw_only=True):
    """One reply explained, on a line of its own."""

    schema_version: str


class UnreadLine(msgspec.Struct, frozen=True, kw_only=True):
    """In place of an item, where a line of `--jsonl` holds no reply."""

    schema_version: str
    input: None
    error: str


class ReadInput(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of one input; `taken_for` None where it could not be read at all, and `because` says why."""

    name: str
    taken_for: str | None
    lines: int
    refusals: int
    unread: int
    because: str | None


class ExplainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `explain` prints: items for replies and codes, `causes` and `findings` for their ids."""

    schema_version: str
    tool: Tool
    taken_for: str
    items: tuple[Item, ...]
    unread: int
    summary: Summary | UnsetType = UNSET
    items_left_out: int | UnsetType = UNSET
    inputs: tuple[ReadInput, ...] | UnsetType = UNSET
    checks: tuple[CheckReport, ...] | UnsetType = UNSET
    causes: tuple[CausePage, ...] | UnsetType = UNSET
    findings: tuple[FindingPage, ...] | UnsetType = UNSET


class CompareReport(Comparison, frozen=True, kw_only=True):
    """What `compare` prints."""

    schema_version: str
    tool: Tool
