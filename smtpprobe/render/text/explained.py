"""Everything that inputs hold, as pages for people: each refusal, or the distinct ones and the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smtpprobe.catalogue.joined import shortened
from smtpprobe.model.transcript import Phase
from smtpprobe.render.explained import ExplainedInputs, Refusal
from smtpprobe.render.explanation_item import around, explained
from smtpprobe.render.text import summary
from smtpprobe.render.text.page import NO_HINTS, HintedStyle, Look, Page
from smtpprobe.render.text.reply import SCREEN, render_reply
from smtpprobe.render.view.explained import explained_view

_MAX_LINE = 300  # characters of a reply on a line of its own


def render(
    found: ExplainedInputs,
    *,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
    verbosity: int = 0,
    hints: Mapping[str, str] = NO_HINTS,
) -> str:
    """What each input was taken for, its refusals, and the checks that they hint at; `hints` as for a report's page."""
    style: HintedStyle = {"width": width, "colour": colour, "links": links, "verbosity": verbosity, "hints": hints}
    return "\n".join(_pages(found, style))


def refusal_line(
    refusal: Refusal, *, phase: Phase | None = None, provider: str | None = None, width: int = 80, colour: bool = False
) -> str:
    """One refusal in a few words: when, its cause, and the reply; `phase` and `provider` as the caller says."""
    found = refusal.found
    told = explained(found.reply, phase or found.phase, provider, place=around(found))
    page = Page(width=width, colour=colour)
    words = (found.when or "", told.explanation.cause, found.recipient_domain or "")
    page.add("  ".join(each for each in words if each), style="bold")
    page.add(shortened(found.reply, _MAX_LINE), first="  ")
    return page.text()


def _pages(found: ExplainedInputs, style: HintedStyle) -> Iterator[str]:
    verbosity = style.get("verbosity", 0)
    look: Look = {
        "width": style.get("width", 80),
        "colour": style.get("colour", False),
        "links": style.get("links", False),
    }
    view = explained_view(found, verbosity)
    hints = style.get("hints", NO_HINTS)
    room = SCREEN
    for text in view.taken:
        page = Page(**look)
        page.add(text, style="dim")
        yield page.text()
        if len(view.taken) == 1:
            room -= page.size + 1
    for each in view.pages:
        yield render_reply(each, verbosity=verbosity, most=room, hints=hints, **look)
    if view.summary is not None:
        yield summary.render(view.summary, hints=hints, **look)
    if found.checks:
        from smtpprobe.render.text import checks as checks_text

        yield from (checks_text.render(report, **style) for report in found.checks)
