"""What a TOML file gives for an option, made what the command line would give for it."""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from typing import Any

import click

from smtpprobe.cli.reading import STDIN
from smtpprobe.cli.values import INSTANT, SECONDS
from smtpprobe.model.texts.language import say

_SHOWN = 40  # characters of a value that a message quotes
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
Kinds = tuple[type, ...]


class WrongType(ValueError):
    """What a value is, and what was expected."""


def of_text(option: click.Option, text: str) -> Any:
    """What a variable's text stands for, as a file would give it."""
    if option.multiple:
        # Blanks and lines set values apart; lines alone where a value may hold blanks.
        has_blanks = getattr(option.type, "has_blanks", True)
        return [line.strip() for line in text.splitlines() if line.strip()] if has_blanks else text.split()
    word = text.strip().lower()
    if option.is_flag:
        return bool(int(word)) if word in ("0", "1") else _WORDS.get(word, text)
    if option.count or _is_whole(option):
        is_number = word.isascii() and word.removeprefix("-").isdigit() and len(word) < 20
        return int(word) if is_number and (word[0] != "-" or not option.count) else _WORDS.get(word, text)
    return Decimal(word) if option.type is SECONDS and _DECIMAL.fullmatch(word) else text


def problem(option: click.Option, value: Any) -> str | None:
    """What is wrong with a value of the right type; None for nothing, and for what only its use can tell."""
    if option.is_flag or option.count:
        return None
    for each in value if option.multiple else [value]:
        if getattr(option.type, "of_file", False):
            if (why := _unreadable(each)) is not None:
                return why
            continue
        try:
            option.type.convert(each, option, None)
        except click.BadParameter as error:
            return error.message.removesuffix(".")
    return None


def _unreadable(path: str) -> str | None:
    """Why a file cannot be opened; what is in it is for the command to read, once."""
    try:
        if path != STDIN and (not os.path.exists(path) or os.path.isfile(path)):
            os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        return f"{path!r}: {error.strerror}"
    return None


def converted(option: click.Option, flag: bool | None, value: object) -> Any:
    """The value, of the type that the option takes; `flag` is what the half of a switch stands for.

    Raises WrongType. What a text says is for `problem` to judge.
    """
    if option.is_flag:
        if not isinstance(value, bool):
            raise WrongType(say("{shown} instead of true or false", shown=_shown(value)))
        return value if flag is None else value is flag
    if option.multiple:
        values = value if isinstance(value, list) else [value]
        return [_one(option, each) for each in values]
    return _one(option, value)


def _one(option: click.Option, value: object) -> Any:
    kinds, expected = _kinds(option)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise WrongType(
            say(
                "{shown} instead of {expected}{value}",
                shown=_shown(value),
                expected=expected,
                value=say(", or a list of them") * option.multiple,
            )
        )
    if _is_beyond(value):
        raise WrongType(say("{shown} instead of {expected}", shown=_shown(value), expected=expected))
    if isinstance(value, str) and "\0" in value:
        raise WrongType(say("{shown} with a NUL in it, which no value can hold", shown=_shown(value)))
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if option.type is SECONDS or getattr(option.type, "is_whole", False) else value


def _is_whole(option: click.Option) -> bool:
    return isinstance(option.type, click.types.IntParamType) or getattr(option.type, "is_whole", False)


def _kinds(option: click.Option) -> tuple[Kinds, str]:
    """The types that the option takes, and their words."""
    if option.count:
        return (int, bool), say("a whole number")
    if _is_whole(option):
        return (int,), say("a whole number")
    if option.type is SECONDS:
        return (int, float, Decimal), say("a number of seconds")
    if option.type is INSTANT:
        return (date, str), say("a time")  # a datetime is a date, too
    return (str,), say("a text in quotes")


def _is_beyond(value: object) -> bool:
    """Whether it is a whole number that TOML does not have; Python's reader takes any."""
    return isinstance(value, int) and value.bit_length() > 64


def _shown(value: object) -> str:
    if _is_beyond(value):
        return say("a whole number of more than 64 bits")
    if isinstance(value, dict):
        return say("a table")
    if isinstance(value, list):
        return say("a list")
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
