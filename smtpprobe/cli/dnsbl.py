"""`smtpprobe dnsbl IP|DOMAIN…`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli.alone import common_options, envelope, run_alone
from smtpprobe.cli.output import Output, output_options
from smtpprobe.model import names


@click.command("dnsbl")
@click.argument("subjects", metavar="IP|DOMAIN...", nargs=-1, required=True)
@click.option("--dnsbl", metavar="ZONE", multiple=True, help="Ask this zone too; repeatable; `all` for every tier.")
@click.option("--only-dnsbl", metavar="ZONE", multiple=True, help="Ask these zones and no others.")
@common_options
@output_options("text", "json")
def command(
    output: Output, subjects: tuple[str, ...], dnsbl: tuple[str, ...], only_dnsbl: tuple[str, ...], **options: Any
) -> int:
    """Ask DNSBLs (RFC 5782) about addresses and domains. Only an answer that means a listing counts as one."""
    from smtpprobe.checks.dnsbl import CHECK

    asked = tuple(names.ip_address(each) if names.is_ip_address(each) else names.domain(each) for each in subjects)
    return run_alone(
        CHECK, options, output, envelope=envelope(None, None), client_ip=None, domains=asked,
        dnsbl_zones=tuple(each if each == "all" else names.domain(each) for each in dnsbl),
        only_dnsbl=tuple(names.domain(each) for each in only_dnsbl),
    )  # fmt: skip
