"""`smtpprobe trust DIR`: let the configuration file of a directory set every option, as long as it stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from smtpprobe.cli import config, config_file, trusted
from smtpprobe.model.texts.language import say


@click.command("trust")
@click.argument("directory", metavar="DIR", required=False)
@click.option("--remove", is_flag=True, help="Stop trusting the directory's file.")
@click.option("--list", "listing", is_flag=True, help="Name the files that are trusted, and those that have changed.")
def command(directory: str | None, remove: bool, listing: bool) -> int:
    """Trust the configuration file of DIR: smtpprobe.toml, or pyproject.toml with a table [tool.smtpprobe].

    Without that a file in the working directory sets only what can do no harm. Read it first: a trusted file decides
    which server gets passwords, what is written and what is run. Its digest is remembered; other content is not trusted.
    """
    if listing:
        if directory is not None or remove:
            raise click.UsageError(say("--list goes without DIR and --remove"))
        return _list()
    if directory is None:
        raise click.UsageError(say("Missing argument 'DIR': expected a directory, . for this one, or --list"))
    return _remove(directory) if remove else _trust(directory)


def _trust(directory: str) -> int:
    if not os.path.isdir(directory):
        raise ValueError(
            say(
                "{directory} is not a directory: expected the one that holds the configuration file",
                directory=repr(directory),
            )
        )
    file = config_file.of_directory(directory)
    if file is None:
        raise ValueError(
            say(
                "{directory} contains no configuration file: expected smtpprobe.toml, or pyproject.toml with "
                "a table [tool.smtpprobe]",
                directory=repr(directory),
            )
        )
    trusted.save(trusted.load() | {trusted.place(file.path): trusted.digest(file)})
    _say(say("trusted as it is now: {place}", place=trusted.place(file.path)))
    for key, what in _opened(file):
        _say(say("  it sets {key} for {what}", key=key, what=what))
    return 0


def _opened(file: config_file.ConfigFile) -> Iterator[tuple[str, str]]:
    """What only a trusted file may set: the key, and for which command and in which case, in words."""
    options = file.options or {}
    tables = {"": options} | {name: table for name, table in options.items() if isinstance(table, dict)}
    for name, table in tables.items():
        for key, value in table.items():
            if not isinstance(value, dict):
                yield from ((key, what) for what in _opened_for(name, key, value))


def _opened_for(command: str, key: str, value: object) -> Iterator[str]:
    """For which commands trust opens the key; the top of the file, "", is for all of them."""
    from smtpprobe.cli.directory_options import CLOSED_WITH, commands_apart, why_refused

    if why_refused(command, key, value) is not None:
        yield command or say("every command that has it")
        return
    if not command:
        yield from (each for each in commands_apart() if why_refused(each, key, value) is not None)
    if key in CLOSED_WITH and command in ("", "check"):
        yield "check " + say(CLOSED_WITH[key])


def _remove(directory: str) -> int:
    digests = trusted.load()
    places = [trusted.place(os.path.join(directory, name)) for name in config.PROJECT_FILES]
    found = [place for place in places if place in digests]
    if not found:
        raise ValueError(
            say("{directory} is not trusted: nothing to remove (smtpprobe trust --list)", directory=repr(directory))
        )
    trusted.save({place: digest for place, digest in digests.items() if place not in found})
    for place in found:
        _say(say("no longer trusted: {place}", place=place))
    return 0


def _list() -> int:
    digests = trusted.load()
    if not digests:
        _say(say("no file is trusted"))
    for place in sorted(digests):
        _say(f"{_state(place, digests):<7}  {place}")
    return 0


def _state(place: str, digests: dict[str, str]) -> str:
    if not os.path.isfile(place):
        return "gone"
    try:
        state = trusted.judged(config_file.ConfigFile(place), digests)
    except (OSError, ValueError):
        return "changed"
    return "trusted" if state is trusted.State.TRUSTED else "changed"


def _say(line: str) -> None:
    from smtpprobe.render.escape import terminal

    click.echo(terminal(line))
