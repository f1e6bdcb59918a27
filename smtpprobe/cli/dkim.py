"""`smtpprobe dkim DOMAIN… | --message FILE`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import values
from smtpprobe.cli.output import Output, output_options
from smtpprobe.cli.single_check import SingleCheckOptions, envelope, run_single_check, single_check_options
from smtpprobe.model.texts.language import say
from smtpprobe.render.formats import Takes


@click.command("dkim")
@click.argument("domains", type=values.DOMAIN, metavar="[DOMAIN]...", nargs=-1)
@click.option(
    "--selector",
    "selectors",
    type=values.SELECTOR,
    metavar="S",
    multiple=True,
    help="Look up this selector's key; repeatable.",
)
@click.option(
    "--message", type=values.MESSAGE, metavar="FILE", help="Verify the message's signatures; - for standard input."
)
@click.option(
    "--min-key-bits",
    type=click.IntRange(512, 16384),
    metavar="N",
    default=1024,
    show_default=True,
    help="RSA keys shorter than this are policy failures.",
)
@click.option(
    "--all-nameservers", is_flag=True, help="Ask every authoritative name server for each key record, and compare."
)
@single_check_options
@output_options(Takes.CHECK_REPORT)
def command(
    output: Output,
    domains: tuple[str, ...],
    selectors: tuple[str, ...],
    message: bytes | None,
    min_key_bits: int,
    all_nameservers: bool,
    **options: Unpack[SingleCheckOptions],
) -> int:
    """Judge the DKIM keys of each DOMAIN (RFC 6376 §3.6.1), or verify every signature of a message."""
    from smtpprobe.checks.dkim import CHECK

    if not domains and message is None:
        raise ValueError(say("nothing to look up: give a DOMAIN or --message FILE"))
    chosen = CheckOptions(
        domains=domains,
        dkim_selectors=selectors,
        message=message,
        min_key_bits=min_key_bits,
        all_nameservers=all_nameservers,
    )
    return run_single_check(CHECK, SessionView(envelope=envelope(None, None)), chosen, options, output)
