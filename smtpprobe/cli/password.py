"""Where a password comes from: never the command line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click

VARIABLE = "SMTPPROBE_PASSWORD"


def find(user: str, file: str | None, command: str | None) -> str:
    """The password from a file, a command, the environment or a prompt, in this order. Raises ValueError without one."""
    if file is not None:
        return _checked(
            Path(file).read_text(encoding="utf-8").partition("\n")[0].removesuffix("\r"), f"the file {file!r}"
        )
    if command is not None:
        return _checked(_from_command(command), "--password-command")
    if VARIABLE in os.environ:
        return _checked(os.environ[VARIABLE], VARIABLE)
    if not sys.stdin.isatty():
        raise ValueError(f"no password for {user!r}: set {VARIABLE}, or give --password-file or --password-command")
    prompted: str = click.prompt(f"Password of {user}", hide_input=True, err=True)
    return _checked(prompted, "the prompt")


def _from_command(command: str) -> str:
    try:
        words = shlex.split(command)
        # The user's own command line, given by the user; no shell is involved.
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=60, check=True)  # noqa: S603
    except (OSError, ValueError, IndexError) as error:
        raise ValueError(f"--password-command {command!r} could not be run: {error}") from None
    except subprocess.CalledProcessError as error:
        raise ValueError(f"--password-command {command!r} ended with {error.returncode}") from None
    except subprocess.TimeoutExpired:
        raise ValueError(f"--password-command {command!r} printed nothing within 60 s") from None
    return done.stdout.decode("utf-8", "replace").partition("\n")[0].removesuffix("\r")


def _checked(secret: str, source: str) -> str:
    if not secret:
        raise ValueError(f"the password from {source} is empty")
    if "\0" in secret:
        raise ValueError(f"the password from {source} holds a NUL, which no mechanism can carry")
    # An unexpanded placeholder would cost an attempt and say nothing about the account.
    if secret.startswith("${") or secret.strip("*") == "":
        raise ValueError(f"the password from {source} looks like a placeholder that was never filled in")
    return secret
