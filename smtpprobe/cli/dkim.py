"""`smtpprobe dkim DOMAIN | --message FILE`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from smtpprobe.cli.alone import common_options, envelope, run_alone
from smtpprobe.cli.output import Output, output_options
from smtpprobe.model import names


@click.command("dkim")
@click.argument("domain", required=False)
@click.option("--selector", "selectors", metavar="S", multiple=True, help="Look up this selector's key; repeatable.")
@click.option("--message", metavar="FILE", help="Verify the message's signatures; - for standard input.")
@click.option(
    "--min-key-bits",
    type=click.IntRange(512, 16384),
    default=1024,
    show_default=True,
    help="RSA keys below are policy failures.",
)
@common_options
@output_options("text", "json")
def command(
    output: Output,
    domain: str | None,
    selectors: tuple[str, ...],
    message: str | None,
    min_key_bits: int,
    **options: Any,
) -> int:
    """Judge the DKIM keys of DOMAIN (RFC 6376 §3.6.1), or verify every signature of a message."""
    from smtpprobe.checks.dkim import CHECK

    if domain is None and message is None:
        raise ValueError("nothing to look up: give a DOMAIN or --message FILE")
    octets = None
    if message is not None:
        octets = sys.stdin.buffer.read() if message == "-" else Path(message).read_bytes()
    domains = (names.domain(domain),) if domain else ()
    return run_alone(
        CHECK, options, output, envelope=envelope(None, None), client_ip=None, domains=domains, dkim_selectors=selectors,
        message=octets, min_key_bits=min_key_bits,
    )  # fmt: skip
