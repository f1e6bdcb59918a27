"""`smtpprobe iprev IP`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import told, values
from smtpprobe.cli.output import Output, output_options
from smtpprobe.cli.single_check import SingleCheckOptions, envelope, run_single_check, single_check_options
from smtpprobe.render.formats import Takes


@click.command("iprev")
@click.argument("ip", type=values.IP, metavar="IP")
@click.option("--helo", type=told.HELO, metavar="NAME", help="Compare this HELO name with the address and its names.")
@single_check_options
@output_options(Takes.CHECK_REPORT)
def command(output: Output, ip: str, helo: str | None, **options: Unpack[SingleCheckOptions]) -> int:
    """Look up the names of IP, and whether they lead back to it (RFC 8601 §3)."""
    from smtpprobe.checks.iprev import CHECK

    session = SessionView(envelope=envelope(None, helo), client_ip=ip, client_ip_given=True)
    return run_single_check(CHECK, session, CheckOptions(), options, output)
