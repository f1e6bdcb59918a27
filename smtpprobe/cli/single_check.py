"""A single check: what the commands dnsbl, spf, dkim, dmarc and iprev share."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

import click

from smtpprobe.checks.base import Check, CheckOptions, SessionView
from smtpprobe.cli import exit_codes, values
from smtpprobe.cli.assume import assume_options, assumption
from smtpprobe.cli.option_names import names_for
from smtpprobe.cli.output import Output, emit
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.model.report import Severity
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.render.formats import Assumption, Takes

_LEVELS = (exit_codes.NEVER, *(severity.value for severity in Severity if severity is not Severity.UNKNOWN))


class SingleCheckOptions(TypedDict):
    """What `single_check_options` adds, as a command gets it."""

    fail_on: str
    at: datetime | None
    timeout: float | None
    deadline: float | None
    resolver: str | None
    assume: tuple[ZoneData, ...]
    assume_zone: tuple[ZoneData, ...]


def single_check_options(function: Any) -> Any:
    """Adds the options that every single check has."""
    for option in (
        click.option(
            "--fail-on", type=click.Choice(_LEVELS), metavar="LEVEL", default="error", show_default=True,
            help=f"Exit 1 for a finding this severe or worse: {', '.join(_LEVELS)}.",
        ),
        click.option("--at", type=values.INSTANT, metavar="TIME", help="Evaluate as of then.  [default: now]"),
        click.option("--timeout", type=values.SECONDS, help="Per DNS query, at most 5.  [default: 5]"),
        click.option("--deadline", type=values.SECONDS, help="For all that is looked up.  [default: 30]"),
        click.option(
            "--resolver", type=values.NAME_SERVER, metavar="IP[:PORT]",
            help="Ask this name server (or SMTPPROBE_RESOLVER).  [default: the system's]",
        ),
    ):  # fmt: skip
        function = option(function)
    return assume_options(function)


def envelope(mail_from: str | None, helo: str | None) -> Envelope:
    """The identities that the options give."""
    reverse = None if mail_from is None else Assumed(mail_from)
    return Envelope(Assumed(helo or "", assumed=helo is None), reverse)


def run_single_check(
    check: Check, session: SessionView, chosen: CheckOptions, options: SingleCheckOptions, output: Output
) -> int:
    """Run one check through the network, print it, and give the exit code: of what is assumed, where anything is."""
    from smtpprobe.cli.running import run
    from smtpprobe.pipeline.assumption import check_alone

    work = check_alone(
        check,
        session,
        chosen,
        assumed=assumption(options["assume"], options["assume_zone"]),
        server=options["resolver"],
        timeout_s=options["timeout"],
        deadline_s=options["deadline"],
        at=options["at"],
    )
    published, assumed = run(work)
    value = published if assumed is None else Assumption(published, assumed)
    emit(output, Takes.CHECK_REPORT, value, names_for(check.name))
    return exit_codes.of_single_check(assumed or published, options["fail_on"]).code
