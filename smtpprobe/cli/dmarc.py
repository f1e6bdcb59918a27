"""`smtpprobe dmarc DOMAIN`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import values
from smtpprobe.cli.alone import AloneOptions, common_options, envelope, run_alone
from smtpprobe.cli.output import Output, output_options


@click.command("dmarc")
@click.argument("domain", type=values.DOMAIN, metavar="DOMAIN")
@click.option(
    "--spf-pass", type=values.DOMAIN, metavar="DOMAIN", multiple=True, help="SPF passed for this domain; repeatable."
)
@click.option(
    "--dkim-pass",
    type=values.DOMAIN,
    metavar="DOMAIN",
    multiple=True,
    help="A DKIM signature of this domain passed; repeatable.",
)
@click.option("--all-nameservers", is_flag=True, help="Ask for the record at every authoritative name server too.")
@common_options
@output_options("text", "json")
def command(
    output: Output,
    domain: str,
    spf_pass: tuple[str, ...],
    dkim_pass: tuple[str, ...],
    all_nameservers: bool,
    **options: Unpack[AloneOptions],
) -> int:
    """Find the DMARC policy of an author domain by the tree walk (RFC 9989), and who aligns with it."""
    from smtpprobe.checks.dmarc import CHECK

    chosen = CheckOptions(domains=(domain,), spf_pass=spf_pass, dkim_pass=dkim_pass, all_nameservers=all_nameservers)
    return run_alone(CHECK, SessionView(envelope=envelope(None, None)), chosen, options, output)
