"""Which addresses are called, and from where."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds

options = adds(
    click.option(
        "--all-addresses",
        is_flag=True,
        help="A session with each address of the host, or of the MX hosts that are preferred; what differs comes first.",
    ),
    click.option("--all-mx", is_flag=True, help="The same with each address of each MX host."),
    click.option("--source-ip", type=values.IP, metavar="IP", help="Connect from this address."),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {name: given[name] for name in ("all_addresses", "all_mx", "source_ip")}
