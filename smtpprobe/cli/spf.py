"""`smtpprobe spf DOMAIN`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import values
from smtpprobe.cli.output import Output, output_options
from smtpprobe.cli.single_check import SingleCheckOptions, envelope, run_single_check, single_check_options
from smtpprobe.render.formats import Takes


@click.command("spf")
@click.argument("domain", type=values.DOMAIN, metavar="DOMAIN")
@click.option("--ip", type=values.IP, metavar="IP", required=True, help="The address that sends.")
@click.option(
    "--mail-from",
    type=values.REVERSE_PATH,
    metavar="ADDR",
    help="Reverse-path; postmaster@DOMAIN by default, <> for the null one.",
)
@click.option("--helo", type=values.HELO, metavar="NAME", help="HELO name; DOMAIN by default.")
@single_check_options
@output_options(Takes.CHECK_REPORT)
def command(
    output: Output, domain: str, ip: str, mail_from: str | None, helo: str | None, **options: Unpack[SingleCheckOptions]
) -> int:
    """Evaluate SPF (RFC 7208) for DOMAIN and the address that sends: both identities, with the trace."""
    from smtpprobe.checks.spf import CHECK

    mail_from = f"postmaster@{domain}" if mail_from is None else mail_from
    helo = domain if helo is None else helo
    session = SessionView(envelope=envelope(mail_from, helo), client_ip=ip)
    return run_single_check(CHECK, session, CheckOptions(domains=(domain,)), options, output)
