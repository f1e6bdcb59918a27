"""Many refusals counted, as a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.text.explanation import steps_of
from smtpprobe.render.text.page import NO_HINTS, PASTE, Look, Page, label, label_size
from smtpprobe.render.view.explained import Advice, CountedRow, CountedTable, SummaryView

_MEANING, _FIX, _RETRY, _SEE = mark("Meaning"), mark("Fix"), mark("Retry"), mark("See it")


def render(view: SummaryView, *, hints: Mapping[str, str] = NO_HINTS, **look: Unpack[Look]) -> str:
    """The tables, each row with its count, when it was seen, an example, and under a cause what to do."""
    page = Page(hints=hints, **look)
    page.add(view.text, style="bold")
    for table in view.tables:
        _table(page, table)
    return page.text()


def _table(page: Page, table: CountedTable) -> None:
    if table.head is not None:
        page.blank()
        page.add(table.head, style="bold")
    digits = len(str(max(row.count for row in table.rows)))
    for number, row in enumerate(table.rows):
        if row.advice is not None and number:
            page.blank()
        _row(page, row, digits)
    if table.more:
        more = say("{count} more", count=table.more)
        page.add(more + page.how_to_see_all(), first=" " * (digits + 2), style="dim")
    if table.holds_back:
        page.blank()
        text = say("What each means, all steps, and when to try again are left out")
        page.add(text + page.how_to_see_all(), style="dim")


def _row(page: Page, row: CountedRow, digits: int) -> None:
    indent = " " * (digits + 2)
    page.add(row.name, first=f"{row.count:>{digits}}  ")
    for text in (row.seen, row.example):
        if text:
            page.add(text, first=indent, style="dim")
    if row.advice is not None:
        _advice(page, row.advice, indent)


def _advice(page: Page, advice: Advice, indent: str) -> None:
    words = [_MEANING, _FIX, _RETRY] if advice.meaning else [_FIX]
    if advice.see:
        words.append(_SEE)
    size = label_size(words, 0) + 1

    def field(word: str, text: str) -> None:
        if text:
            page.add(text, first=indent + label(word, size), lead="bold")

    field(_MEANING, advice.meaning)
    steps = steps_of(advice.remedies)
    for number, step in enumerate(steps, start=1):
        first = indent + (label(_FIX, size) if number == 1 else " " * size)
        page.add(step, first=f"{first}{number}. " if len(steps) > 1 else first, lead="bold")
    if advice.see:
        page.add(advice.see, first=indent + label(_SEE, size), lead="bold", style=PASTE)
    field(_RETRY, advice.retry)
