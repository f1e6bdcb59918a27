"""`smtpprobe iprev IP`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import values
from smtpprobe.cli.alone import AloneOptions, common_options, envelope, run_alone
from smtpprobe.cli.output import Output, output_options


@click.command("iprev")
@click.argument("ip", type=values.IP, metavar="IP")
@click.option("--helo", type=values.HELO, metavar="NAME", help="Hold this HELO name against the address and its names.")
@common_options
@output_options("text", "json")
def command(output: Output, ip: str, helo: str | None, **options: Unpack[AloneOptions]) -> int:
    """Look up the names of IP and whether they lead back to it (RFC 8601 §3)."""
    from smtpprobe.checks.iprev import CHECK

    session = SessionView(envelope=envelope(None, helo), client_ip=ip, client_ip_given=True)
    return run_alone(CHECK, session, CheckOptions(), options, output)
