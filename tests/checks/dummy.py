"""A check as somebody would add one: this file, and a line in the registry."""

from __future__ import annotations

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import Check, CheckInput, CheckResult, FindingSpec, Skip, missing
from smtpprobe.model.dns.lookup import Question
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.report import Severity
from smtpprobe.model.transcript import Phase

NO_CAA = FindingSpec(
    id="caa-missing",
    severity=Severity.NOTICE,
    title="The HELO name's domain limits no certification authority",
    why="Any authority may issue a certificate for it.",
    fix="Publish a CAA record.",
    references=("RFC 8659 §3",),
)


def _skip(check_input: CheckInput) -> Skip | None:
    return None if check_input.session.client_ip else missing("client_ip", "the client IP is not known")


async def _run(check_input: CheckInput) -> CheckResult:
    name = check_input.session.envelope.helo.value
    lookup = await check_input.services.resolver.lookup(Question(name, "CAA"))
    evidence = SessionEvidence((), {"issuers": " ".join(lookup.records) or "any"}, (lookup.index,))
    return evidence, () if lookup.records else (NO_CAA(name, f"{name} has no CAA record"),)


CHECK = Check(
    name="caa",
    about="whether the HELO name's domain limits who issues certificates",
    findings=(NO_CAA,),
    skip=_skip,
    run=_run,
    bears_on=Bearing(Phase.EHLO),
)
