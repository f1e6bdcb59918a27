"""The envelope of the mail transaction."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds

options = adds(
    click.option(
        "--mail-from",
        type=values.REVERSE_PATH,
        metavar="ADDR",
        help="Reverse-path; <> for the null one.  [default: --user if it is an address, else <>]",
    ),
    click.option(
        "--rcpt-to",
        type=values.FORWARD_PATH,
        metavar="ADDR",
        multiple=True,
        help="Forward-path; repeatable.  [default: TARGET if it is an address, else postmaster@ its MX domain]",
    ),
    click.option(
        "--force",
        is_flag=True,
        help="More than the polite number of RCPT, and parameters that the server does not offer.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {name: given[name] for name in ("mail_from", "rcpt_to", "force")}
