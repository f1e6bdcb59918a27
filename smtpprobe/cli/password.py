"""Where a password comes from: never the command line."""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
import sys

import click

from smtpprobe.cli import config, interrupts
from smtpprobe.cli.output import note
from smtpprobe.cli.reading import first_line
from smtpprobe.model import limits
from smtpprobe.model.request import PasswordRecord, PasswordSource
from smtpprobe.model.texts.language import say

VARIABLE = "SMTPPROBE_PASSWORD"
# Unexpanded: ${X}, $(X), {{ x }}, %X%, <password>, and the stars or bullets of a masked log.
_PLACEHOLDER = re.compile(
    r"\$\{.*|\$\([\w.]*\)|\{\{.*\}\}|%\w+%|<[\w -]*(?:password|passwort|secret|token)[\w -]*>|[*•]+", re.IGNORECASE
)
# A password may look like this too: it is sent, and named only after it was refused.
_VARIABLE_NAME = re.compile(r"\$[A-Z_][A-Z0-9_]*")


def strongest(context: click.Context, file: str | None, command: str | None) -> tuple[str | None, str | None]:
    """The file and the command of the options `password_file` and `password_command`, None for what counts less.

    The command line goes before the environment, and SMTPPROBE_PASSWORD in it before what configuration files name.
    Raises ValueError where the environment names two sources.
    """
    given = {"password_file": file, "password_command": command}
    ranks = {name: config.rank_of(context, name) for name, value in given.items() if value is not None}
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
    return (file if "password_file" in counting else None, command if "password_command" in counting else None)


def find(user: str, file: str | None, command: str | None) -> str:
    """The password from a file, a command, the environment or a prompt, in this order. Raises ValueError without one."""
    if file is not None and command is not None:
        raise ValueError(say("--password-file and --password-command: expected one of the two"))
    if file is not None:
        warn_of_readers(file)
        return _checked(
            _first_line(first_line(file, limits.PASSWORD_LINE), say("the file {file}", file=repr(file))),
            say("the file {file}", file=repr(file)),
        )
    if command is not None:
        return _checked(_from_command(command), "--password-command")
    if VARIABLE in os.environ:
        return _checked(os.environ[VARIABLE], VARIABLE)
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
    return _checked(prompted, say("the prompt"))


def record(secret: str, file: str | None, command: str | None) -> PasswordRecord:
    """What a report may say of the password that was found by these options."""
    if file is not None:
        source = PasswordSource.FILE
    elif command is not None:
        source = PasswordSource.COMMAND
    else:
        source = PasswordSource.ENVIRONMENT if VARIABLE in os.environ else PasswordSource.PROMPT
    bare = _unquoted(secret.strip())
    return PasswordRecord(
        source=source,
        ascii=secret.isascii(),
        blank_at_end=secret != secret.strip(),
        names_variable=_VARIABLE_NAME.fullmatch(bare) is not None,
        quoted=bare != secret.strip(),
    )


def _unquoted(text: str) -> str:
    """The text without the quotation marks around it, which a file or a setting may keep where a shell would not."""
    is_quoted = len(text) > 2 and text[0] == text[-1] and text[0] in "\"'`"
    return text[1:-1] if is_quoted else text


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


def _from_command(command: str) -> str:
    """The first line that the command prints. Its words may be secret, so that messages name the program alone."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(say("--password-command could not be read: {error}", error=str(error).lower())) from None
    if not words:
        raise ValueError(say("--password-command is empty: expected a program and its arguments"))
    try:
        # The user's own command line, given by the user; no shell is involved.
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=60, check=True, env=_without_secrets())  # noqa: S603
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(
            say("--password-command: {words} could not be run: {reason}", words=repr(words[0]), reason=reason)
        ) from None
    except subprocess.CalledProcessError as error:
        raise ValueError(
            say(
                "--password-command: {words} ended with {returncode}", words=repr(words[0]), returncode=error.returncode
            )
        ) from None
    except subprocess.TimeoutExpired:
        raise ValueError(say("--password-command: {words} did not end within 60 s", words=repr(words[0]))) from None
    return _first_line(done.stdout, "--password-command")


def _without_secrets() -> dict[str, str]:
    """The environment for the program, which has no use for a password of ours."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


def _first_line(octets: bytes, source: str) -> str:
    try:
        return octets.decode("utf-8-sig").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise ValueError(say("the password from {source} is not UTF-8", source=source)) from None


def _checked(secret: str, source: str) -> str:
    if not secret:
        raise ValueError(say("the password from {source} is empty", source=source))
    if "\0" in secret:
        raise ValueError(say("the password from {source} contains a NUL, which no mechanism can carry", source=source))
    if any("\ud800" <= character <= "\udfff" for character in secret):
        raise ValueError(say("the password from {source} is not UTF-8", source=source))
    # An unexpanded placeholder would cost an attempt and say nothing about the account.
    if _PLACEHOLDER.fullmatch(secret):
        raise ValueError(
            say("the password from {source} looks like a placeholder that was never filled in", source=source)
        )
    return secret
