"""The session on standard output while it is held, step by step; on a terminal also what is waited for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from smtpprobe.cli.output import Output, discard_stdout, page_style
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Exchange, Transcript
from smtpprobe.pipeline.progress import Checking, Connected, Connecting, Ended, Event, LookingUp, Several, Waiting

if TYPE_CHECKING:
    from smtpprobe.model.report import Report
    from smtpprobe.render.text.page import Page
    from smtpprobe.render.view import session, steps

_CLEAR = "\r\x1b[K"


class Live:
    """Prints what happens when it happens, and in the end the rest of what the report's page shows of the sessions.

    What it prints with is imported then, so that nobody waits for it before there is a connection.
    """

    def __init__(self, output: Output) -> None:
        style = page_style(output)
        self._style = style
        self._verbosity = output.verbosity
        self._on_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._waits = False
        self._printed = 0  # lines
        self._story: steps.Story | None = None
        self._teller: session.Teller | None = None
        self._failed: Transcript | None = None

    def show(self, event: Event) -> None:
        """One event of the run."""
        if (
            isinstance(event, LookingUp | Connecting | Waiting | Several | Checking)
            and not self._on_terminal
            and not self._failed
        ):
            return
        from smtpprobe.render.view import steps

        match event:
            case LookingUp():
                self._wait(say("looking up {host}", host=event.host))
            case Connecting():
                self._tell_failed()
                self._wait(steps.connection(event.address, event.port), event.wait_s)
            case Connected():
                self._connected(event)
            case Waiting():
                self._wait(steps.command_of(event.phase, event.sent), event.wait_s)
            case Exchange():
                self._exchange(event)
            case Several():
                self._wait(say("{ended} of {count} sessions have ended", ended=event.ended, count=event.count))
            case Ended() if not event.transcript.exchanges:
                self._failed = event.transcript
            case Checking():
                self._wait(say("looking up what could explain it"), event.wait_s)

    def clear(self) -> None:
        """Take away what is waited for."""
        if self._waits:
            self._write(_CLEAR)
            self._waits = False

    def finish(self, report: Report) -> None:
        """Print what the page shows of the sessions and was not shown yet: what an interruption cut short."""
        from smtpprobe.render.text.report import add_session
        from smtpprobe.render.view import session

        self.clear()
        sections = session.sessions(report, self._verbosity)
        page = self._page()
        for each in sections:
            add_session(page, each)
        if sections:
            self._write("".join(page.text().splitlines(keepends=True)[self._printed :]))

    def _tell_failed(self) -> None:
        """A connection that did not come about is a step once another is tried; alone it is the headline."""
        if self._failed is not None:
            from smtpprobe.render.text.report import add_session
            from smtpprobe.render.view import session

            section = session.section(self._failed, self._verbosity)
            self._print(lambda page: add_session(page, section))
            self._failed = None

    def _connected(self, event: Connected) -> None:
        from smtpprobe.render.text import steps as steps_text
        from smtpprobe.render.text import transcript as transcript_text
        from smtpprobe.render.view import session, steps

        self._story = steps.Story()
        self._teller = session.Teller(self._verbosity, event.started_at)
        if self._verbosity > 0:
            words = session.connected(event.address, event.port, event.local_address, event.via)
            self._print(lambda page: transcript_text.add_connected(page, words), blank=True)
        else:
            step = steps.connected(event.address, event.port, event.local_address, event.via)
            self._print(lambda page: steps_text.add_step(page, step))

    def _exchange(self, exchange: Exchange) -> None:
        if self._verbosity > 0 and self._teller is not None:
            from smtpprobe.render.text import transcript as transcript_text

            view = self._teller.exchange(exchange)
            self._print(lambda page: transcript_text.add_exchange(page, view))
        elif self._story is not None:
            from smtpprobe.render.text import steps as steps_text

            step = self._story.step(exchange)
            self._print(lambda page: steps_text.add_step(page, step))

    def _print(self, add: Callable[[Page], None], *, blank: bool = False) -> None:
        self.clear()
        page = self._page()
        add(page)
        text = ("\n" if blank and self._printed else "") + page.text()
        self._printed += text.count("\n")
        self._write(text)

    def _page(self) -> Page:
        from smtpprobe.render.text.page import Page

        return Page(width=self._style.width, colour=self._style.colour, links=self._style.links)

    def _wait(self, what: str, wait_s: float | None = None) -> None:
        if not self._on_terminal:
            return
        self.clear()
        page = self._page()
        bounded, open_ = mark("… {what}: waiting, at most {seconds:g} s"), mark("… {what}: waiting")
        text = say(open_ if wait_s is None else bounded, what=what, seconds=wait_s)
        page.add(text[: page.width - 1], style="dim")
        self._write(page.text().splitlines()[0])
        self._waits = True

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            discard_stdout()
