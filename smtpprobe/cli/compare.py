"""`smtpprobe compare CODE CODE`: two codes beside each other, offline."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli.output import Output, emit, output_options


@click.command("compare")
@click.argument("left", metavar="CODE")
@click.argument("right", metavar="CODE")
@output_options("text", "json")
def command(output: Output, left: str, right: str) -> int:
    """Set two codes beside each other: what each is, when it is seen, how to fix it, and which applies when.

    CODE is a reply code (554), an enhanced status code (5.7.1), or both in quotes ("550 5.7.1").
    """
    from smtpprobe.catalogue.reference.compare import compare

    comparison = compare(left, right)

    def render(form: str, style: dict[str, Any]) -> str:
        if form == "json":
            from smtpprobe.render.json import encode

            return encode(comparison)
        from smtpprobe.render.text import comparison as comparison_text

        return comparison_text.render(comparison, verbosity=output.verbosity, **style)

    emit(output, render)
    return 0
