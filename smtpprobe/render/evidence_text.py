"""What the checks found, as lines of text; also the page of one check alone."""

from __future__ import annotations

from smtpprobe.model.evidence import (
    DkimEvidence,
    DmarcEvidence,
    DnsblEvidence,
    DnsblStatus,
    DnsblZone,
    Evidence,
    IprevEvidence,
    MxEvidence,
    SessionEvidence,
    SpfEvidence,
    SpfStep,
)
from smtpprobe.model.report import CheckReport, CheckRun, Completed, Finding, Report, Severity, Skipped
from smtpprobe.render.page import Page

_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTICE: "cyan",
    Severity.INFO: "dim",
}


def add(page: Page, report: Report, verbosity: int) -> None:
    """The evidence of a report: a line or a few per check, skipped ones gathered by reason."""
    skipped: dict[str, list[str]] = {}
    for run in report.checks:
        if isinstance(run, Skipped):
            skipped.setdefault(run.reason, []).append(run.check)
            continue
        _run(page, run, verbosity)
    for reason, checks in skipped.items():
        page.add(f"not run: {reason}", first=f"{', '.join(dict.fromkeys(checks))}  ", style="dim", rest="  ")


def render(
    report: CheckReport, *, width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0
) -> str:
    """The page of one check alone: its evidence in full, then its findings."""
    page = Page(width=width, colour=colour, links=links)
    if report.status != "completed" or report.evidence is None:
        page.add(f"{report.status}: {report.reason}", first=f"{report.check}  ", style="yellow")
        return page.text()
    for line, style in lines(report.evidence, full=True):
        page.add(line, style=style, rest="    ")
    for finding in report.findings:
        _finding(page, finding)
    for lookup in report.lookups if verbosity > 0 else ():
        answer = "; ".join(lookup.records) or lookup.status.value
        page.add(f"{lookup.name} {lookup.type}: {answer}", first=f"{lookup.took_s * 1000:>7.1f} ms  ", style="dim")
    return page.text()


def _run(page: Page, run: CheckRun, verbosity: int) -> None:
    if not isinstance(run, Completed):
        page.add(f"{run.check:<13}did not finish: {run.reason}", style="yellow", rest=" " * 13)
        return
    rows = lines(run.evidence, full=verbosity > 0) if run.evidence is not None else []
    for number, (line, style) in enumerate(rows):
        page.add(line, first=f"{run.check if number == 0 else '':<13}", style=style)
    for finding in run.findings:
        _finding(page, finding, " " * 13)


def _finding(page: Page, finding: Finding, indent: str = "") -> None:
    text = f"{finding.severity}: {finding.subject}: {finding.message} [{finding.id}]"
    page.add(text, first=indent, rest=f"{indent}  ", style=_STYLES[finding.severity])


Row = tuple[str, str | None]


def lines(evidence: Evidence, *, full: bool) -> list[Row]:
    """Evidence as rows of text and style; `full` with traces and everything that is fine."""
    match evidence:
        case SpfEvidence():
            return _spf(evidence, full)
        case DnsblEvidence():
            return _dnsbl(evidence, full)
        case IprevEvidence():
            return _iprev(evidence)
        case DkimEvidence():
            return _dkim(evidence, full)
        case DmarcEvidence():
            return _dmarc(evidence, full)
        case MxEvidence():
            return _mx(evidence)
        case SessionEvidence():
            return [(", ".join(f"{name} {value}" for name, value in evidence.facts.items()), "dim")]


_RESULT_STYLES = {"pass": "green", "fail": "red", "permerror": "red", "softfail": "yellow", "temperror": "yellow"}


def _spf(evidence: SpfEvidence, full: bool) -> list[Row]:
    rows: list[Row] = []
    identities = evidence.identities
    for which, identity in (("MAIL FROM", identities.mailfrom), ("HELO", identities.helo)):
        if which == "HELO" and identity.domain == identities.mailfrom.domain and identity.result == evidence.result:
            rows.append(
                (f"HELO {identity.domain}: {identity.result}, the same evaluation", _RESULT_STYLES.get(identity.result))
            )
            continue
        if identity.result is None:
            rows.append((f"{which} {identity.domain or ''}: not checkable ({identity.problem})", "dim"))
            continue
        text = f"{which} {identity.domain}: {identity.result}"
        if identity.mechanism:
            text += f" by {identity.mechanism}"
        if identity.problem:
            text += f", {identity.problem}"
        text += f" (lookups {identity.lookups_used} of 10)"
        rows.append((text, _RESULT_STYLES.get(identity.result)))
        if identity.explanation:
            rows.append((f"  the domain explains: {identity.explanation}", None))
        if full and identity.record:
            rows.append((f"  record: {identity.record}", None))
            rows += [row for step in identity.trace for row in _step(step, 1)]
    return rows


