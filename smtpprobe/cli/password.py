"""Where a password or a token comes from: never the command line."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Mapping

import click

from smtpprobe.cli import config, interrupts
from smtpprobe.cli.output import note
from smtpprobe.cli.reading import first_line
from smtpprobe.model import limits
from smtpprobe.model.login.secret import PasswordSource
from smtpprobe.model.texts.language import mark, say

VARIABLE = "SMTPPROBE_PASSWORD"
# The parameters that name a source, and which it is.
SOURCES: Mapping[str, PasswordSource] = {
    "password_file": PasswordSource.FILE,
    "password_command": PasswordSource.COMMAND,
    "token_command": PasswordSource.COMMAND,
    "netrc_file": PasswordSource.NETRC,
    "keyring": PasswordSource.KEYRING,
}


def strongest(context: click.Context, given: Mapping[str, str | None]) -> dict[str, str]:
    """Those of the sources that count: the strongest of them, and none where SMTPPROBE_PASSWORD is stronger.

    The command line goes before the environment, and SMTPPROBE_PASSWORD in it before what configuration files name.
    Raises ValueError where two are equally strong.
    """
    ranks = {name: _rank(context, name) for name in SOURCES if given.get(name) is not None}
    best = min([*ranks.values(), *[config.ENVIRONMENT] * (VARIABLE in os.environ)], default=0)
    counting = [name for name, rank in ranks.items() if rank == best]
    if counting and best == config.ENVIRONMENT and VARIABLE in os.environ:
        raise ValueError(
            say(
                "{variable} and {prefix}{counting}: expected one of the two",
                variable=VARIABLE,
                prefix=config.PREFIX,
                counting=counting[0].upper(),
            )
        )
    if len(counting) > 1:
        first, second = (option_of(name) for name in counting[:2])
        raise ValueError(say("{first} and {second}: expected one of the two", first=first, second=second))
    return {name: str(given[name]) for name in counting}


def _rank(context: click.Context, name: str) -> int:
    rank = config.rank_of(context, name)
    # The home directory's file is named by a switch.
    return max(rank, config.rank_of(context, "netrc")) if name == "netrc_file" else rank


def option_of(parameter: str) -> str:
    """The option of a parameter."""
    return "--" + parameter.replace("_", "-")


def source_of(sources: Mapping[str, str]) -> PasswordSource:
    """How the secret comes in, by what `strongest` gave."""
    for name in sources:
        return SOURCES[name]
    return PasswordSource.ENVIRONMENT if VARIABLE in os.environ else PasswordSource.PROMPT


def find(user: str, sources: Mapping[str, str], *, host: str = "", may_be_empty: bool = False) -> str:
    """The password or token from its source, else from the environment or a prompt. Raises ValueError without one.

    `host` is the machine that a netrc file is asked about.
    """
    secret, where = _found(user, sources, host)
    return _checked(secret, where, may_be_empty=may_be_empty)


def _found(user: str, sources: Mapping[str, str], host: str) -> tuple[str, str]:
    """The secret, and where it is from in words."""
    for name, value in sources.items():
        match SOURCES[name]:
            case PasswordSource.FILE:
                warn_of_readers(value)
                where = say("the file {file}", file=repr(value))
                return _first_line(first_line(value, limits.PASSWORD_LINE), where), where
            case PasswordSource.COMMAND:
                return _from_command(value, option_of(name)), option_of(name)
            case PasswordSource.NETRC:
                return _from_netrc(user, value, host), say("the file {file}", file=repr(value))
            case PasswordSource.KEYRING:
                return _from_keyring(user, value), option_of(name)
    if VARIABLE in os.environ:
        return os.environ[VARIABLE], VARIABLE
    if not sys.stdin.isatty():
        raise ValueError(
            say(
                "no password for {user}: set {variable}, or give --password-file or --password-command",
                user=repr(user),
                variable=VARIABLE,
            )
        )
    interrupts.keep()  # the prompt has switched the terminal's echo off
    prompted: str = click.prompt(say("Password of {user}", user=user), hide_input=True, err=True)
    return prompted, say("the prompt")


def _from_netrc(user: str, path: str, host: str) -> str:
    from smtpprobe.cli.netrc_file import entry_of

    warn_of_readers(path)
    entry = entry_of(path, host)
    if entry.user and entry.user != user:
        words = mark("{path}: the entry 'machine {host}' is for another user than {user}")
        raise ValueError(say(words, path=repr(path), host=host, user=repr(user)))
    return entry.password


def _from_keyring(user: str, service: str) -> str:
    """What the system's keyring holds for the service and the user."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise ValueError(say("--keyring needs the package keyring: install smtpprobe[keyring]")) from None
    try:
        found = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        # Its words come from the system's service; what it is called is enough.
        raise ValueError(say("--keyring: the keyring could not be read ({name})", name=type(error).__name__)) from None
    if found is None:
        raise ValueError(
            say("--keyring: nothing is stored for {service} and {user}", service=repr(service), user=repr(user))
        )
    return str(found)


def warn_of_readers(file: str) -> None:
    """Say that others can read the file; a pipe or a device is nobody else's to read again."""
    found = os.stat(file)
    if os.name == "posix" and stat.S_ISREG(found.st_mode) and found.st_mode & (stat.S_IRGRP | stat.S_IROTH):
        note(
            say(
                "{file} can be read by others (mode {s_imode}): run chmod 600 on it",
                file=repr(file),
                s_imode=format(stat.S_IMODE(found.st_mode), "04o"),
            )
        )


def _from_command(command: str, option: str) -> str:
    """The first line that the command prints. Its words may be secret, so that messages name the program alone."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(say("{option} could not be read: {error}", option=option, error=str(error).lower())) from None
    if not words:
        raise ValueError(say("{option} is empty: expected a program and its arguments", option=option))
    try:
        # The user's own command line, given by the user; no shell is involved.
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=60, check=True, env=_without_secrets())  # noqa: S603
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(
            say("{option}: {words} could not be run: {reason}", option=option, words=repr(words[0]), reason=reason)
        ) from None
    except subprocess.CalledProcessError as error:
        raise ValueError(
            say(
                "{option}: {words} ended with {returncode}",
                option=option,
                words=repr(words[0]),
                returncode=error.returncode,
            )
        ) from None
    except subprocess.TimeoutExpired:
        raise ValueError(
            say("{option}: {words} did not end within 60 s", option=option, words=repr(words[0]))
        ) from None
    return _first_line(done.stdout, option)


def _without_secrets() -> dict[str, str]:
    """The environment for the program, which has no use for a password of ours."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


def _first_line(octets: bytes, source: str) -> str:
    try:
        return octets.decode("utf-8-sig").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise ValueError(say("the password from {source} is not UTF-8", source=source)) from None


def _checked(secret: str, source: str, *, may_be_empty: bool) -> str:
    if not secret and not may_be_empty:
        raise ValueError(say("the password from {source} is empty", source=source))
    if "\0" in secret:
        raise ValueError(say("the password from {source} contains a NUL, which no mechanism can carry", source=source))
    if any("\ud800" <= character <= "\udfff" for character in secret):
        raise ValueError(say("the password from {source} is not UTF-8", source=source))
    return secret
