"""Configuration files: options that need not be typed, and what a directory that one happens to be in may not decide.

In this order: command line, environment, --config FILE, the user's file, the project's. A key is an option's long name
without its hyphens in front; it stands at the top for every command that has the option, or in a table named after the
command.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from smtpprobe.cli.config_file import ConfigFile

PROJECT_FILES = ("smtpprobe.toml", "pyproject.toml")
_ORIGINS = "smtpprobe.cli.config"


class Origin(NamedTuple):
    """Where a parameter's value comes from: the file and the key, and whether it is the working directory's file."""

    file: ConfigFile
    key: str
    of_directory: bool


def apply(context: click.Context, command: click.Command, explicit: str | None) -> None:
    """Make what the files say the command's defaults. Raises ValueError naming the file and the key, or OSError."""
    group = context.command
    commands = group.list_commands(context) if isinstance(group, click.Group) else []
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for file, of_directory in reversed(list(_files(explicit))):
        for key, option, flag, value in _settings(command, file, commands):
            origin = Origin(file, key, of_directory)
            if of_directory:
                _refuse_what_is_closed(command.name or "", origin, value)
            values[option.name or ""] = _value(origin, option, flag, value)
            origins[option.name or ""] = origin
    context.default_map = {command.name or "": values}
    context.meta[_ORIGINS] = origins


def origin_of(context: click.Context | None, parameter: str | None) -> Origin | None:
    """Where a file has set the parameter's value; None where none has, or something that goes before files."""
    if context is None or parameter is None:
        return None
    if context.get_parameter_source(parameter) is not click.core.ParameterSource.DEFAULT_MAP:
        return None
    found: Origin | None = context.meta.get(_ORIGINS, {}).get(parameter)
    return found


def is_of_directory(context: click.Context, parameter: str) -> bool:
    """Whether the value comes from a file in the working directory that the user does not trust."""
    origin = origin_of(context, parameter)
    return origin is not None and origin.of_directory and not _is_trusted(origin)


def refuse_if_of_directory(context: click.Context, parameter: str, why: str) -> None:
    """Raises ValueError, with the reason, where is_of_directory()."""
    origin = origin_of(context, parameter)
    if origin is not None and origin.of_directory:
        _refuse(origin, why)


def _refuse_what_is_closed(command: str, origin: Origin, value: object) -> None:
    from smtpprobe.cli.directory_options import why_beyond, why_closed

    why = why_closed(command, origin.key) or why_beyond(command, origin.key, value)
    if why is not None:
        _refuse(origin, why)


def _is_trusted(origin: Origin) -> bool:
    from smtpprobe.cli import trusted

    return trusted.state(origin.file) is trusted.State.TRUSTED


def _refuse(origin: Origin, why: str) -> None:
    """Raises ValueError unless the user trusts the file as it is."""
    from smtpprobe.cli import trusted

    state, path = trusted.state(origin.file), origin.file.path
    if state is trusted.State.TRUSTED:
        return
    has_changed = state is trusted.State.CHANGED
    raise ValueError(
        f"{path!r}: {'it has changed since it was trusted, and ' * has_changed}a file in the working directory cannot "
        f"set {origin.key!r}, since {why}: give it on the command line, or, once you have read the file, name it "
        f"(smtpprobe --config {path} …) or trust it as it is now (smtpprobe trust .)"
    )


def user_folder() -> str | None:
    """The folder of the user's own files; None where there is none."""
    for base in (os.environ.get("XDG_CONFIG_HOME", ""), os.path.join(os.path.expanduser("~"), ".config")):
        # XDG Base Directory Specification: a relative path is invalid and passed over. It would be the directory's.
        if os.path.isabs(base):
            return os.path.join(base, "smtpprobe")
    return None


def _files(explicit: str | None) -> Iterator[tuple[ConfigFile, bool]]:
    """The files that there are, the strongest first, and whether each is the project's."""
    folder = user_folder()
    own = os.path.join(folder, "config.toml") if folder is not None else ""
    project = next((path for path in PROJECT_FILES if os.path.isfile(path)), None)
    if explicit is None and project is None and not os.path.isfile(own):
        return
    from smtpprobe.cli.config_file import ConfigFile, of_directory

    if explicit is not None:
        named = ConfigFile(explicit)
        if named.options is None:
            raise ValueError(f"{explicit!r} has no table [tool.smtpprobe]: there are no options in it")
        yield named, False
    if os.path.isfile(own):
        yield ConfigFile(own), False
    file = of_directory("") if project is not None else None
    if file is not None and not (explicit is not None and os.path.samefile(file.path, explicit)):
        yield file, True


def _settings(
    command: click.Command, file: ConfigFile, commands: Collection[str]
) -> Iterator[tuple[str, click.Option, bool | None, object]]:
    """Key, option, what the half of a switch stands for, and value; those of the command's own table come last."""
    known = _long_names(command)
    table = file.options or {}
    own = table.get(command.name or "", {})
    if not isinstance(own, dict) and _is_option(command.name or ""):
        own = {}  # an option of the same name, at the top
    if not isinstance(own, dict):
        raise ValueError(f"{file.path!r}: {command.name!r} is no table of options")
    for key, value in table.items():
        if key in known and not (isinstance(value, dict) and key in commands):
            yield key, *known[key], value
    for key, value in own.items():
        if key not in known:
            raise ValueError(f"{file.path!r}: smtpprobe {command.name} has no option {key!r}")
        yield key, *known[key], value


def _is_option(name: str) -> bool:
    """Whether any command has an option of that name."""
    from smtpprobe.cli.directory_options import CLOSED, OPEN

    return name in OPEN or name in CLOSED


def _value(origin: Origin, option: click.Option, flag: bool | None, value: object) -> Any:
    from smtpprobe.cli.config_values import converted

    try:
        return converted(option, flag, value)
    except ValueError as error:
        raise ValueError(f"{origin.file.path!r}: {origin.key!r} holds {error}") from None


def _long_names(command: click.Command) -> dict[str, tuple[click.Option, bool | None]]:
    """Long option names to options; for the halves of a switch, the value that each stands for."""
    names: dict[str, tuple[click.Option, bool | None]] = {}
    for option in command.params:
        if isinstance(option, click.Option):
            on = True if option.secondary_opts else None
            names.update({text[2:]: (option, on) for text in option.opts if text.startswith("--")})
            names.update({text[2:]: (option, False) for text in option.secondary_opts if text.startswith("--")})
    return names
