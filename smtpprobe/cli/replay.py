"""`smtpprobe replay REPORT.json`."""

from __future__ import annotations

import sys
from typing import Any

import click

from smtpprobe.cli.output import Output, emit, output_options


@click.command("replay")
@click.argument("file", metavar="REPORT.json")
@output_options("text", "json")
def command(output: Output, file: str) -> int:
    """Annotate and diagnose a saved report again, without any network. - reads standard input.

    The exit code is the saved session's.
    """
    from smtpprobe.model.saved import load
    from smtpprobe.pipeline.replaying import replay

    if file == "-":
        octets = sys.stdin.buffer.read()
    else:
        with open(file, "rb") as source:
            octets = source.read()
    report = replay(load(octets, file))

    def render(form: str, style: dict[str, Any]) -> str:
        if form == "json":
            from smtpprobe.render import as_json

            return as_json.render(report)
        from smtpprobe.render import as_text

        return as_text.render(report, verbosity=output.verbosity, **style)

    emit(output, render)
    return report.outcome.exit_code
