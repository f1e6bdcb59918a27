"""The options of every command that holds a session, one file a group: what adds them, and the request's fields from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Option = Callable[[Any], Any]


def adds(*options: Option) -> Option:
    """A decorator that adds the options to a command, in their order."""

    def add(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def named(parameter: str) -> str:
    """The option as whoever set it knows it: the variable, the file's key, or its name."""
    from smtpprobe.cli.config import origin_of

    context = click.get_current_context()
    origin = origin_of(context, parameter)
    option = next(each for each in context.command.params if each.name == parameter)
    return option.opts[0] if origin is None else origin.in_a_sentence
