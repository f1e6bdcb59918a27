"""Where reports go and in which form: the options that all commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
import msgspec

from smtpprobe.catalogue.language import languages
from smtpprobe.cli import exit_codes, values
from smtpprobe.cli.config import rank_of
from smtpprobe.cli.exit_codes import Exit
from smtpprobe.cli.option_names import OPTION_NAMES
from smtpprobe.cli.spoken_help import chosen
from smtpprobe.model.exit_code import USAGE
from smtpprobe.model.texts.language import say
from smtpprobe.render import formats
from smtpprobe.render.formats import NO_HINTS, Assumption, Style, Takes

if TYPE_CHECKING:
    from smtpprobe.cli.live import Live
    from smtpprobe.model.report import Report


# What these hold is in the catalogue; the others have mail addresses, words of servers to a session, pieces of messages.
_PUBLIC = frozenset({Takes.ENTRIES, Takes.COMPARISON, Takes.KNOWN_IDS, Takes.ID_LIST})


class Bug(Exception):
    """An internal error; the cause says what."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How to print. `files` are pairs of format and path."""

    format: str = "text"
    files: tuple[tuple[str, str], ...] = ()
    colour: bool | None = None
    verbosity: int = 0
    every_check: bool = False


def output_options(*takes: Takes) -> Callable[[Any], Any]:
    """Adds --format, --output, --lang, --no-color, -q and -v, gathered into the parameter `output`.

    The formats are those that take such values.
    """

    names = formats.names(*takes)

    def decorate(function: Any) -> Any:
        def gather(**options: Any) -> Any:
            chosen(options.pop("lang"))
            quiet, verbose, every_check = options.pop("quiet"), options.pop("verbose"), options.pop("checks", False)
            quiet = quiet and _is_quiet(verbose=verbose, checks=every_check)
            form, colour = options.pop("format_"), False if options.pop("no_color") else None
            files = tuple(_destination(text, form, names) for text in options.pop("outputs"))
            _refuse_twice([path for _, path in files])
            options["output"] = Output(
                format=form,
                files=files,
                colour=colour,
                verbosity=-1 if quiet else verbose,
                every_check=every_check and not quiet,
            )
            return function(**options)

        gather.__doc__ = function.__doc__
        gather.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        for option in reversed(_options(names, takes)):
            gather = option(gather)
        return gather

    return decorate


def _is_quiet(**asked_for: int) -> bool:
    """Whether --quiet goes before what asks for more, set in a place that counts less; both in one place are refused."""
    context = click.get_current_context()
    ranks = {name: rank_of(context, name) for name, value in asked_for.items() if value}
    mine = rank_of(context, "quiet")
    if same := next((name for name, rank in ranks.items() if rank == mine), None):
        more = "-v" if same == "verbose" else "--checks"
        raise _bad("quiet", say("-q asks for less and {more} for more: expected one of them", more=more))
    return all(rank > mine for rank in ranks.values())


def _bad(parameter: str, words: str) -> click.BadParameter:
    """The error that names the option, and what has set it."""
    context = click.get_current_context()
    option = next(each for each in context.command.params if each.name == parameter)
    return click.BadParameter(words, ctx=context, param=option)


def _options(names: tuple[str, ...], takes: tuple[Takes, ...]) -> list[Callable[[Any], Any]]:
    """The options, in the order of the help."""
    made = [
        click.option(
            "--format",
            "format_",
            type=click.Choice(names),
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
            type=values.LANGUAGE,
            metavar="LANG",
            help=f"The language of labels and texts: {', '.join(languages())}.  [default: the locale's]",
        ),
        click.option("--no-color", is_flag=True, help="No colour and no links (as NO_COLOR; FORCE_COLOR forces it)."),
        click.option("-q", "--quiet", is_flag=True, help="The answer only."),
        click.option("-v", "--verbose", count=True, help="The whole transcript, every check, every remedy."),
    ]
    if Takes.REPORT in takes:
        made.append(click.option("--checks", is_flag=True, help="What every check found, in full, as -v shows it."))
    return made


def _destination(text: str, form: str, names: tuple[str, ...]) -> tuple[str, str]:
    try:
        return values.destination(text, form, names)
    except ValueError as error:
        raise _bad("outputs", str(error)) from None


def _refuse_twice(paths: list[str]) -> None:
    """Raises where a file is named twice: the second report would replace the first. A device takes both."""
    seen: set[str] = set()
    for path in paths:
        place = os.path.realpath(path)
        if place in seen and (os.path.isfile(path) or not os.path.exists(path)):
            raise _bad("outputs", say("{path} is named twice: expected a file for each", path=repr(path)))
        seen.add(place)


