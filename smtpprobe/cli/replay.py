"""`smtpprobe replay REPORT.json`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli.assume import assume_options, assumption
from smtpprobe.cli.output import Output, emit_report, output_options
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.model.report import Report
from smtpprobe.render.formats import Takes


@click.command("replay")
@click.argument("file", metavar="REPORT.json")
@assume_options
@output_options(Takes.REPORT)
def command(output: Output, file: str, **options: Any) -> int:
    """Annotate and diagnose a saved report again, without any network. - reads standard input.

    The exit code follows from the saved session's outcome.
    """
    from smtpprobe.cli.reading import read
    from smtpprobe.model import limits
    from smtpprobe.model.saved import load
    from smtpprobe.pipeline.replay import replay

    report = replay(load(read(file, limits.REPORT), file))
    zone = assumption(options["assume"], options["assume_zone"])
    assumed = None if zone is None else _assuming(report, zone)
    return emit_report(output, report, assumed)


def _assuming(report: Report, zone: ZoneData) -> Report:
    """The report with its checks run again over its own lookups and what is assumed."""
    from smtpprobe.cli.running import run
    from smtpprobe.mailauth.dns.overlay import Overlay
    from smtpprobe.pipeline.replay import Recorded, evaluate_again

    return run(evaluate_again(report, Overlay(Recorded(report.lookups), zone)))
