"""`smtpprobe schema [WHAT]`."""

from __future__ import annotations

import click


@click.command("schema")
@click.argument("what", metavar="[report|check|explain|item|compare]", default="report")
def command(what: str) -> int:
    """Print the JSON Schema of what --format json gives: the report, one check alone, explain, compare.

    `item` is a line of explain as JSON Lines.
    """
    from smtpprobe.pipeline.reference.schemas import KINDS, schema
    from smtpprobe.render.json import encode

    if what not in KINDS:
        raise ValueError(f"{what!r} has no schema: expected one of {', '.join(KINDS)}")
    click.echo(encode(schema(what)), nl=False)
    return 0