def _step(step: SpfStep, depth: int) -> list[Row]:
    expanded = f" → {step.expanded}" if step.expanded and step.expanded not in step.term else ""
    reason = f": {step.reason}" if step.reason else ""
    mark = "»" if step.decided else "·"
    text = f"{'  ' * depth}{mark} {step.term}{expanded}  {step.result}{reason}  [{step.lookups_used}/10, void {step.void_lookups_used}/2]"
    style = "bold" if step.decided else "dim" if step.result == "not-reached" else None
    rows: list[Row] = [(text, style)]
    for child in step.children:
        rows += _step(child, depth + 1)
    return rows


def _dnsbl(evidence: DnsblEvidence, full: bool) -> list[Row]:
    rows: list[Row] = []
    quiet: dict[str, list[str]] = {}
    for zone in evidence.zones:
        if zone.status is DnsblStatus.NOT_LISTED and not full:
            quiet.setdefault(zone.subject, []).append(zone.zone)
        elif zone.status in (DnsblStatus.LISTED, DnsblStatus.NOT_LISTED):
            rows.append((_dnsbl_answer(zone), "red" if zone.status is DnsblStatus.LISTED else None))
        else:
            detail = f": {zone.reason}" if zone.reason else ""
            said = f" ({', '.join(zone.codes)})" if zone.codes else ""
            rows.append((f"{zone.zone}: {zone.status.replace('-', ' ')}{said}{detail}", "yellow"))
    rows += [(f"{subject} not listed in {', '.join(zones)}", None) for subject, zones in quiet.items()]
    return list(dict.fromkeys(rows)) or [("no zone was asked", "dim")]


def _dnsbl_answer(zone: DnsblZone) -> str:
    text = f"{zone.subject} in {zone.zone}: {zone.status.replace('-', ' ')}"
    if zone.codes:
        text += f" ({', '.join(zone.codes)})"
    meanings = [each for each in dict.fromkeys(zone.meanings) if each != "listed"]
    detail = "; ".join(meanings) or zone.reason or ""
    if zone.text and zone.text not in detail:
        detail = f"{detail}; {zone.text}" if detail else zone.text
    if detail:
        text += f": {detail}"
    if zone.url and zone.status is DnsblStatus.LISTED and zone.url not in text:
        text += f" {zone.url}"
    return text


def _iprev(evidence: IprevEvidence) -> list[Row]:
    shown = ", ".join(evidence.names) or "no PTR record"
    text = f"{evidence.client_ip} → {shown}: {evidence.result}"
    if evidence.problem:
        text += f" ({evidence.problem})"
    rows: list[Row] = [(text, _RESULT_STYLES.get(evidence.result))]
    if evidence.helo is not None:
        matches = ""
        if evidence.helo.matches_ip is not None:
            matches = ", leads to this address" if evidence.helo.matches_ip else ", does not lead to this address"
        addresses = ", ".join(evidence.helo.addresses) or evidence.helo.status
        rows.append((f"HELO name {evidence.helo.name} → {addresses}{matches}", None))
    return rows


def _dkim(evidence: DkimEvidence, full: bool) -> list[Row]:
    rows: list[Row] = []
    for signature in evidence.signatures:
        text = f"signature of {signature.domain} (selector {signature.selector}): {signature.result}"
        rows.append((f"{text}, {signature.reason}" if signature.reason else text, _RESULT_STYLES.get(signature.result)))
    for key in evidence.keys:
        if key.status == "missing" and key.origin == "guessed" and not full:
            continue
        size = f", {key.key_type} {key.key_bits or ''}".rstrip() if key.key_type else ""
        problem = f", {key.problem}" if key.problem else ""
        rows.append((f"key {key.selector}._domainkey.{key.domain}: {key.status}{size}{problem}", None))
    if not rows:
        rows.append((f"{evidence.domain}: no key found at the selectors tried ({', '.join(evidence.tried)})", "dim"))
    return rows


def _dmarc(evidence: DmarcEvidence, full: bool) -> list[Row]:
    text = f"{evidence.author_domain}: {evidence.result}"
    if evidence.record_domain:
        text += f", policy {evidence.policy} from _dmarc.{evidence.record_domain}"
    if evidence.organizational_domain:
        text += f", organizational domain {evidence.organizational_domain}"
    if evidence.problem:
        text += f", {evidence.problem}"
    rows: list[Row] = [(text, _RESULT_STYLES.get(evidence.result))]
    for each in evidence.alignment:
        mode = "strict" if each.mode == "s" else "relaxed"
        word = "aligned" if each.aligned else "not aligned"
        rows.append((f"  {each.mechanism} {each.domain}: {each.result}, {word} ({mode})", None))
    if full:
        rows += [(f"  {query.name}: {query.record or query.status}", "dim") for query in evidence.queries]
    if evidence.rfc7489 is not None:
        rows.append((f"  RFC 7489 differs: {', '.join(evidence.rfc7489.differs)}", "yellow"))
    return rows


def _mx(evidence: MxEvidence) -> list[Row]:
    rows: list[Row] = []
    for domain in evidence.domains:
        hosts = ", ".join(host.name + (f" ({host.problem})" if host.problem else "") for host in domain.hosts[:4])
        text = f"{domain.domain} ({domain.role}): {domain.status}"
        rows.append((f"{text} {hosts}" if hosts else text, None))
    return rows
