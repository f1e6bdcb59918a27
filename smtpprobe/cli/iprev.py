"""`smtpprobe iprev IP`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.alone import common_options, envelope, run_alone
from smtpprobe.cli.output import Output, output_options


@click.command("iprev")
@click.argument("ip", type=values.IP, metavar="IP")
@click.option("--helo", type=values.HELO, metavar="NAME", help="Hold this HELO name against the address and its names.")
@common_options
@output_options("text", "json")
def command(output: Output, ip: str, helo: str | None, **options: Any) -> int:
    """Look up the names of IP and whether they lead back to it (RFC 8601 §3)."""
    from smtpprobe.checks.iprev import CHECK

    return run_alone(CHECK, options, output, envelope=envelope(None, helo), client_ip=ip, client_ip_given=True)
