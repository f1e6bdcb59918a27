"""`smtpprobe dnsbl IP|DOMAIN…`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import values
from smtpprobe.cli.output import Output, output_options
from smtpprobe.cli.single_check import SingleCheckOptions, envelope, run_single_check, single_check_options
from smtpprobe.render.formats import Takes


@click.command("dnsbl")
@click.argument("subjects", type=values.ADDRESS_OR_DOMAIN, metavar="IP|DOMAIN...", nargs=-1, required=True)
@click.option(
    "--dnsbl",
    type=values.ZONE_OR_ALL,
    metavar="ZONE",
    multiple=True,
    help="Ask this zone too; repeatable; `all` for every tier.",
)
@click.option("--only-dnsbl", type=values.ZONE, metavar="ZONE", multiple=True, help="Ask these zones and no others.")
@single_check_options
@output_options(Takes.CHECK_REPORT)
def command(
    output: Output,
    subjects: tuple[str, ...],
    dnsbl: tuple[str, ...],
    only_dnsbl: tuple[str, ...],
    **options: Unpack[SingleCheckOptions],
) -> int:
    """Ask DNSBLs (RFC 5782) about addresses and domains. Only an answer that means a listing counts as one.

    The exit code is 6 if a list that was asked proves nothing, unless another one lists the subject.
    """
    from smtpprobe.checks.dnsbl import CHECK

    chosen = CheckOptions(domains=subjects, dnsbl_zones=dnsbl, only_dnsbl=only_dnsbl)
    return run_single_check(CHECK, SessionView(envelope=envelope(None, None)), chosen, options, output)
