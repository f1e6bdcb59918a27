"""`smtpprobe explain --follow FILE`: a log as it grows, each new refusal on a line, at the end what all came to."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from smtpprobe.cli import interrupts
from smtpprobe.cli.explain_many import Streams, Wanted, finish
from smtpprobe.cli.following import Following, UntilStopped, Waiting
from smtpprobe.cli.output import Output, discard_stdout, note, page_style
from smtpprobe.cli.reading import STDIN
from smtpprobe.model import exit_code
from smtpprobe.model.texts.language import say
from smtpprobe.pipeline.explaining import Explaining, OnRefusal
from smtpprobe.render import formats
from smtpprobe.render.explained import Refusal
from smtpprobe.render.formats import Takes
from smtpprobe.render.text.explained import refusal_line


def explain_followed(paths: Sequence[str], wanted: Wanted, output: Output, waiting: Waiting | None = None) -> int:
    """Explain one file until `waiting` ends, by default at the first signal; that is its ordinary end, exit 0."""
    if len(paths) != 1 or paths[0] == STDIN:
        raise ValueError(say("--follow takes one file: name the log that grows"))
    path = paths[0]
    following = Following(path, waiting or _until_signal())
    streams = Streams(wanted, output)
    try:
        with streams as write:
            explaining = Explaining(
                phase=wanted.phase,
                provider=wanted.provider,
                since=wanted.since,
                on_refusal=_Shown(wanted, output, following, write),
            )
            if sys.stderr.isatty():
                note(say("following {path}: Ctrl-C ends it with a summary", path=repr(path)))
            explaining.follow(following.blocks(), path)
            explained = explaining.finish()
    finally:
        following.close()
    interrupts.keep()
    return finish(explained, wanted, output, failure=streams.failure)


def _until_signal() -> UntilStopped:
    stopped = UntilStopped()
    interrupts.end_at_first(stopped.stop)
    return stopped


class _Shown:
    """Shows a refusal as soon as it is read: as an item if the format takes items, else in a few words if it is new."""

    def __init__(self, wanted: Wanted, output: Output, following: Following, write: OnRefusal | None) -> None:
        self._wanted = wanted
        self._following = following
        self._write = write
        form = formats.find(output.format, Takes.EXPLANATION)
        self._has_page = form is not None and form.styled
        self._style = page_style(output)

    def __call__(self, refusal: Refusal) -> None:
        """Show it."""
        if self._write is not None:
            self._write(refusal)
        try:
            if self._has_page and self._following.has_caught_up:
                line = refusal_line(
                    refusal,
                    phase=self._wanted.phase,
                    provider=self._wanted.provider,
                    width=self._style.width,
                    colour=self._style.colour,
                )
                sys.stdout.write(line)
            sys.stdout.flush()
        except BrokenPipeError:
            discard_stdout()
            raise click.exceptions.Exit(exit_code.ACCEPTED) from None
