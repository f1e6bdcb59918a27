"""What a TOML file gives for an option, made what the command line would give for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from smtpprobe.cli.values import INSTANT, SECONDS

_SHOWN = 40  # characters of a value that a message quotes
Kinds = tuple[type, ...]


def converted(option: click.Option, flag: bool | None, value: object) -> Any:
    """The value, of the type that the option takes; `flag` is what the half of a switch stands for.

    Raises ValueError saying what the value is and what was expected. What a text says is read later, with the option.
    """
    if option.is_flag:
        if not isinstance(value, bool):
            raise ValueError(f"{_shown(value)} where true or false was expected")
        return value if flag is None else value is flag
    if option.multiple:
        values = value if isinstance(value, list) else [value]
        return [_one(option, each) for each in values]
    return _one(option, value)


def _one(option: click.Option, value: object) -> Any:
    kinds, expected = _kinds(option)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise ValueError(f"{_shown(value)} where {expected} was expected{', or a list of them' * option.multiple}")
    if _is_beyond(value):
        raise ValueError(f"{_shown(value)} where {expected} was expected")
    if isinstance(value, str) and "\0" in value:
        raise ValueError(f"{_shown(value)} with a NUL in it, which no value can hold")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if option.type is SECONDS else value


def _kinds(option: click.Option) -> tuple[Kinds, str]:
    """The types that the option takes, and their words."""
    if option.count:
        return (int, bool), "a whole number"
    if isinstance(option.type, click.types.IntParamType):
        return (int,), "a whole number"
    if option.type is SECONDS:
        return (int, float, str), "a number of seconds"
    if option.type is INSTANT:
        return (date, str), "a time"  # a datetime is a date, too
    return (str,), "a text in quotes"


def _is_beyond(value: object) -> bool:
    """Whether it is a whole number that TOML does not have; Python's reader takes any."""
    return isinstance(value, int) and value.bit_length() > 64


def _shown(value: object) -> str:
    if _is_beyond(value):
        return "a whole number of more than 64 bits"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
