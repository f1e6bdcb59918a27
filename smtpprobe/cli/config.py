"""Configuration files: options that need not be typed, and what a directory that one happens to be in may not decide.

In this order: command line, environment, --config FILE, the user's file, the project's. A key is an option's long name
without its hyphens in front; it stands at the top for every command that has the option, or in a table named after the
command.
"""

from __future__ import annotations

import os
from typing import Any

import click

# A directory may be somebody else's: what decides where a password goes, and who is believed, is not its to say.
PROJECT_FILE_FORBIDDEN = frozenset(
    {"password-file", "password-command", "insecure-auth", "tls-verify", "no-tls-verify", "ca-file", "resolver"}
)
_PROJECT_FILES = ("smtpprobe.toml", "pyproject.toml")


def defaults(command: click.Command, explicit: str | None) -> dict[str, Any]:
    """What the files say for this command, by parameter name. Raises ValueError naming the file and the key."""
    found: dict[str, Any] = {}
    for path, table, trusted in reversed(list(_tables(explicit))):
        found |= _options(command, table, path, trusted=trusted)
    return found


def _tables(explicit: str | None) -> list[tuple[str, dict[str, Any], bool]]:
    """Path, content and whether the file may set everything; the strongest first."""
    tables = [(explicit, _read(explicit), True)] if explicit else []
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    own = os.path.join(home, "smtpprobe", "config.toml")
    if os.path.isfile(own):
        tables.append((own, _read(own), True))
    for path in _PROJECT_FILES:
        if os.path.isfile(path) and (table := _read_project(path)) is not None:
            return [*tables, (path, table, False)]
    return tables


def _read_project(path: str) -> dict[str, Any] | None:
    if path != "pyproject.toml":
        return _read(path)
    with open(path, "rb") as file:
        # Most projects say nothing about us, and reading TOML costs more than a whole `explain 554`.
        if b"tool.smtpprobe" not in file.read():
            return None
    found = _read(path).get("tool", {}).get("smtpprobe")
    return found if isinstance(found, dict) else None


def _read(path: str) -> dict[str, Any]:
    import tomllib

    with open(path, "rb") as file:
        try:
            return tomllib.load(file)
        except UnicodeDecodeError as error:
            raise ValueError(f"{path!r} is no TOML file: not UTF-8 (octet {error.start + 1})") from None
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path!r} is no TOML file: {error}") from None


def _options(command: click.Command, table: dict[str, Any], path: str, *, trusted: bool) -> dict[str, Any]:
    known = _long_names(command)
    own = table.get(command.name or "", {})
    if not isinstance(own, dict):
        raise ValueError(f"{path!r}: {command.name!r} is no table of options")
    found: dict[str, Any] = {}
    for key, value in (*table.items(), *own.items()):
        if isinstance(value, dict):
            continue
        if not trusted and key in PROJECT_FILE_FORBIDDEN:
            raise ValueError(
                f"{path!r}: {key!r} cannot be set by a file in the working directory: give it on the command line, "
                "in a file named with --config, or in your own configuration"
            )
        if key in known:
            name, flag = known[key]
            found[name] = value if flag is None else bool(value) is flag
        elif key in own:
            raise ValueError(f"{path!r}: smtpprobe {command.name} has no option {key!r}")
    return found


def _long_names(command: click.Command) -> dict[str, tuple[str, bool | None]]:
    """Long option names to parameter names; for the halves of a switch, the value that each stands for."""
    names: dict[str, tuple[str, bool | None]] = {}
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name:
            on = True if parameter.secondary_opts else None
            names.update({text[2:]: (parameter.name, on) for text in parameter.opts if text.startswith("--")})
            names.update(
                {text[2:]: (parameter.name, False) for text in parameter.secondary_opts if text.startswith("--")}
            )
    return names
