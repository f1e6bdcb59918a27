"""`--assume` and `--assume-zone`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.model.dns.zone_data import ZoneData, merged
from smtpprobe.model.texts.language import say

_TAKEN = "smtpprobe.cli.assume"  # in click's context: octets and lines of the files that were read


def _record(text: str) -> ZoneData:
    from smtpprobe.net.zone import read_assumption

    return read_assumption(text)


def _zone_file(path: str) -> ZoneData:
    from smtpprobe.cli.reading import read
    from smtpprobe.model import limits
    from smtpprobe.net.zone import read_assumption

    octets = read(path, limits.ZONE)
    lines = max(octets.count(b"\n"), octets.count(b"\r"))
    if lines > limits.MAX_ZONE_LINES:
        raise ValueError(
            say(
                "{path} has more than {max_zone_lines} lines: expected a smaller master file",
                path=repr(path),
                max_zone_lines=format(limits.MAX_ZONE_LINES, ","),
            )
        )
    _refuse_beyond_all(path, len(octets), lines)
    try:
        return read_assumption(octets.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise ValueError(
            say(
                "{path} is not UTF-8 (octet {start}): expected a master file, \\DDD for other octets",
                path=repr(path),
                start=error.start + 1,
            )
        ) from None
    except ValueError as error:
        raise ValueError(f"{path!r}: {error}") from None


def _refuse_beyond_all(path: str, octets: int, lines: int) -> None:
    """Raises ValueError where the files of this command line hold more together than one may."""
    from smtpprobe.model import limits

    context = click.get_current_context()
    before_octets, before_lines = context.meta.get(_TAKEN, (0, 0))
    context.meta[_TAKEN] = taken = before_octets + octets, before_lines + lines
    if taken[0] > limits.ZONE.octets or taken[1] > limits.MAX_ZONE_LINES:
        raise ValueError(
            say(
                "{path} and the files before it contain more than {size} or {max_zone_lines} lines: expected "
                "no more in all of them together",
                path=repr(path),
                size=limits.ZONE.size,
                max_zone_lines=format(limits.MAX_ZONE_LINES, ","),
            )
        )


_RECORD = values.Value("record", _record, has_blanks=True)
_ZONE_FILE = values.Value("file", _zone_file, of_file=True)


def assume_options(function: Any) -> Any:
    """Adds --assume and --assume-zone."""
    for option in (
        click.option(
            "--assume-zone", type=_ZONE_FILE, metavar="FILE", multiple=True,
            help="Evaluate as if this master file were published too; repeatable.",
        ),
        click.option(
            "--assume", type=_RECORD, metavar="RR", multiple=True,
            help="Evaluate as if this record were published: 'example.org. TXT \"v=spf1 -all\"'; repeatable.",
        ),
    ):  # fmt: skip
        function = option(function)
    return function


def assumption(records: Sequence[ZoneData], zones: Sequence[ZoneData]) -> ZoneData | None:
    """All that is assumed; None where nothing is."""
    assumed = (*records, *zones)
    return merged(assumed) if assumed else None
