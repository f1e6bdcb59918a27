"""`smtpprobe dmarc DOMAIN`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli.alone import common_options, envelope, run_alone
from smtpprobe.cli.output import Output, output_options
from smtpprobe.model import names


@click.command("dmarc")
@click.argument("domain")
@click.option("--spf-pass", metavar="DOMAIN", multiple=True, help="SPF passed for this domain; repeatable.")
@click.option(
    "--dkim-pass", metavar="DOMAIN", multiple=True, help="A DKIM signature of this domain passed; repeatable."
)
@common_options
@output_options("text", "json")
def command(output: Output, domain: str, spf_pass: tuple[str, ...], dkim_pass: tuple[str, ...], **options: Any) -> int:
    """Find the DMARC policy of an author domain by the tree walk (RFC 9989), and who aligns with it."""
    from smtpprobe.checks.dmarc import CHECK

    return run_alone(
        CHECK, options, output, envelope=envelope(None, None), client_ip=None, domains=(names.domain(domain),),
        spf_pass=tuple(names.domain(each) for each in spf_pass), dkim_pass=tuple(names.domain(each) for each in dkim_pass),
    )  # fmt: skip
