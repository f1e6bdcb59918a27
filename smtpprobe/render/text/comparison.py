"""Two codes beside each other, as a page for people: in two columns where the page is wide, else one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.escape import columns, terminal
from smtpprobe.render.text.page import Page

if TYPE_CHECKING:
    from smtpprobe.catalogue.reference.compare import Comparison, Side, Use

TWO_COLUMNS = 100  # columns of a page from which the sides stand beside each other
_GAP = 3
_PLACE = 24  # columns that a stage may take beside its meanings
_CLASS = mark("Class")
_MEANING = mark("Description")
_WHEN = mark("When you see it")
_FIX = mark("How to fix it")


def render(
    comparison: Comparison, *, width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0
) -> str:
    """The page: both codes, the key differences, which applies when, and what else is close. `verbosity` -1: differences only."""
    page = Page(width=width, colour=colour, links=links)
    left, right = comparison.left, comparison.right
    both = say("and")
    page.add(f"{left.given} {both} {right.given}", style="bold")
    page.add(comparison.summary)
    if verbosity >= 0:
        page.blank()
        if page.width >= TWO_COLUMNS:
            _beside(page, left, right)
        else:
            _after(page, left)
            _after(page, right)
    _heading(page, mark("Key differences"))
    for number, difference in enumerate(comparison.differences, start=1):
        titled = say("{heading}. {text}", heading=difference.heading, text=difference.text)
        page.add(titled, first=f"{number}. ", rest="   ")
    _heading(page, mark("Which applies when"))
    sizes = [columns(terminal(use.place)) for use in comparison.uses]
    place = max((size for size in sizes if size <= _PLACE), default=4) + 2
    for use in comparison.uses:
        _use(page, use, left, right, place)
    if verbosity < 0:
        return page.text()
    _heading(page, mark("The tempting wrong move"))
    for side in (left, right):
        page.add(side.entry.wrong_move, first=f"{side.given}  ")
    if comparison.related:
        _heading(page, mark("Learn more"))
        for side in (left, right):
            _close_to(page, side, comparison)
        page.add(say("In full: {command}", command="smtpprobe explain CODE"), style="dim")
    return page.text()


def _close_to(page: Page, side: Side, comparison: Comparison) -> None:
    close = [related for related in comparison.related if related.beside == side.given]
    if close:
        page.add(say("Close to {code}:", code=side.given))
    for related in close:
        named = related.code in related.differs
        page.add(related.differs, first="· " if named else f"· {related.code}: ", rest="  ")


def _heading(page: Page, text: str) -> None:
    page.blank()
    page.add(say(text), style="bold")


def _sections(side: Side) -> list[tuple[str, list[str]]]:
    entry = side.entry
    standing = "" if entry.standard else say("; no RFC defines this code")
    steps = [f"{number}. {step}" for number, step in enumerate(entry.fix, 1)] if len(entry.fix) > 1 else [*entry.fix]
    return [
        (_CLASS, [say(entry.reply_class) + standing]),
        (_MEANING, [entry.meaning]),
        (_WHEN, [entry.when]),
        (_FIX, steps),
    ]


def _after(page: Page, side: Side) -> None:
    page.blank()
    page.add(f"{side.given}  {side.entry.name}", style="bold")
    for heading, paragraphs in _sections(side):
        page.add(say(heading), style="cyan")
        for paragraph in paragraphs:
            page.add(paragraph, first="  ", rest="     " if len(paragraphs) > 1 else "  ")


def _beside(page: Page, left: Side, right: Side) -> None:
    wide = (page.width - _GAP) // 2
    page.pair(f"{left.given}  {left.entry.name}", f"{right.given}  {right.entry.name}", wide, _GAP, "bold")
    for (heading, mine), (_, other) in zip(_sections(left), _sections(right), strict=True):
        page.blank()
        page.pair(say(heading), say(heading), wide, _GAP, "cyan")
        for row in range(max(len(mine), len(other))):
            page.pair(mine[row] if row < len(mine) else "", other[row] if row < len(other) else "", wide, _GAP)


def _use(page: Page, use: Use, left: Side, right: Side, place: int) -> None:
    """The stage with what the codes mean there beside it; below it where it is long."""
    shown = terminal(use.place)
    if columns(shown) >= place:
        page.add(use.place)
        shown = ""
    for side, title in ((left, use.left), (right, use.right)):
        if title:
            page.add(f"{side.given}: {title}", first=shown + " " * (place - columns(shown)))
            shown = ""
