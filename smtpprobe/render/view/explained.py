"""Everything that inputs hold, as a page tells it: what each was taken for, the refusals explained, and the counts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from smtpprobe.catalogue.tally import Counted, Distinct, Hour, Summary
from smtpprobe.intake.recognise import JOURNAL, Taken
from smtpprobe.model.remedy import Remedy
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Phase, Side
from smtpprobe.render.by_side import by_side
from smtpprobe.render.explained import ExplainedInputs, InputRead
from smtpprobe.render.explanation_item import Around, Explained, around, check_of, explained, of_distinct
from smtpprobe.render.view.explanation import ExplanationView, explanation_view

_Row = TypeVar("_Row")
MAX_PAGES = 3  # distinct refusals of what is summed up that have a page each all the same
MAX_ROWS = 10  # of each table, unless more are asked for
MAX_HOURS = 24  # that are shown, the last ones, unless more are asked for
MAX_OF_HOUR = 3  # causes, and providers, that are named of each
MAX_STEPS = 2  # of a cause's remedies, unless more are asked for
MAX_RECIPIENTS = 3  # that are named


class ReplyPage(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal: its words, whom it refused, how often and when it was seen, and what it means; empty where unknown."""

    reply: str
    recipient: str
    seen: str
    view: ExplanationView


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What a cause means, what to do, and when to try again; meaning and retry only where everything is asked for.

    `see` is the probe of the example's server that a step speaks of, to be copied; empty where none does.
    """

    meaning: str
    remedies: tuple[Remedy, ...]
    retry: str
    see: str = ""


class CountedRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many refusals are of one kind; `seen`, `example` and `advice` where they are told."""

    count: int
    name: str
    seen: str = ""
    example: str = ""
    advice: Advice | None = None


class CountedTable(msgspec.Struct, frozen=True, kw_only=True):
    """Refusals counted by one thing; `more` is how many rows are left out. `head` None: the heading goes without saying."""

    head: str | None
    rows: tuple[CountedRow, ...]
    more: int
    holds_back: bool = False  # whether the rows' advice is shortened


class SummaryView(msgspec.Struct, frozen=True):
    """All refusals counted: how many there are and when they were seen, and the tables."""

    text: str
    tables: tuple[CountedTable, ...]


class ExplainedView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a page of inputs may show, in its order."""

    taken: tuple[str, ...]
    pages: tuple[ReplyPage, ...]
    summary: SummaryView | None


def explained_view(found: ExplainedInputs, verbosity: int) -> ExplainedView:
    """The inputs' view. `verbosity` -1: the counts without examples and advice; 1: everything in full."""
    taken = () if found.is_plain else tuple(taken_said(each) for each in found.read if each.taken is not None)
    if not found.is_summed_up:
        return ExplainedView(taken=taken, pages=tuple(_single(found)), summary=None)
    # Few distinct refusals have a page each, and counts only where they differ in whom they met.
    few = len(found.distinct) <= MAX_PAGES and not (found.by_hour and found.distinct)
    pages = tuple(_distinct(found, each) for each in found.distinct) if few else ()
    several = max(len(found.summary.providers), len(found.summary.recipient_domains)) > 1
    counted = not few or (several and found.summary.refusals > len(found.distinct))
    summary = _summary(found, verbosity, explained_above=few) if counted else None
    return ExplainedView(taken=taken, pages=pages, summary=summary)


def _single(found: ExplainedInputs) -> Iterator[ReplyPage]:
    for refusal in found.refusals:
        reply = refusal.found
        recipient = reply.recipient or reply.recipient_domain
        yield ReplyPage(
            reply=reply.reply,
            recipient=recipient or "",
            seen=reply.when or "",
            view=_told(found, reply.reply, found.phase or reply.phase, around(reply)),
        )


def _distinct(found: ExplainedInputs, each: Distinct) -> ReplyPage:
    row = each.row
    return ReplyPage(
        reply=each.reply,
        recipient=_recipients(each.recipient_domains),
        seen=_seen(row.count, row.first_seen, row.last_seen),
        view=_told(found, each.reply, each.phase, of_distinct(each)),
    )


def _told(found: ExplainedInputs, reply: str, phase: Phase | None, place: Around) -> ExplanationView:
    return explanation_view(explained(reply, phase, found.provider, place=place), reply=reply, place=place)


def _recipients(names: Sequence[str]) -> str:
    """The recipients' domains, the first few by name."""
    listed = ", ".join(names[:MAX_RECIPIENTS])
    return say("{names} and others", names=listed) if len(names) > MAX_RECIPIENTS else listed


def _seen(count: int, first: str | None, last: str | None) -> str:
    """How often something was seen, if it was more than once, and when, if that is known."""
    if count == 1:
        return first or ""
    times = say("{count} times", count=count)
    if first is None:
        return times
    if first == last:
        return f"{times}, {first}"
    return times + say(", the first {first}, the last {last}", first=first, last=last)


