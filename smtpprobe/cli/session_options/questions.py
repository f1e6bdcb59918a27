"""What the server is asked before MAIL, for the sake of its answer."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds
from smtpprobe.pipeline.request import values as rules

# The options that a field of the request comes from.
OPTIONS = {"questions": ("vrfy", "expn", "noop", "smtp_help")}

options = adds(
    click.option(
        "--vrfy",
        type=values.Value("mailbox", lambda text: rules.question(f"VRFY {text}")),
        metavar="ADDR",
        multiple=True,
        help="Ask by VRFY whether there is such a mailbox; repeatable.",
    ),
    click.option(
        "--expn",
        type=values.Value("list", lambda text: rules.question(f"EXPN {text}")),
        metavar="LIST",
        multiple=True,
        help="Ask by EXPN who is on a mailing list; repeatable.",
    ),
    click.option("--noop", is_flag=True, help="Send NOOP."),
    click.option(
        "--smtp-help", is_flag=True, help="Send HELP.  These four go before MAIL, and a refusal decides nothing."
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    single = [verb for verb, name in (("NOOP", "noop"), ("HELP", "smtp_help")) if given[name]]
    return {"questions": (*single, *given["vrfy"], *given["expn"])}
