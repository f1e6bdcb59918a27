"""`smtpprobe trust DIR`: let the configuration file of a directory set every option, as long as it stays as it is."""

from __future__ import annotations

import os

import click

from smtpprobe.cli import config, config_file, trusted


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
            raise click.UsageError("--list goes without DIR and --remove")
        return _list()
    if directory is None:
        raise click.UsageError("Missing argument 'DIR': expected a directory, . for this one, or --list")
    return _remove(directory) if remove else _trust(directory)


def _trust(directory: str) -> int:
    if not os.path.isdir(directory):
        raise ValueError(f"{directory!r} is not a directory: expected the one that holds the configuration file")
    file = config_file.of_directory(directory)
    if file is None:
        raise ValueError(
            f"{directory!r} contains no configuration file: expected smtpprobe.toml, or pyproject.toml with a table "
            "[tool.smtpprobe]"
        )
    trusted.save(trusted.load() | {trusted.place(file.path): trusted.digest(file)})
    _say(f"trusted as it is now: {trusted.place(file.path)}")
    for table, key in _closed(file):
        _say(f"  it sets {key} for {table or 'every command that has it'}")
    return 0


def _closed(file: config_file.ConfigFile) -> list[tuple[str, str]]:
    """Table, "" for the top, and key of what only a trusted file may set."""
    from smtpprobe.cli.directory_options import why_beyond, why_closed

    options = file.options or {}
    tables = {"": options} | {name: table for name, table in options.items() if isinstance(table, dict)}
    return [
        (name, key)
        for name, table in tables.items()
        for key, value in table.items()
        if not isinstance(value, dict) and (why_closed(name, key) or why_beyond(name, key, value)) is not None
    ]


def _remove(directory: str) -> int:
    digests = trusted.load()
    places = [trusted.place(os.path.join(directory, name)) for name in config.PROJECT_FILES]
    found = [place for place in places if place in digests]
    if not found:
        raise ValueError(f"{directory!r} is not trusted: nothing to remove (smtpprobe trust --list)")
    trusted.save({place: digest for place, digest in digests.items() if place not in found})
    for place in found:
        _say(f"no longer trusted: {place}")
    return 0


def _list() -> int:
    digests = trusted.load()
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
