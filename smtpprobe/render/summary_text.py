"""Many refusals counted, as a page for people and as items; one refusal as a row of CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.catalogue.language import mark, say
from smtpprobe.render.escape import terminal
from smtpprobe.render.explanation_item import item
from smtpprobe.render.page import Page

if TYPE_CHECKING:
    from smtpprobe.catalogue.tally import Distinct, Row, Summary

MOST_ROWS = 10  # of each table on the page, unless more are asked for
FIELDS = (
    "source", "line", "when", "code", "enhanced", "phase", "provider", "server", "cause", "confidence", "title",
    "recipient_domain", "peer", "ip", "domain", "list", "url", "input",
)  # fmt: skip


def render(summary: Summary, *, width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0) -> str:
    """Three tables: causes, providers, recipient domains; each row with its count, when it was seen, and an example."""
    page = Page(width=width, colour=colour, links=links)
    first, last = summary.first_seen, summary.last_seen
    seen = say(mark(", the first {first}, the last {last}")) if summary.refusals > 1 else ", {first}"
    text = refusals_said(summary.refusals) + (seen.format(first=first, last=last) if first else "")
    page.add(text, style="bold")
    for head, rows, unknown in (
        (mark("By cause"), summary.causes, mark("unknown")),
        (mark("By provider"), summary.providers, mark("not recognised")),
        (mark("By recipient domain"), summary.recipient_domains, mark("not named")),
    ):
        if any(row.name for row in rows):
            page.blank()
            page.add(say(head), style="bold")
            _table(page, rows, unknown, verbosity)
    return page.text()


def refusals_said(count: int) -> str:
    """So many refusals, in words."""
    return say(mark("{count} refusal") if count == 1 else mark("{count} refusals")).format(count=count)


def _table(page: Page, rows: list[Row], unknown: str, verbosity: int) -> None:
    shown = rows if verbosity > 0 else rows[:MOST_ROWS]
    digits = len(str(rows[0].count))
    for row in shown:
        name = f"{row.title} ({row.name})" if row.title else row.name or say(unknown)
        page.add(name, first=f"{row.count:>{digits}}  ")
        indent = " " * (digits + 2)
        if row.first_seen and verbosity >= 0:
            seen = row.first_seen if row.first_seen == row.last_seen else f"{row.first_seen} – {row.last_seen}"
            page.add(seen, first=indent, style="dim")
        if verbosity >= 0:
            page.add(row.example, first=indent, style="dim")
    if len(rows) > len(shown):
        more = say(mark("{count} more (-v shows them)")).format(count=len(rows) - len(shown))
        page.add(more, first=" " * (digits + 2), style="dim")


def distinct_item(each: Distinct, provider: str | None = None) -> dict[str, Any]:
    """A distinct refusal as an item: its first reply explained, with count, first_seen and last_seen."""
    row = each.row
    more = {"count": row.count, "first_seen": row.first_seen, "last_seen": row.last_seen}
    return item(each.reply, each.phase, provider) | {"source": each.input, "line": each.line} | more


def summary_object(summary: Summary) -> dict[str, Any]:
    """The summary as built-in values."""
    found: dict[str, Any] = msgspec.to_builtins(summary)
    return found


def csv_row(values: dict[str, Any]) -> str:
    """An item, its captures among it, as one line of CSV in the order of FIELDS; harmless in a terminal and in a sheet."""
    flat = {**values, **{name: values["captures"][name] for name in ("ip", "domain", "list", "url")}}
    return _line([_cell(flat.get(name)) for name in FIELDS])


def csv_head() -> str:
    """The names of the fields as a line of CSV."""
    return _line(list(FIELDS))


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else terminal(" ".join(str(value).split()))
    # What a spreadsheet would take for a formula.
    return f"'{text}" if text[:1] in "=+-@" and text else text
