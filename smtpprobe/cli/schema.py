"""`smtpprobe schema`."""

from __future__ import annotations

import click


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of the report that --format json gives."""
    import msgspec

    from smtpprobe.model.report import Report

    click.echo(msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Report)), indent=2).decode())
    return 0
