"""One check by itself: what the commands dnsbl, spf, dkim, dmarc and iprev share."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

import click

from smtpprobe.checks.base import Check, CheckOptions, SessionView
from smtpprobe.cli import values
from smtpprobe.cli.assume import assume_options, assumption, before_and_after
from smtpprobe.cli.option_names import names_for
from smtpprobe.cli.output import Output, emit
from smtpprobe.model.evidence import DnsblEvidence, Evidence
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.report import CheckReport, Severity
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.model.words import AuthResult
from smtpprobe.model.zone_data import ZoneData

INCOMPLETE = 6
_LEVELS = ("never", *(severity.value for severity in Severity if severity is not Severity.UNKNOWN))
_BAD = (AuthResult.FAIL, AuthResult.SOFTFAIL, AuthResult.PERMERROR, AuthResult.POLICY)


class AloneOptions(TypedDict):
    """What `common_options` adds, as a command gets it."""

    fail_on: str
    at: datetime | None
    timeout: float | None
    resolver: str | None
    assume: tuple[ZoneData, ...]
    assume_zone: tuple[ZoneData, ...]


def common_options(function: Any) -> Any:
    """Adds the options that every check alone has."""
    for option in (
        click.option(
            "--fail-on", type=click.Choice(_LEVELS), metavar="LEVEL", default="error", show_default=True,
            help=f"Exit 1 for a finding this severe or worse: {', '.join(_LEVELS)}.",
        ),
        click.option("--at", type=values.INSTANT, metavar="TIME", help="Evaluate as of then.  [default: now]"),
        click.option("--timeout", type=values.SECONDS, help="Per DNS question, at most 5.  [default: 5]"),
        click.option(
            "--resolver", type=values.NAME_SERVER, metavar="IP[:PORT]", envvar="SMTPPROBE_RESOLVER",
            help="Ask this name server (or SMTPPROBE_RESOLVER).  [default: the system's]",
        ),
    ):  # fmt: skip
        function = option(function)
    return assume_options(function)


def envelope(mail_from: str | None, helo: str | None) -> Envelope:
    """The identities that the options give."""
    reverse = None if mail_from is None else Assumed(mail_from)
    return Envelope(Assumed(helo or "", assumed=helo is None), reverse)


def run_alone(check: Check, session: SessionView, chosen: CheckOptions, options: AloneOptions, output: Output) -> int:
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
        at=options["at"],
    )
    published, assumed = run(work)
    report = assumed or published

    def render(form: str, style: dict[str, Any]) -> str:
        if form == "json":
            from smtpprobe.render import json as as_json

            return as_json.render(report)
        from smtpprobe.render.text.evidence import runs as evidence_text

        page = evidence_text.render(report, verbosity=output.verbosity, hints=names_for(check.name), **style)
        return page if assumed is None else f"{before_and_after([published], [assumed], style)}\n{page}"

    emit(output, render)
    return exit_code(report, options["fail_on"])


def exit_code(report: CheckReport, fail_on: str) -> int:
    """0 for pass, none, neutral, not listed; 1 for what fails or is listed; 6 where nothing could be told."""
    if report.status != "completed" or report.evidence is None:
        return INCOMPLETE
    if _is_bad(report.evidence):
        return 1
    if fail_on != "never" and any(f.severity.rank >= Severity(fail_on).rank for f in report.findings):
        return 1
    return INCOMPLETE if _is_unknown(report.evidence) else 0


def _results(evidence: Evidence) -> list[AuthResult]:
    if isinstance(evidence, DmarcEvidence) and not evidence.alignment and evidence.result is AuthResult.FAIL:
        return []  # nothing was said to have passed or failed: only the record was judged
    if isinstance(evidence, DkimEvidence):
        return [signature.result for signature in evidence.signatures]
    result = getattr(evidence, "result", None)
    return [result] if result is not None else []


def _is_bad(evidence: Evidence) -> bool:
    if isinstance(evidence, DnsblEvidence):
        return any(z.status is DnsblStatus.LISTED and z.kind == "block" and z.tier in (0, 1, 2) for z in evidence.zones)
    return any(result in _BAD for result in _results(evidence))


def _is_unknown(evidence: Evidence) -> bool:
    if isinstance(evidence, DnsblEvidence):
        answered = (DnsblStatus.LISTED, DnsblStatus.NOT_LISTED)
        return not any(zone.status in answered for zone in evidence.zones)
    return AuthResult.TEMPERROR in _results(evidence)
