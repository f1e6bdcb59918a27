"""A code explained, as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.text.page import Page, PageStyle, label, label_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpprobe.catalogue.reference.entries import Entry
    from smtpprobe.model.remedy import Remedy

_LABEL = 10
_CLASS, _MEANING, _WHEN, _FIX = mark("Class"), mark("Meaning"), mark("When"), mark("Fix")
_NOT, _NEXT, _RETRY, _WHO = mark("Not"), mark("Next"), mark("Retry"), mark("Who")
_BESIDE, _SOURCES = mark("Beside"), mark("Sources")
_LABELS = (_CLASS, _MEANING, _WHEN, _FIX, _NOT, _NEXT, _RETRY, _WHO, _BESIDE, _SOURCES)


def render_entries(pairs: Sequence[tuple[str, Entry]], **style: Unpack[PageStyle]) -> str:
    """The page of each code in turn."""
    return "\n".join(render_entry(entry, **style) for _, entry in pairs)


def render_entry(
    entry: Entry, *, width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0
) -> str:
    """The reference's page on a code: what it is, when it is seen, how to fix it."""
    page = Page(width=width, colour=colour, links=links)
    codes = " ".join(str(code) for code in (entry.code, entry.enhanced) if code is not None)
    page.add(f"{codes}  {entry.name}", style="bold")
    if entry.title != entry.name:
        page.add(entry.title)
    page.blank()
    _field(page, _CLASS, say(entry.reply_class) + ("" if entry.standard else say("; no RFC defines this code")))
    _field(page, _MEANING, entry.meaning)
    _field(page, _WHEN, entry.when)
    _steps(page, entry.fix)
    if verbosity >= 0:
        _field(page, _NOT, entry.wrong_move)
        _field(page, _NEXT, entry.next)
        _field(page, _RETRY, entry.retry)
        _field(page, _WHO, entry.who)
        for number, neighbour in enumerate(entry.neighbours):
            named = neighbour.code in neighbour.differs
            text = neighbour.differs if named else f"{neighbour.code}: {neighbour.differs}"
            _field(page, _BESIDE if number == 0 else "", text)
        _field(page, _SOURCES, ", ".join(entry.references))
    return page.text()


def steps_of(remedies: Sequence[Remedy]) -> list[str]:
    """The remedies as steps, each with whose work it is."""
    from smtpprobe.render.text.remedy import actor_words

    return [f"{actor_words(each.actor)}{each.action}" for each in remedies]


def _field(page: Page, word: str, text: str) -> None:
    if text:
        page.add(text, first=label(word, label_size(_LABELS, _LABEL)), lead="bold")


def _steps(page: Page, steps: Sequence[str]) -> None:
    """The steps of a fix, numbered where there is more than one, each beside its number."""
    for number, step in enumerate(steps, start=1):
        word = label(_FIX if number == 1 else "", label_size(_LABELS, _LABEL))
        page.add(step, first=f"{word}{number}. " if len(steps) > 1 else word, lead="bold")
