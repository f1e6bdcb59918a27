"""Explained replies as CSV, a row each; harmless in a terminal and in a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from smtpprobe.render.escape import csv_cell, final_lines
from smtpprobe.render.explanation_item import entry_item

if TYPE_CHECKING:
    from smtpprobe.catalogue.reference.entries import Entry

FIELDS = (
    "source", "line", "when", "code", "enhanced", "phase", "provider", "server", "cause", "confidence", "title",
    "recipient_domain", "peer", "ip", "domain", "list", "url", "input",
)  # fmt: skip


def row(values: dict[str, Any]) -> str:
    """An item, its captures among it, as one line in the order of FIELDS."""
    flat = {**values, **{name: values["captures"][name] for name in ("ip", "domain", "list", "url")}}
    return _line([_cell(flat.get(name)) for name in FIELDS])


def head() -> str:
    """The names of the fields as a line."""
    return _line(list(FIELDS))


def entries(pairs: Sequence[tuple[str, Entry]]) -> str:
    """Codes as given, each with its entry: the head and a row each."""
    return head() + "".join(row(entry_item(given, entry)) for given, entry in pairs)


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return final_lines(out.getvalue())


def _cell(value: object) -> str:
    return "" if value is None else csv_cell(str(value))
