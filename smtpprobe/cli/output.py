"""Where reports go and in which form: the options that all commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click
import msgspec


class Output(msgspec.Struct, frozen=True):
    """How to print. `files` are pairs of format and path."""

    format: str = "text"
    files: tuple[tuple[str, str], ...] = ()
    colour: bool | None = None
    verbosity: int = 0


def output_options(*formats: str) -> Callable[[Any], Any]:
    """Adds --format, --output, --no-color, -q and -v, gathered into the parameter `output`."""

    def decorate(function: Any) -> Any:
        def gather(**values: Any) -> Any:
            quiet, verbose = values.pop("quiet"), values.pop("verbose")
            form, colour = values.pop("format_"), False if values.pop("no_color") else None
            files = tuple(_destination(text, form, formats) for text in values.pop("outputs"))
            values["output"] = Output(form, files, colour, -1 if quiet else verbose)
            return function(**values)

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
                click.option("--no-color", is_flag=True, help="No colour and no links (NO_COLOR does the same)."),
                click.option("-q", "--quiet", is_flag=True, help="The verdict only."),
                click.option("-v", "--verbose", count=True, help="Each reply's meaning, traces, every lookup."),
            )
        ):
            gather = option(gather)
        return gather

    return decorate


def _destination(text: str, default: str, formats: tuple[str, ...]) -> tuple[str, str]:
    form, colon, path = text.partition(":")
    if colon and form in formats:
        return form, path
    suffix = os.path.splitext(text)[1].removeprefix(".")
    return ("text" if suffix == "txt" else suffix if suffix in formats else default), text


def emit(output: Output, render: Callable[[str, dict[str, Any]], str]) -> None:
    """Print and write. `render(format, style)` gives the text; `style` holds width, colour, links for text."""
    for form, path in output.files:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(render(form, {"width": 80, "colour": False, "links": False}))
    if output.files and not sys.stdout.isatty() and output.format == "text":
        return
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    # NO_COLOR counts when it is set to anything but the empty string (no-color.org).
    colour = output.colour is not False and terminal and not os.environ.get("NO_COLOR")
    width = _columns() if terminal or "COLUMNS" in os.environ else 80
    sys.stdout.write(render(output.format, {"width": min(width, 120), "colour": colour, "links": colour}))


def _columns() -> int:
    """The terminal's width; COLUMNS goes before what the terminal says."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"]) or 80
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return 80
