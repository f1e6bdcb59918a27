"""A session on the page, one line a step: when, what was said, the code of the answer, and what it means."""

from __future__ import annotations

from smtpprobe.render.escape import columns, terminal
from smtpprobe.render.text.page import Page
from smtpprobe.render.view.sections import SessionSection, Step, StepState

_COMMAND = 26  # columns
MARKS = {
    StepState.DONE: ("✓", "green"),
    StepState.FAILED: ("✗", "red"),
    StepState.TROUBLED: ("!", "yellow"),
    StepState.UNKNOWN: ("–", "dim"),
}
_NO_MARK = (" ", None)
_BEFORE_TEXT = 4  # columns of a code and its blank
_ROOM = 60  # columns that a meaning needs to be wrapped beside its command


def add(page: Page, session: SessionSection) -> None:
    """The session's steps, and what came that nobody asked for."""
    for step in session.steps:
        add_step(page, step)
    for text in (session.unsolicited, session.injected):
        if text is not None:
            page.add(text, first="! ", lead="yellow")


def add_step(page: Page, step: Step) -> None:
    """One step; the meaning is wrapped beside the command where there is room, else below it."""
    if step.unsolicited is not None:
        page.add(step.unsolicited, first="! ", lead="yellow")
    sign, style = MARKS.get(step.state, _NO_MARK)
    command = terminal(step.command)
    lead = f"{sign} {_time(step.at_s):>7}  "
    wide = columns(lead)
    beside = f"{command}{' ' * max(_COMMAND - columns(command), 2)}"
    code = f"{step.code} " if step.code else ""
    first = f"{lead}{beside}{code}"
    text_at = wide + _COMMAND + (_BEFORE_TEXT if step.code else 0)
    rest = " " * (text_at if page.width - text_at >= _ROOM else wide + 2)
    page.add(step.text, first=first, rest=rest, lead=style if step.state is not StepState.DONE else None)
    for text in step.more:
        page.add(text, first=" " * wide + "· ", style="dim")


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
