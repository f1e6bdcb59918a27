"""`smtpprobe checks [ID…]`: every finding that a check can state, or what some of them mean; offline."""

from __future__ import annotations

import click

from smtpprobe.cli.output import Output, output_options
from smtpprobe.model.exit_code import ACCEPTED
from smtpprobe.model.texts.language import mark
from smtpprobe.render.formats import Takes


@click.command("checks")
@click.argument("ids", metavar="[CHECK|ID...]", nargs=-1)
@output_options(Takes.ID_LIST)
def command(output: Output, ids: tuple[str, ...]) -> int:
    """List the findings of all checks, or of some (spf dkim), or say what some findings mean and what to do about them."""
    from smtpprobe.cli.registries import print_ids
    from smtpprobe.pipeline.reference.known_ids import check_names, finding_ids, require

    if set(ids) <= set(check_names()):
        print_ids(output, finding_ids(*ids), takes=Takes.ID_LIST)
        return ACCEPTED
    require(ids, finding_ids(), mark("{id} is not the id of a check or finding"), also=check_names())
    print_ids(output, ids)
    return ACCEPTED
