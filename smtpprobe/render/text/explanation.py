"""A code or a reply explained, as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from smtpprobe.catalogue.language import mark, say
from smtpprobe.render.text.page import Page, PageStyle, label, label_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpprobe.catalogue.reference.entries import Entry
    from smtpprobe.intake.recognise import Taken
    from smtpprobe.model.remedy import Remedy
    from smtpprobe.render.explanation_item import Explained

_LABEL = 10
_CLASS, _MEANING, _WHEN, _FIX = mark("Class"), mark("Meaning"), mark("When"), mark("Fix")
_NOT, _NEXT, _RETRY, _WHO = mark("Not"), mark("Next"), mark("Retry"), mark("Who")
_BESIDE, _SOURCES, _CAUSE, _OR = mark("Beside"), mark("Sources"), mark("Cause"), mark("Or")
_PERHAPS, _NAMES, _PROVIDER = mark("Perhaps"), mark("Names"), mark("Provider")
_RECIPIENT, _SEEN = mark("Recipient"), mark("Seen")
_LABELS = (
    _CLASS, _MEANING, _WHEN, _FIX, _NOT, _NEXT, _RETRY, _WHO, _BESIDE, _SOURCES, _CAUSE, _OR, _PERHAPS, _NAMES,
    _PROVIDER, _RECIPIENT, _SEEN,
)  # fmt: skip
MAX_RECIPIENTS = 3  # that a page names


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
    _field(page, _CLASS, say(entry.reply_class) + ("" if entry.standard else say(mark("; no RFC defines this code"))))
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


def render_reply(
    text: str, told: Explained, *, recipient: str = "", seen: str = "",
    width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0,
) -> str:  # fmt: skip
    """A pasted reply: its cause with how sure that is, what the codes mean, and what to do.

    `recipient` is whom the reply refused, `seen` when and how often, where that is known.
    """
    from smtpprobe.catalogue.joined import unfolded
    from smtpprobe.render.view.explanation import explanation_view

    view = explanation_view(told)
    page = Page(width=width, colour=colour, links=links)
    for line in text.splitlines():
        page.add(unfolded(line), style="bold", rest="  ")
    page.blank()
    _field(page, _RECIPIENT, recipient)
    _field(page, _SEEN, seen)
    cause = view.cause
    _field(page, _CAUSE, f"{cause.title}  ({cause.id}; {cause.sureness})" if cause else view.unknown)
    _field(page, _OR if cause else _PERHAPS, "; ".join(view.others))
    _field(page, _NAMES, ", ".join(f"{name} {value}" for name, value in view.named))
    _field(page, _PROVIDER, view.provider)
    _field(page, _MEANING, view.meaning)
    _steps(page, steps_of(view.remedies))
    _field(page, _RETRY, view.retry)
    if verbosity >= 0:
        _field(page, _SOURCES, ", ".join(view.references))
    return page.text()


def steps_of(remedies: Sequence[Remedy]) -> list[str]:
    """The remedies as steps, each with whose work it is."""
    from smtpprobe.render.text.remedy import actor_words

    return [f"{actor_words(each.actor)}{each.action}" for each in remedies]


def recipients_said(names: Sequence[str]) -> str:
    """The recipients, or their domains, the first few by name; nothing where there are none."""
    listed = ", ".join(names[:MAX_RECIPIENTS])
    return say(mark("{names} and others")).format(names=listed) if len(names) > MAX_RECIPIENTS else listed


def seen_said(count: int, first: str | None, last: str | None) -> str:
    """How often something was seen, where it was more than once, and when, where that is known."""
    if count == 1:
        return first or ""
    times = say(mark("{count} times")).format(count=count)
    if first is None:
        return times
    if first == last:
        return f"{times}, {first}"
    return times + say(mark(", the first {first}, the last {last}")).format(first=first, last=last)


def render_taken(
    name: str, taken: Taken, lines: int, refusals: int, *, width: int = 80, colour: bool = False, links: bool = False
) -> str:
    """What an input was taken for, and how much of it was refusals."""
    page = Page(width=width, colour=colour, links=links)
    if refusals == 0:
        found = say(mark("no refusal"))
    else:
        found = say(mark("1 refusal")) if refusals == 1 else say(mark("{count} refusals")).format(count=refusals)
    text = (
        say(mark("{name}: taken for {kind}; {found} in 1 line"))
        if lines == 1
        else say(mark("{name}: taken for {kind}; {found} in {lines} lines"))
    )
    page.add(text.format(name=name, kind=_kind(taken), found=found, lines=lines), style="dim")
    return page.text()


# What recognise() takes inputs for, named here for translation.
_KINDS = (
    mark("a reply"), mark("replies"), mark("an SMTP session"), mark("text that quotes a reply"), mark("bounce"),
    mark("smtpprobe's own page"), mark("system log"), mark("journal entries as JSON"), mark("{program} log"),
    mark("{program} transcript"), mark("bounce ({program})"), mark("mail log ({program})"),
)  # fmt: skip


def _kind(taken: Taken) -> str:
    """What an input was taken for, in the language in force; names of programs stay as they are."""
    from smtpprobe.intake.recognise import JOURNAL

    text = say(taken.template).format(program=taken.program)
    return f"{text}, {say(JOURNAL)}" if taken.in_journal else text


def _field(page: Page, word: str, text: str) -> None:
    if text:
        page.add(text, first=label(word, label_size(_LABELS, _LABEL)), lead="bold")


def _steps(page: Page, steps: Sequence[str]) -> None:
    """The steps of a fix, numbered where there is more than one, each beside its number."""
    for number, step in enumerate(steps, start=1):
        word = label(_FIX if number == 1 else "", label_size(_LABELS, _LABEL))
        page.add(step, first=f"{word}{number}. " if len(steps) > 1 else word, lead="bold")
