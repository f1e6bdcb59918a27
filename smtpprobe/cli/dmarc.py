"""`smtpprobe dmarc DOMAIN | --message FILE`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import values
from smtpprobe.cli.output import Output, output_options
from smtpprobe.cli.single_check import SingleCheckOptions, envelope, run_single_check, single_check_options
from smtpprobe.model.texts.language import say
from smtpprobe.render.formats import Takes


@click.command("dmarc")
@click.argument("domain", type=values.DOMAIN, metavar="[DOMAIN]", required=False)
@click.option(
    "--message", type=values.MESSAGE, metavar="FILE", help="Judge this message's author domain; - for standard input."
)
@click.option(
    "--selector",
    "selectors",
    type=values.SELECTOR,
    metavar="S",
    multiple=True,
    help="A DKIM selector of the domain, to see what the policy rests on; repeatable.",
)
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
@click.option("--all-nameservers", is_flag=True, help="Ask every authoritative name server for the record, too.")
@single_check_options
@output_options(Takes.CHECK_REPORT)
def command(
    output: Output,
    domain: str | None,
    message: bytes | None,
    selectors: tuple[str, ...],
    spf_pass: tuple[str, ...],
    dkim_pass: tuple[str, ...],
    all_nameservers: bool,
    **options: Unpack[SingleCheckOptions],
) -> int:
    """Find the DMARC policy of an author domain by the tree walk (RFC 9989), and who aligns with it."""
    from smtpprobe.checks.dmarc import CHECK

    if domain is None and message is None:
        raise ValueError(say("nothing to look up: give a DOMAIN or --message FILE"))
    if domain is not None and message is not None:
        raise ValueError(say("a message names its author domain itself: leave out DOMAIN or --message"))
    if selectors and (message is not None or spf_pass or dkim_pass):
        raise ValueError(say("--selector is for a DOMAIN by itself: leave out --message, --spf-pass and --dkim-pass"))
    chosen = CheckOptions(
        domains=(domain,) if domain is not None else (),
        dkim_selectors=selectors,
        message=message,
        spf_pass=spf_pass,
        dkim_pass=dkim_pass,
        all_nameservers=all_nameservers,
    )
    return run_single_check(CHECK, SessionView(envelope=envelope(None, None)), chosen, options, output)
