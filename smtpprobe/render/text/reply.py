"""A pasted reply explained, as a page for people that fits on a screen: what matters least is left out first, and named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Unpack

import msgspec

from smtpprobe.catalogue.joined import unfolded
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.text.explanation import steps_of
from smtpprobe.render.text.page import NO_HINTS, PASTE, Look, Page, label, label_size
from smtpprobe.render.view.explained import ReplyPage

SCREEN = 24  # lines that a refusal takes at most, at so many columns
_COLUMNS = 80
_LABEL = 10
_RECIPIENT, _SEEN, _CAUSE, _LIKE, _OR = mark("Recipient"), mark("Seen"), mark("Cause"), mark("Like"), mark("Or")
_PERHAPS, _NAMES, _PROVIDER, _MEANING = mark("Perhaps"), mark("Names"), mark("Provider"), mark("Meaning")
_CODE, _FIX, _SEE, _RETRY, _SOURCES = mark("Code"), mark("Fix"), mark("See it"), mark("Retry"), mark("Sources")
_LABELS = (
    _RECIPIENT, _SEEN, _CAUSE, _LIKE, _OR, _PERHAPS, _NAMES, _PROVIDER, _MEANING, _CODE, _FIX, _SEE, _RETRY, _SOURCES,
)  # fmt: skip
_REPLY, _URL = mark("the end of the reply"), mark("url")


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What of a page is shown; None: all of it."""

    sources: bool = True
    like: bool = True
    code: bool = True
    others: int | None = None
    steps: int | None = None
    names: bool = True
    reply: int | None = None  # lines


# What is left out to make room, one thing after the other; the cause, the first two steps and when to try again stay.
_LESS: tuple[Mapping[str, bool | int], ...] = (
    {"sources": False}, {"like": False}, {"code": False}, {"steps": 4}, {"others": 2}, {"steps": 3}, {"reply": 8},
    {"reply": 6}, {"steps": 2}, {"reply": 4}, {"others": 0}, {"names": False}, {"reply": 3},
)  # fmt: skip


def render_reply(
    shown: ReplyPage,
    *,
    verbosity: int = 0,
    most: int = SCREEN,
    hints: Mapping[str, str] = NO_HINTS,
    **look: Unpack[Look],
) -> str:
    """A pasted reply: its cause with how sure that is, what the codes mean, and what to do.

    In `most` lines at 80 columns, unless everything is asked for; on a narrow screen with the same words in more lines.
    """
    if verbosity > 0:
        return _page(shown, _Kept(), Page(**look), codes_in_full=True).text()
    width = max(look.get("width", _COLUMNS), _COLUMNS)
    for kept in _less_and_less(_Kept(sources=verbosity == 0)):
        if _page(shown, kept, Page(width=width, hints=hints)).size <= most:
            break
    return _page(shown, kept, Page(hints=hints, **look)).text()


def _less_and_less(kept: _Kept) -> Iterator[_Kept]:
    yield kept
    for change in _LESS:
        kept = msgspec.structs.replace(kept, **change)
        yield kept


def _page(shown: ReplyPage, kept: _Kept, page: Page, *, codes_in_full: bool = False) -> Page:
    view = shown.view
    page.take(_reply(shown.reply, kept.reply, page))
    page.blank()
    _field(page, _RECIPIENT, shown.recipient)
    _field(page, _SEEN, shown.seen)
    cause = view.cause
    _field(page, _CAUSE, f"{cause.title}  ({cause.id}; {cause.sureness})" if cause else view.unknown)
    if kept.like:
        _field(page, _LIKE, view.like)
    _field(page, _OR if cause else _PERHAPS, "; ".join(view.others[: kept.others]))
    if kept.names:
        # A URL that can be seen in the reply, or in a step, is not shown once more.
        hidden = codes_in_full or (
            kept.reply is not None and not any(view.url in each.action for each in view.remedies)
        )
        named = (*view.named, (say(_URL), view.url)) if view.url and hidden else view.named
        _field(page, _NAMES, ", ".join(f"{name} {value}" for name, value in named))
    _field(page, _PROVIDER, view.provider)
    _field(page, _MEANING, view.meaning)
    if kept.code:
        _field(page, _CODE, view.code_meaning if codes_in_full and view.code_meaning != view.meaning else view.beside)
    _steps(page, steps_of(view.remedies), kept.steps)
    if view.see:
        page.add(view.see, first=_label(_SEE), lead="bold", style=PASTE)
    _field(page, _RETRY, view.retry)
    if kept.sources:
        _field(page, _SOURCES, ", ".join(view.code_references if codes_in_full else view.references))
    if left := _left_out(shown, kept, page):
        page.add(say("Left out: {parts}", parts=", ".join(left)) + page.how_to_see_all(), style="dim")
    return page


def _reply(reply: str, most: int | None, page: Page) -> Page:
    """The reply's lines, so many at most, as they look on the page."""
    part = page.alike()
    for line in reply.splitlines():
        part.add(unfolded(line), style="bold", rest="  ")
    if most is not None:
        part.shorten(most)
    return part


def _left_out(shown: ReplyPage, kept: _Kept, page: Page) -> list[str]:
    """What was left out, by its label; of the sources nothing is said where nothing else is missing."""
    view = shown.view
    parts = []
    if kept.reply is not None and _reply(shown.reply, None, page).size > kept.reply:
        parts.append(say(_REPLY))
    if view.like and not kept.like:
        parts.append(say(_LIKE))
    if kept.others is not None and len(view.others) > kept.others:
        parts.append(say(_OR if view.cause else _PERHAPS))
    if view.named and not kept.names:
        parts.append(say(_NAMES))
    if view.beside and not kept.code:
        parts.append(say(_CODE))
    if kept.steps is not None and len(view.remedies) > kept.steps:
        parts.append(f"{say(_FIX)} {', '.join(map(str, range(kept.steps + 1, len(view.remedies) + 1)))}")
    return [*parts, say(_SOURCES)] if parts and view.references else parts


def _label(word: str) -> str:
    return label(word, label_size(_LABELS, _LABEL))


def _field(page: Page, word: str, text: str) -> None:
    if text:
        page.add(text, first=_label(word), lead="bold")


def _steps(page: Page, steps: Sequence[str], most: int | None) -> None:
    """The steps of a fix, numbered where there is more than one, each beside its number."""
    for number, step in enumerate(steps[:most], start=1):
        word = _label(_FIX if number == 1 else "")
        page.add(step, first=f"{word}{number}. " if len(steps) > 1 else word, lead="bold")
