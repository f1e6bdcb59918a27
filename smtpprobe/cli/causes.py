"""`smtpprobe causes [ID…]`: every cause of a refusal, or what some of them mean; offline."""

from __future__ import annotations

import click

from smtpprobe.cli.output import Output, output_options
from smtpprobe.model.exit_code import ACCEPTED
from smtpprobe.model.texts.language import mark
from smtpprobe.render.formats import Takes


@click.command("causes")
@click.argument("ids", metavar="[ID...]", nargs=-1)
@output_options(Takes.ID_LIST)
def command(output: Output, ids: tuple[str, ...]) -> int:
    """List the causes of refusals, or say what some mean, what to do about them and when to try again."""
    from smtpprobe.cli.registries import print_ids
    from smtpprobe.pipeline.reference.known_ids import cause_ids, require

    require(ids, cause_ids(), mark("{id} is not the id of a cause"))
    print_ids(output, ids or cause_ids(), takes=Takes.KNOWN_IDS if ids else Takes.ID_LIST)
    return ACCEPTED