def taken_said(read: InputRead) -> str:
    """What an input was taken for, and how much of it was refusals."""
    refusals, lines = read.refusals, read.lines
    if refusals == 0:
        found = say("no refusal")
    else:
        found = say_counted("{count} refusal", "{count} refusals", refusals)
    name = os.path.basename(read.name) or read.name
    kind = _kind(read.taken) if read.taken is not None else ""
    return say_counted(
        "{name}: taken for {kind}; {found} in {count} line",
        "{name}: taken for {kind}; {found} in {count} lines",
        lines,
        name=name,
        kind=kind,
        found=found,
    )


def _kind(taken: Taken) -> str:
    """What an input was taken for, in the language in force; names of programs stay as they are."""
    text = say(taken.template, program=taken.program)
    return f"{text}, {say(JOURNAL)}" if taken.in_journal else text


def _summary(found: ExplainedInputs, verbosity: int, *, explained_above: bool) -> SummaryView:
    """The counts by cause, provider and recipient domain; by the last two alone where each refusal is explained above."""
    summary = found.summary
    tables = []
    if not explained_above:
        by_cause = by_side(found)
        rows = tuple(
            _row(each, mark("unknown"), verbosity, found, example=of, by_hour=found.by_hour)
            for each, of in _first(by_cause, verbosity)
        )
        more = len(by_cause) - len(rows)
        tables.append(CountedTable(head=say("By cause"), rows=rows, more=more, holds_back=verbosity == 0))
    for head, counted, unknown in (
        (mark("By provider"), summary.providers, mark("not recognised")),
        (mark("By recipient domain"), summary.recipient_domains, mark("not named")),
    ):
        if any(row.name for row in counted) and (len(counted) > 1 or not explained_above):
            shown = tuple(
                _row(each, unknown, verbosity, None, with_example=not explained_above, by_hour=found.by_hour)
                for each in _first(counted, verbosity)
            )
            tables.append(CountedTable(head=say(head), rows=shown, more=len(counted) - len(shown)))
    if found.by_hour and summary.hours:
        shown_hours = summary.hours if verbosity > 0 else summary.hours[-MAX_HOURS:]
        hours = tuple(_hour_row(each) for each in shown_hours)
        tables.append(CountedTable(head=say("By hour"), rows=hours, more=len(summary.hours) - len(hours)))
    return SummaryView(_counted(summary), tuple(tables))


def _hour_row(hour: Hour) -> CountedRow:
    """An hour with its most frequent causes and providers."""
    named = ", ".join(
        f"{count} {name}"
        for counts in (hour.causes, hour.providers)
        for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MAX_OF_HOUR]
    )
    return CountedRow(count=hour.count, name=hour.hour, example=named)


def _counted(summary: Summary) -> str:
    first, last = summary.first_seen, summary.last_seen
    text = say_counted("{count} refusal", "{count} refusals", summary.refusals)
    if not first:
        return text
    return text + (
        say(", the first {first}, the last {last}", first=first, last=last) if summary.refusals > 1 else f", {first}"
    )


def _first(rows: list[_Row], verbosity: int) -> list[_Row]:
    return rows if verbosity > 0 else rows[:MAX_ROWS]


def _row(
    row: Counted,
    unknown: str,
    verbosity: int,
    found: ExplainedInputs | None,
    *,
    example: Distinct | None = None,
    with_example: bool = True,
    by_hour: bool = False,
) -> CountedRow:
    """A row; with `found` it has advice, by the first refusal of its cause on its side, `example`."""
    told = _told_of(row, found, example) if found is not None else None
    title = told.cause.title if told is not None and told.cause is not None and _is_here(example) else row.title
    name = f"{title} ({row.name})" if title else row.name or say(unknown)
    if verbosity < 0:
        return CountedRow(count=row.count, name=name)
    seen = row.first_seen or ""
    if seen and by_hour:
        seen = say("began at {first}, last at {last}", first=seen, last=row.last_seen)
    elif seen and row.first_seen != row.last_seen:
        seen = f"{row.first_seen} – {row.last_seen}"
    return CountedRow(
        count=row.count,
        name=name,
        seen=seen,
        example=row.example if with_example else "",
        advice=_advice(told, verbosity, row.example if example is None else example) if told is not None else None,
    )


def _is_here(each: Distinct | None) -> bool:
    return each is not None and each.side is Side.RECEIVING


def _told_of(row: Counted, found: ExplainedInputs, each: Distinct | None) -> Explained:
    if each is None:
        return explained(row.example, None, found.provider)
    return explained(each.reply, each.phase, found.provider, place=of_distinct(each))


def _advice(told: Explained, verbosity: int, example: Distinct | str) -> Advice:
    said = told.explanation
    reply, place = (example, Around()) if isinstance(example, str) else (example.reply, of_distinct(example))
    see = check_of(said.client_error, reply, place, cause=said.cause) or ""
    if verbosity <= 0:
        return Advice(meaning="", remedies=told.remedies[:MAX_STEPS], retry="", see=see)
    return Advice(meaning=told.meaning, remedies=told.remedies, retry=told.retry, see=see)
