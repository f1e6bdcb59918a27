"""Help and usage errors in the language in force: our texts for commands and options, and click's own words."""

from __future__ import annotations

import contextlib
import copy
import gettext
import os
from collections.abc import Iterator, Sequence

import click

from smtpprobe.catalogue import language
from smtpprobe.model.texts.language import say

_NAME = "smtpprobe"  # gettext's domain: the file that the translations are in
_SHOW_HELP = "Show this message and exit."
# What click says, through gettext, where it parses and shows help. A version of it that says it otherwise is English.
OF_CLICK: tuple[str | tuple[str, str], ...] = (
    "Usage:",
    "Options",
    "Commands",
    _SHOW_HELP,
    "Show the version and exit.",
    "default: {default}",
    "required",
    "Missing command.",
    "Missing argument",
    "Missing option",
    "Missing parameter",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "No such option {name!r}.",
    "Option {name!r} does not take a value.",
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
)


def texts(commands: Sequence[click.Command]) -> Iterator[str | tuple[str, str]]:
    """Every text that help and usage errors are made of, some of them twice."""
    yield from OF_CLICK
    for command in commands:
        for text in (command.help, command.epilog, *(_help_of(each) for each in command.params)):
            yield from _paragraphs(text or "")


def spoken(command: click.Command) -> click.Command:
    """The command with its help, and its options', in the language in force."""
    if language.chosen() == language.SOURCE:
        return command
    said = copy.copy(command)
    said.help, said.epilog = _said(command.help), _said(command.epilog)
    said.params = [copy.copy(each) for each in command.params]
    for each in said.params:
        if isinstance(each, click.Option):
            each.help = _said(each.help)
    _say_help_option(said)
    return said


def _say_help_option(command: click.Command) -> None:
    """Let the command's --help be told in the language in force: click keeps the one that it made first."""
    of_click = command.get_help_option
    made: list[click.Option] = []  # one, since click tells parameters apart by identity

    def help_option(context: click.Context) -> click.Option | None:
        option = of_click(context)
        if option is not None and not made:
            made.append(copy.copy(option))
            made[0].help = say(_SHOW_HELP)
        return made[0] if made else None

    setattr(command, "get_help_option", help_option)  # noqa: B010


@contextlib.contextmanager
def spoken_by_click(arguments: Sequence[str]) -> Iterator[None]:
    """From here on click speaks the language that the arguments or the environment choose, or a command chooses later.

    A name of no language is refused later, by the option that holds it.
    """
    before = os.environ.get("LANGUAGE")
    gettext.bindtextdomain(_NAME, language.FOLDER)
    domain = gettext.textdomain()
    gettext.textdomain(_NAME)
    try:
        with contextlib.suppress(ValueError):
            chosen(_asked(arguments))
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            os.environ.pop("LANGUAGE", None)
        else:
            os.environ["LANGUAGE"] = before


def chosen(name: str | None) -> None:
    """Choose the language, for click too, which asks gettext. Raises ValueError for a name of no language."""
    os.environ["LANGUAGE"] = language.choose(name)


def _asked(arguments: Sequence[str]) -> str | None:
    """The value of --lang, if it is among the arguments."""
    for place, each in enumerate(arguments):
        if each == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
        if each.startswith("--lang="):
            return each.partition("=")[2]
    return None


def _help_of(parameter: click.Parameter) -> str | None:
    return parameter.help if isinstance(parameter, click.Option) else None


def _paragraphs(text: str) -> Iterator[str]:
    yield from (" ".join(each.split()) for each in text.split("\n\n") if each.strip())


def _said(text: str | None) -> str | None:
    return "\n\n".join(map(say, _paragraphs(text))) if text else text
