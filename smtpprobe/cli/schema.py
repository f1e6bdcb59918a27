"""`smtpprobe schema [WHAT]`."""

from __future__ import annotations

import click

from smtpprobe.model.texts.language import say


@click.command("schema")
@click.argument("what", metavar="[report|check|explain|item|compare]", default="report")
def command(what: str) -> int:
    """Print the JSON Schema of what --format json gives: the report, one check alone, explain, compare.

    `item` is a line of explain as JSON Lines.
    """
    from smtpprobe.pipeline.reference.schemas import KINDS, schema
    from smtpprobe.render.json import encode

    if what not in KINDS:
        raise ValueError(say("{what} has no schema: expected one of {kinds}", what=repr(what), kinds=", ".join(KINDS)))
    click.echo(encode(schema(what)), nl=False)
    return 0
