"""Many refusals counted, as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpprobe.catalogue.language import mark, say
from smtpprobe.render.explanation_item import explained
from smtpprobe.render.text.explanation import steps_of
from smtpprobe.render.text.page import Page, label, label_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smtpprobe.catalogue.tally import Counted, Distinct, Summary

MAX_ROWS = 10  # of each table on the page, unless more are asked for
MAX_STEPS = 2  # of a cause's fix, unless more are asked for
_MEANING, _FIX, _RETRY = mark("Meaning"), mark("Fix"), mark("Retry")

Advice = tuple[str, list[str], str]


def render(
    summary: Summary,
    examples: Mapping[str, Distinct],
    provider: str | None = None,
    *,
    explained_above: bool = False,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
    verbosity: int = 0,
) -> str:
    """Three tables: causes, providers, recipient domains; each row with its count, when it was seen, and an example.

    Under a cause stands the fix of its example, the first refusal of the cause in `examples`. Where the refusals are
    explained above there are only the counts by provider and recipient domain.
    """
    page = Page(width=width, colour=colour, links=links)
    first, last = summary.first_seen, summary.last_seen
    seen = say(mark(", the first {first}, the last {last}")) if summary.refusals > 1 else ", {first}"
    text = refusals_said(summary.refusals) + (seen.format(first=first, last=last) if first else "")
    page.add(text, style="bold")
    if not explained_above:
        _head(page, mark("By cause"))
        _table(page, summary.causes, mark("unknown"), verbosity, lambda row: _advice(row, examples, provider))
        if verbosity == 0:
            page.blank()
            page.add(say(mark("-v shows what each means, all steps, and when to try again")), style="dim")
    for head, rows, unknown in (
        (mark("By provider"), summary.providers, mark("not recognised")),
        (mark("By recipient domain"), summary.recipient_domains, mark("not named")),
    ):
        if any(row.name for row in rows) and (len(rows) > 1 or not explained_above):
            _head(page, head)
            _table(page, rows, unknown, verbosity, None, with_example=not explained_above)
    return page.text()


def _head(page: Page, head: str) -> None:
    page.blank()
    page.add(say(head), style="bold")


def _advice(row: Counted, examples: Mapping[str, Distinct], provider: str | None) -> Advice:
    """What the cause of a row means, its steps, and when to try again."""
    each = examples.get(row.name or "")
    told = explained(each.reply, each.phase, provider) if each else explained(row.example, None, provider)
    return told.cause.definition if told.cause else told.entry.meaning, steps_of(told.remedies), told.retry


def refusals_said(count: int) -> str:
    """So many refusals, in words."""
    return say(mark("{count} refusal") if count == 1 else mark("{count} refusals")).format(count=count)


def _table(
    page: Page,
    rows: list[Counted],
    unknown: str,
    verbosity: int,
    advice: Callable[[Counted], Advice] | None,
    *,
    with_example: bool = True,
) -> None:
    shown = rows if verbosity > 0 else rows[:MAX_ROWS]
    digits = len(str(rows[0].count))
    indent = " " * (digits + 2)
    for row in shown:
        if advice is not None and verbosity >= 0 and row is not rows[0]:
            page.blank()
        name = f"{row.title} ({row.name})" if row.title else row.name or say(unknown)
        page.add(name, first=f"{row.count:>{digits}}  ")
        if verbosity < 0:
            continue
        if row.first_seen:
            seen = row.first_seen if row.first_seen == row.last_seen else f"{row.first_seen} – {row.last_seen}"
            page.add(seen, first=indent, style="dim")
        if with_example:
            page.add(row.example, first=indent, style="dim")
        if advice is not None:
            _advise(page, advice(row), indent, verbosity)
    if len(rows) > len(shown):
        more = say(mark("{count} more (-v shows them)")).format(count=len(rows) - len(shown))
        page.add(more, first=indent, style="dim")


def _advise(page: Page, advice: Advice, indent: str, verbosity: int) -> None:
    meaning, steps, retry = advice
    words = (_MEANING, _FIX, _RETRY) if verbosity > 0 else (_FIX,)
    size = label_size(words, 0) + 1

    def field(word: str, text: str) -> None:
        if text:
            page.add(text, first=indent + label(word, size), lead="bold")

    if verbosity > 0:
        field(_MEANING, meaning)
    listed = steps if verbosity > 0 else steps[:MAX_STEPS]
    for number, step in enumerate(listed, start=1):
        first = indent + (label(_FIX, size) if number == 1 else " " * size)
        page.add(step, first=f"{first}{number}. " if len(listed) > 1 else first, lead="bold")
    if verbosity > 0:
        field(_RETRY, retry)