def emit(output: Output, takes: Takes, value: object, hints: Mapping[str, str] = NO_HINTS) -> None:
    """Print and write the value; `hints` as a page of a report takes them.

    A file that cannot be written costs the files after it, never what is printed; its OSError is raised at the end.
    """
    failure, _ = _write(output, takes, value, hints)
    _print(output, takes, value, hints)
    if failure is not None:
        raise failure


def emit_report(
    output: Output,
    report: Report,
    assumed: Report | None = None,
    fail_on: str = exit_codes.NEVER,
    live: Live | None = None,
) -> int:
    """Print and write a report with the exit code that this returns; `fail_on` as exit_codes.of_report() takes it.

    `live` has shown the sessions; the answer follows.
    With `assumed` the report over assumed DNS is printed too, and the exit is that one's. A file that cannot be written
    is an exit of its own, which the page says.
    """

    def decided(end: Exit) -> object:
        own = exit_codes.decided(report, end)
        return own if assumed is None else Assumption(own, exit_codes.decided(assumed, end))

    end = exit_codes.of_report(assumed or report, fail_on)
    failure, written = _write(output, Takes.REPORT, decided(end), OPTION_NAMES)
    if failure is not None:
        end = exit_codes.first_of((end, Exit(USAGE, "output-not-written")))
        # The files that are there say the same number as the page.
        _write(msgspec.structs.replace(output, files=written), Takes.REPORT, decided(end), OPTION_NAMES)
    if live is not None:
        live.finish(report)
    _print(output, Takes.REPORT, decided(end), OPTION_NAMES, told=live is not None)
    if failure is not None:
        note(f"{failure.filename!r}: {failure.strerror}")
    return end.code


def _write(
    output: Output, takes: Takes, value: object, hints: Mapping[str, str]
) -> tuple[OSError | None, tuple[tuple[str, str], ...]]:
    """Write the files; why the first of them that could not be written was not, and those that were."""
    if not output.files:
        return None, ()
    from smtpprobe.cli.writing import OutputFile

    failure: OSError | None = None
    written: list[tuple[str, str]] = []
    for form, path in output.files:
        style = Style(verbosity=output.verbosity, every_check=output.every_check, hints=hints)
        text = _rendered(form, takes, value, style)
        try:
            with OutputFile(path, private=takes not in _PUBLIC) as file:
                file.write(text)
        except OSError as error:
            failure = failure or error
        else:
            written.append((form, path))
    return failure, tuple(written)


def _print(output: Output, takes: Takes, value: object, hints: Mapping[str, str], *, told: bool = False) -> None:
    style = msgspec.structs.replace(page_style(output), hints=hints, told=told)
    text = _rendered(output.format, takes, value, style)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen what it wanted to see; the exit code stays the report's.
        discard_stdout()


def is_page(output: Output) -> bool:
    """Whether what is printed of a report is a page for people."""
    found = formats.find(output.format, Takes.REPORT)
    return found is not None and found.styled


def live_page(output: Output) -> Live | None:
    """What shows a run while it goes on; None if its page is not printed, or only the answer."""
    if not is_page(output) or output.verbosity < 0:
        return None
    from smtpprobe.cli.live import Live

    return Live(output)


def note(words: str) -> None:
    """One line on stderr."""
    from smtpprobe.render.escape import terminal

    sys.stdout.flush()
    click.echo(f"smtpprobe: {terminal(' '.join(words.split()))}", err=True)


def page_style(output: Output) -> Style:
    """How a page looks on standard output."""
    is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    # NO_COLOR counts when it is set to anything but the empty string (no-color.org), and goes before the others.
    colour = output.colour is not False and not os.environ.get("NO_COLOR") and (is_terminal or _is_colour_forced())
    width = _columns() if is_terminal or "COLUMNS" in os.environ else 80
    return Style(
        width=min(width, 120),
        colour=colour,
        # What a pager or a CI system shows in colour need not know what a link is.
        links=colour and is_terminal,
        verbosity=output.verbosity,
        every_check=output.every_check,
    )


def _is_colour_forced() -> bool:
    """Whether FORCE_COLOR (force-color.org) or CLICOLOR_FORCE (bixense.com/clicolors) asks for colour in any case."""
    return any(os.environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))


def _rendered(form: str, takes: Takes, value: object, style: Style) -> str:
    found = formats.find(form, takes)
    if found is None:
        return ""  # one that takes items, which were written one by one
    with report_as_internal_error():
        return formats.render(found, value, style)


@contextmanager
def report_as_internal_error() -> Iterator[None]:
    """Turns a ValueError or OSError inside the block into a Bug: the caller's values have all been read before it.

    A request that turned out to be impossible is none.
    """
    try:
        yield
    except (ValueError, OSError) as error:
        from smtpprobe.model.request import RequestError

        if isinstance(error, RequestError):
            raise
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
