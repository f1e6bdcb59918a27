"""Where reports go and in which form: the options that all commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
import msgspec

from smtpprobe.catalogue.language import choose
from smtpprobe.cli.option_names import OPTION_NAMES

if TYPE_CHECKING:
    from smtpprobe.model.report import Report


class Bug(Exception):
    """Something of ours went wrong; the cause says what."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How to print. `files` are pairs of format and path."""

    format: str = "text"
    files: tuple[tuple[str, str], ...] = ()
    colour: bool | None = None
    verbosity: int = 0


def output_options(*formats: str) -> Callable[[Any], Any]:
    """Adds --format, --output, --lang, --no-color, -q and -v, gathered into the parameter `output`."""

    def decorate(function: Any) -> Any:
        def gather(**options: Any) -> Any:
            choose(options.pop("lang"))
            quiet, verbose = options.pop("quiet"), options.pop("verbose")
            form, colour = options.pop("format_"), False if options.pop("no_color") else None
            files = tuple(_destination(text, form, formats) for text in options.pop("outputs"))
            options["output"] = Output(format=form, files=files, colour=colour, verbosity=-1 if quiet else verbose)
            return function(**options)

        gather.__doc__ = function.__doc__
        gather.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        for option in reversed(
            (
                click.option(
                    "--format",
                    "format_",
                    type=click.Choice(formats),
                    default="text",
                    show_default=True,
                    help="What to print.",
                ),
                click.option(
                    "--output",
                    "outputs",
                    multiple=True,
                    metavar="[FORMAT:]FILE",
                    help="Write a report to a file; repeatable.",
                ),
                click.option(
                    "--lang",
                    metavar="LANG",
                    envvar="SMTPPROBE_LANG",
                    help="The language of labels and texts: en, hi.  [default: the locale's]",
                ),
                click.option("--no-color", is_flag=True, help="No colour and no links (NO_COLOR does the same)."),
                click.option("-q", "--quiet", is_flag=True, help="The verdict only."),
                click.option("-v", "--verbose", count=True, help="Each reply's meaning, traces, every lookup."),
            )
        ):
            gather = option(gather)
        return gather

    return decorate


def _destination(text: str, form: str, formats: tuple[str, ...]) -> tuple[str, str]:
    from smtpprobe.cli import values

    try:
        return values.destination(text, form, formats)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--output'") from None


Render = Callable[[str, dict[str, Any]], str]


def emit(output: Output, render: Render) -> None:
    """Print and write. `render(format, style)` gives the text; `style` holds width, colour, links for text.

    A file that cannot be written costs the files after it, never what is printed; its OSError is raised at the end.
    """
    failure: OSError | None = None
    for form, path in output.files:
        text = _rendered(render, form, {"width": 80, "colour": False, "links": False})
        try:
            with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.write(text)
        except OSError as error:
            failure = failure or error
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    # NO_COLOR counts when it is set to anything but the empty string (no-color.org).
    colour = output.colour is not False and terminal and not os.environ.get("NO_COLOR")
    width = _columns() if terminal or "COLUMNS" in os.environ else 80
    text = _rendered(render, output.format, {"width": min(width, 120), "colour": colour, "links": colour})
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen what it wanted to see; the exit code stays the report's.
        discard_stdout()
    if failure is not None:
        raise failure


def emit_report(output: Output, report: Report, assumed: Report | None = None) -> None:
    """Print and write a report; with `assumed`, JSON holds that one and text sets the two beside each other first."""

    def render(form: str, style: dict[str, Any]) -> str:
        if form == "json":
            from smtpprobe.render import json as as_json

            return as_json.render(assumed or report)
        from smtpprobe.render.text import report as as_text

        page = as_text.render(report, verbosity=output.verbosity, hints=OPTION_NAMES, **style)
        if assumed is None:
            return page
        from smtpprobe.cli.assume import before_and_after

        return f"{before_and_after(report.checks, assumed.checks, style)}\n{page}"

    emit(output, render)


def _rendered(render: Render, form: str, style: dict[str, Any]) -> str:
    with never_the_callers_fault():
        return render(form, style)


@contextmanager
def never_the_callers_fault() -> Iterator[None]:
    """Turns what would pass for a wrong value of the caller's into a Bug: here every value has been read already."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Bug from error


def discard_stdout() -> None:
    """From here on nothing reaches standard output, so that the interpreter's last flush cannot fail."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


def _columns() -> int:
    """The terminal's width; COLUMNS goes before what the terminal says."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"]) or 80
    try:
        # A terminal that nobody told its size, as in a container, has no columns.
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80
