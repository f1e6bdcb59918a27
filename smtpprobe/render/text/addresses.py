"""Several addresses on the page: a line for each, and what differs between them."""

from __future__ import annotations

from smtpprobe.render.escape import columns, terminal
from smtpprobe.render.text.page import Page, label, label_size
from smtpprobe.render.text.steps import MARKS
from smtpprobe.render.view.sections import SeveralView

_MAX_PEER = 44  # columns
_INDENT = "  "


def add(page: Page, view: SeveralView) -> None:
    """The table, below it the aspects, each with its lines."""
    page.add(view.text, style="bold")
    size = min(max((columns(terminal(row.peer)) for row in view.rows), default=0), _MAX_PEER) + 2
    for row in view.rows:
        sign, style = MARKS.get(row.state, (" ", None))
        peer = terminal(row.peer)
        tag = f"  [{row.cause}]" if row.cause else ""
        first = f"{sign} {peer}{' ' * max(size - columns(peer), 2)}"
        page.add(f"{row.text}{tag}", first=first, rest=" " * 4, lead=style)
    if view.more:
        page.add(f"… {view.more}{page.how_to_see_all()}", first=_INDENT, style="dim")
    names = label_size((each.name for each in view.aspects), 0)
    for aspect in view.aspects:
        for number, line in enumerate(aspect.lines):
            page.add(line, first=_INDENT + label("" if number else aspect.name, names), lead="bold")
    for note in view.notes:
        page.add(note, first=_INDENT, style="dim")
