"""`smtpprobe compare CODE CODE`: two codes beside each other, offline."""

from __future__ import annotations

import click

from smtpprobe.cli.output import Output, emit, output_options
from smtpprobe.render.formats import Takes


@click.command("compare")
@click.argument("left", metavar="CODE")
@click.argument("right", metavar="CODE")
@output_options(Takes.COMPARISON)
def command(output: Output, left: str, right: str) -> int:
    """Compare two codes: what each is, when it is seen, how to fix it, and which applies when.

    CODE is a reply code (554), an enhanced status code (5.7.1), or both in quotes ("550 5.7.1").
    """
    from smtpprobe.catalogue.reference.compare import compare

    emit(output, Takes.COMPARISON, compare(left, right))
    return 0
