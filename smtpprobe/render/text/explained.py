"""Everything that inputs hold, as pages for people: each refusal, or the distinct ones and the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smtpprobe.render.explained import ExplainedInputs
from smtpprobe.render.text import summary
from smtpprobe.render.text.explanation import render_reply
from smtpprobe.render.text.page import NO_HINTS, HintedStyle, Look, Page
from smtpprobe.render.view.explained import explained_view


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


def _pages(found: ExplainedInputs, style: HintedStyle) -> Iterator[str]:
    verbosity = style.get("verbosity", 0)
    look: Look = {
        "width": style.get("width", 80),
        "colour": style.get("colour", False),
        "links": style.get("links", False),
    }
    view = explained_view(found, verbosity)
    for text in view.taken:
        page = Page(**look)
        page.add(text, style="dim")
        yield page.text()
    for each in view.pages:
        yield render_reply(each, verbosity=verbosity, **look)
    if view.summary is not None:
        yield summary.render(view.summary, hints=style.get("hints", NO_HINTS), **look)
    if found.checks:
        from smtpprobe.render.text import checks as checks_text

        yield from (checks_text.render(report, **style) for report in found.checks)
