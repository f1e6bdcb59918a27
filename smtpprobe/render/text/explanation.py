"""A code or a reply explained, as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.text.page import PASTE, Look, Page, PageStyle, label, label_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpprobe.catalogue.reference.entries import Entry
    from smtpprobe.model.remedy import Remedy
    from smtpprobe.render.view.explained import ReplyPage

_LABEL = 10
_CLASS, _MEANING, _WHEN, _FIX = mark("Class"), mark("Meaning"), mark("When"), mark("Fix")
_NOT, _NEXT, _RETRY, _WHO = mark("Not"), mark("Next"), mark("Retry"), mark("Who")
_BESIDE, _SOURCES, _CAUSE, _OR = mark("Beside"), mark("Sources"), mark("Cause"), mark("Or")
_PERHAPS, _NAMES, _PROVIDER = mark("Perhaps"), mark("Names"), mark("Provider")
_RECIPIENT, _SEEN, _CODE, _SEE, _LIKE = mark("Recipient"), mark("Seen"), mark("Code"), mark("See it"), mark("Like")
_LABELS = (
    _CLASS, _MEANING, _WHEN, _FIX, _NOT, _NEXT, _RETRY, _WHO, _BESIDE, _SOURCES, _CAUSE, _OR, _PERHAPS, _NAMES,
    _PROVIDER, _RECIPIENT, _SEEN, _CODE, _SEE, _LIKE,
)  # fmt: skip


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


def render_reply(shown: ReplyPage, *, verbosity: int = 0, **look: Unpack[Look]) -> str:
    """A pasted reply: its cause with how sure that is, what the codes mean, and what to do."""
    from smtpprobe.catalogue.joined import unfolded

    view = shown.view
    page = Page(**look)
    for line in shown.reply.splitlines():
        page.add(unfolded(line), style="bold", rest="  ")
    page.blank()
    _field(page, _RECIPIENT, shown.recipient)
    _field(page, _SEEN, shown.seen)
    cause = view.cause
    _field(page, _CAUSE, f"{cause.title}  ({cause.id}; {cause.sureness})" if cause else view.unknown)
    _field(page, _LIKE, view.like)
    _field(page, _OR if cause else _PERHAPS, "; ".join(view.others))
    _field(page, _NAMES, ", ".join(f"{name} {value}" for name, value in view.named))
    _field(page, _PROVIDER, view.provider)
    _field(page, _MEANING, view.meaning)
    _field(page, _CODE, view.code_meaning if verbosity > 0 and view.code_meaning != view.meaning else view.beside)
    _steps(page, steps_of(view.remedies))
    if view.see:
        page.add(view.see, first=label(_SEE, label_size(_LABELS, _LABEL)), lead="bold", style=PASTE)
    _field(page, _RETRY, view.retry)
    if verbosity >= 0:
        _field(page, _SOURCES, ", ".join(view.references if verbosity == 0 else view.code_references))
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
