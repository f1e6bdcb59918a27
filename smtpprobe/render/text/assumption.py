"""What assumed DNS changes, check by check: as published, as assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS
from smtpprobe.model.evidence import DnsblEvidence, Evidence, IprevEvidence
from smtpprobe.model.evidence.dkim import DkimEvidence, KeyStatus
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.report import CheckReport, CheckRun
from smtpprobe.render.text.page import Page

_STYLES = {"pass": "green", "fail": "red", "permerror": "red", "softfail": "yellow", "temperror": "yellow"}


def render(
    published: Sequence[CheckRun | CheckReport],
    assumed: Sequence[CheckRun | CheckReport],
    *,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
) -> str:
    """Two lines for each check that comes out otherwise, or is the only one; one line where nothing changes.

    The runs of both sides stand in the same order.
    """
    page = Page(width=width, colour=colour, links=links)
    changed = False
    for before, after in zip(published, assumed, strict=True):
        was, now = _summary(before), _summary(after)
        if was == now and len(published) > 1 and not list(_findings(before, after)):
            continue
        changed = True
        label = f"{before.check:<10}"
        page.add(was, first=f"{label}as published: ", style=_style(was), rest=" " * 24)
        page.add(now, first=f"{'':<10}as assumed:   ", style=_style(now), rest=" " * 24)
        for line in _findings(before, after):
            page.add(line, first=" " * 10, style="dim", rest=" " * 12)
    if not changed:
        page.add("with what is assumed every check comes out as it is published", style="dim")
    return page.text()


def _summary(run: CheckRun | CheckReport) -> str:
    if run.evidence is None:
        return f"not run: {run.reason}"
    return _of(run.evidence)


def _of(evidence: Evidence) -> str:
    match evidence:
        case SpfEvidence():
            how = f" by {evidence.mechanism}" if evidence.mechanism else ""
            why = f", {evidence.problem}" if evidence.problem else ""
            return f"{evidence.result}{how}{why} (lookups {evidence.lookups_used} of {MAX_LOOKUPS})"
        case DmarcEvidence():
            policy = f", policy {evidence.policy}" if evidence.policy else ""
            where = f" from _dmarc.{evidence.record_domain}" if evidence.record_domain else ""
            return f"{evidence.result}{policy}{where}" + (f", {evidence.problem}" if evidence.problem else "")
        case DkimEvidence():
            parts = [f"{each.domain} {each.selector} {each.result}" for each in evidence.signatures]
            parts += [
                f"key {each.selector} {each.status}" for each in evidence.keys if each.status is not KeyStatus.MISSING
            ]
            return "; ".join(parts) or "no key found"
        case IprevEvidence():
            names = ", ".join(evidence.names) or "no PTR record"
            return f"{evidence.result}, {names}"
        case DnsblEvidence():
            listed = [each.zone for each in evidence.zones if each.status == "listed"]
            return f"listed in {', '.join(listed)}" if listed else "not listed"
    result = getattr(evidence, "result", None) or getattr(evidence, "status", None)
    return str(result) if result else "evaluated"


def _findings(before: CheckRun | CheckReport, after: CheckRun | CheckReport) -> Iterator[str]:
    was, now = ({(each.id, each.subject) for each in run.findings} for run in (before, after))
    gone = [f"{name} ({subject})" for name, subject in sorted(was - now)]
    new = [f"{name} ({subject})" for name, subject in sorted(now - was)]
    if gone:
        yield f"no longer stated: {', '.join(gone)}"
    if new:
        yield f"stated then: {', '.join(new)}"


def _style(summary: str) -> str | None:
    return _STYLES.get(summary.replace(",", " ").split(" ")[0])
