"""What the checks found, as lines of text; also the page of one check alone."""

from __future__ import annotations

from collections.abc import Mapping

from smtpprobe.catalogue.language import mark, say
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS, MAX_VOID_LOOKUPS
from smtpprobe.model.evidence import DnsblEvidence, Evidence, IprevEvidence, MxEvidence, SessionEvidence
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.spf import SpfEdit, SpfEvidence, SpfStep
from smtpprobe.model.evidence.tls import DaneEvidence, MtaStsEvidence, TlsrptEvidence
from smtpprobe.model.report import CheckReport, CheckRun, Completed, Finding, Report, Severity, Skipped
from smtpprobe.render.text.evidence import dkim as dkim_text
from smtpprobe.render.text.evidence import dnsbl as dnsbl_text
from smtpprobe.render.text.evidence import session as session_facts
from smtpprobe.render.text.evidence import tls as tls_policy_text
from smtpprobe.render.text.evidence.dkim import RESULT_STYLES
from smtpprobe.render.text.page import NO_HINTS, PASTE, Page, label

_LABEL = 13
_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTICE: "cyan",
    Severity.INFO: "dim",
}
_SEVERITIES = {
    Severity.CRITICAL: mark("critical"),
    Severity.ERROR: mark("error"),
    Severity.WARNING: mark("warning"),
    Severity.NOTICE: mark("notice"),
    Severity.INFO: mark("info"),
}


def add(page: Page, report: Report, verbosity: int) -> None:
    """The evidence of a report: a line or a few per check, skipped ones gathered by reason."""
    skipped: dict[str, list[str]] = {}
    shown: list[tuple[str, list[Row], list[str]]] = []
    for run in report.checks:
        if isinstance(run, Skipped):
            skipped.setdefault(run.reason + page.hint(run.needs), []).append(run.check)
            continue
        # Several connections may show the same: it is said once.
        told = _told(page, run, verbosity)
        if told not in shown:
            shown.append(told)
            _run(page, run, verbosity)
    if verbosity <= 0 and not any(transcript.exchanges for transcript in report.transcripts):
        return  # without a connection there was nothing to check, which the verdict says
    for number, (reason, checks) in enumerate(skipped.items()):
        first = label(mark("not run") if number == 0 else "", _LABEL)
        page.add(f"{', '.join(dict.fromkeys(checks))}: {reason}", first=first, style="dim")


def render(
    report: CheckReport,
    *,
    width: int = 80,
    colour: bool = False,
    links: bool = False,
    verbosity: int = 0,
    hints: Mapping[str, str] = NO_HINTS,
) -> str:
    """The page of one check alone: its evidence in full, then its findings. `hints` as the report's page has them."""
    page = Page(width=width, colour=colour, links=links, hints=hints)
    if report.status != "completed" or report.evidence is None:
        reason = f"{report.reason}{page.hint(report.needs)}"
        page.add(f"{report.status}: {reason}", first=f"{report.check}  ", style="yellow")
        return page.text()
    listings_first = verbosity <= 0 and isinstance(report.evidence, DnsblEvidence)
    for finding in report.findings if listings_first else ():
        _finding(page, finding)
    for line, style in _alone(page, report, verbosity):
        page.add(line, style=style, rest="    ")
    for finding in () if listings_first else report.findings:
        _finding(page, finding)
    for lookup in report.lookups if verbosity > 0 else ():
        answer = "; ".join(lookup.records) or lookup.status.value
        told = f" (from {lookup.server})" if lookup.server else ""
        page.add(
            f"{lookup.name} {lookup.type}: {answer}{told}", first=f"{lookup.took_s * 1000:>7.1f} ms  ", style="dim"
        )
    return page.text()


def _alone(page: Page, report: CheckReport, verbosity: int) -> list[Row]:
    """The evidence in full, traces too; a listing that a finding below states better is left to that."""
    assert report.evidence is not None
    if verbosity <= 0 and isinstance(report.evidence, DnsblEvidence):
        return dnsbl_text.unstated(report.evidence, report.findings, full=True)
    return lines(report.evidence, full=True, stated=_stated(report.findings, verbosity), hints=page.hints)


def _stated(findings: tuple[Finding, ...], verbosity: int) -> frozenset[str]:
    """The subjects whose problem a finding that is shown states: it need not stand with the evidence too."""
    shown = [each for each in findings if verbosity > 0 or each.severity is not Severity.INFO]
    return frozenset(each.subject for each in shown if each.states_problem)


def _told(page: Page, run: CheckRun, verbosity: int) -> tuple[str, list[Row], list[str]]:
    """What a run comes to on the page."""
    rows: list[Row] = _rows(page, run, verbosity) if isinstance(run, Completed) else [(run.reason, None)]
    return run.check, rows, [finding.message for finding in run.findings]


def _rows(page: Page, run: Completed, verbosity: int) -> list[Row]:
    """The evidence's rows without those that a finding states better."""
    if run.evidence is None:
        return []
    if verbosity <= 0 and isinstance(run.evidence, DnsblEvidence):
        return dnsbl_text.unstated(run.evidence, run.findings)
    return lines(run.evidence, full=verbosity > 0, stated=_stated(run.findings, verbosity), hints=page.hints)


def _run(page: Page, run: CheckRun, verbosity: int) -> None:
    head = f"{run.check:<{_LABEL}}"
    if not isinstance(run, Completed):
        page.add(say(mark("did not finish: {reason}")).format(reason=run.reason), first=head, style="yellow")
        return
    findings = [finding for finding in run.findings if verbosity > 0 or finding.severity is not Severity.INFO]
    for line, style in _rows(page, run, verbosity):
        page.add(line, first=head, style=style)
        head = " " * _LABEL
    for finding in findings:
        _finding(page, finding, head)
        head = " " * _LABEL


def _finding(page: Page, finding: Finding, first: str = "") -> None:
    subject = "" if finding.subject in finding.message else f"{finding.subject}: "
    message = f"{subject}{finding.message}{page.hint(finding.needs)}"
    text = f"{say(_SEVERITIES.get(finding.severity, finding.severity))}: {message} [{finding.id}]"
    page.add(text, first=first, rest=" " * (len(first) + 2), style=_STYLES.get(finding.severity))


Row = tuple[str, str | None]


def lines(
    evidence: Evidence, *, full: bool, stated: frozenset[str] = frozenset(), hints: Mapping[str, str] = NO_HINTS
) -> list[Row]:
    """Evidence as rows of text and style; `full` with traces and everything that is fine.

    `stated` are the subjects whose problem the page states elsewhere.
    """
    match evidence:
        case SpfEvidence():
            return _spf(evidence, full)
        case DnsblEvidence():
            return dnsbl_text.rows(evidence, full=full)
        case IprevEvidence():
            return _iprev(evidence, stated)
        case DkimEvidence():
            return dkim_text.rows(evidence, full, stated, hints)
        case DmarcEvidence():
            return _dmarc(evidence, full)
        case MxEvidence():
            return _mx(evidence)
        case SessionEvidence():
            return [(session_facts.line(evidence.facts), "dim")]
        case MtaStsEvidence():
            return tls_policy_text.mta_sts(evidence, full=full)
        case TlsrptEvidence():
            return tls_policy_text.tlsrpt(evidence)
        case DaneEvidence():
            return tls_policy_text.dane(evidence, full=full)
        case _:
            return _other(evidence)


def _other(evidence: Evidence) -> list[Row]:
    """Evidence that has no lines of its own here: its plain fields by name."""
    fields = ((name, getattr(evidence, name)) for name in evidence.__struct_fields__)
    return [(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in fields if isinstance(value, str)), None)]


def _spf(evidence: SpfEvidence, full: bool) -> list[Row]:
    rows: list[Row] = []
    identities = evidence.identities
    for which, identity in (("MAIL FROM", identities.mailfrom), ("HELO", identities.helo)):
        if which == "HELO" and identity.domain == identities.mailfrom.domain and identity.result == evidence.result:
            rows.append(
                (f"HELO {identity.domain}: {identity.result}, the same evaluation", RESULT_STYLES.get(identity.result))
            )
            continue
        if identity.result is None:
            name = identity.domain or ""
            problem = identity.problem or "no domain"
            rows.append((f"{which}{'' if name in problem else f' {name}'}: not checkable ({problem})", "dim"))
            continue
        text = f"{which} {identity.domain}: {identity.result}"
        if identity.mechanism:
            text += f" by {identity.mechanism}"
        if identity.problem:
            text += f", {identity.problem}"
        text += f" (lookups {identity.lookups_used} of {MAX_LOOKUPS})"
        rows.append((text, RESULT_STYLES.get(identity.result)))
        if identity.explanation:
            rows.append((f"  the domain explains: {identity.explanation}", None))
        if full and identity.record:
            rows.append((f"  record: {identity.record}", None))
            rows += [row for step in identity.trace for row in _step(step, 1)]
    if evidence.edit is not None:
        rows += _edit(evidence.edit, evidence.client_ip)
    return rows


def _edit(edit: SpfEdit, ip: str) -> list[Row]:
    if edit.record is None:
        return [(f"no change of the record is advised: {edit.reason}", None)]
    return [
        (f"the smallest change of {edit.domain} that lets {ip} pass: {'; '.join(edit.changes)}", None),
        (f"  {edit.domain}. TXT {' '.join(edit.strings)}", PASTE),
        (f"  evaluated again with it: {edit.result}, lookups {edit.lookups_used} of {MAX_LOOKUPS}", "green"),
        *((f"  but {note}", "yellow") for note in edit.notes),
    ]


def _step(step: SpfStep, depth: int) -> list[Row]:
    expanded = f" → {step.expanded}" if step.expanded and step.expanded not in step.term else ""
    reason = f": {step.reason}" if step.reason else ""
    mark = "»" if step.decided else "·"
    limits = f"[{step.lookups_used}/{MAX_LOOKUPS}, void {step.void_lookups_used}/{MAX_VOID_LOOKUPS}]"
    text = f"{'  ' * depth}{mark} {step.term}{expanded}  {step.result}{reason}  {limits}"
    style = "bold" if step.decided else "dim" if step.result == "not-reached" else None
    rows: list[Row] = [(text, style)]
    for child in step.children:
        rows += _step(child, depth + 1)
    return rows


def _iprev(evidence: IprevEvidence, stated: frozenset[str]) -> list[Row]:
    shown = ", ".join(evidence.names) or "no PTR record"
    text = f"{evidence.client_ip} → {shown}: {evidence.result}"
    if evidence.problem and evidence.client_ip not in stated:
        text += f" ({evidence.problem})"
    rows: list[Row] = [(text, RESULT_STYLES.get(evidence.result))]
    if evidence.helo is not None:
        matches = ""
        if evidence.helo.matches_ip is not None:
            matches = ", leads to this address" if evidence.helo.matches_ip else ", does not lead to this address"
        addresses = ", ".join(evidence.helo.addresses) or evidence.helo.status
        if evidence.helo.name != f"[{evidence.client_ip}]":
            rows.append((f"HELO name {evidence.helo.name} → {addresses}{matches}", None))
    return rows


def _dmarc(evidence: DmarcEvidence, full: bool) -> list[Row]:
    text = f"{evidence.author_domain}: {evidence.result}"
    if evidence.result == "fail" and not evidence.alignment:
        text = f"{evidence.author_domain}: fail unless SPF or DKIM passes and aligns"
    if evidence.record_domain:
        text += f", policy {evidence.policy} from _dmarc.{evidence.record_domain}"
    if evidence.organizational_domain:
        text += f", organizational domain {evidence.organizational_domain}"
    if evidence.problem:
        text += f", {evidence.problem}"
    rows: list[Row] = [(text, RESULT_STYLES.get(evidence.result))]
    if evidence.alignment:
        own = evidence.organizational_domain or "unknown"
        rows.append((f"  author {evidence.author_domain} [organizational domain {own}]", None))
    for each in evidence.alignment:
        mode = "strict" if each.mode == "s" else "relaxed"
        word = "aligned" if each.aligned else "not aligned"
        organizational = each.organizational_domain or "unknown"
        rows.append((f"  {each.mechanism:<6} {each.domain} [{organizational}]: {each.result}, {word} ({mode})", None))
    if evidence.result == "fail" and evidence.policy and evidence.alignment and not evidence.problem:
        done = {"none": "take the mail as it is", "quarantine": "treat it as suspicious", "reject": "refuse it"}
        rows.append((f"  a receiver that follows the policy would {done.get(evidence.policy, evidence.policy)}", None))
    if full:
        rows += [(f"  {query.name}: {query.record or query.status}", "dim") for query in evidence.queries]
    if evidence.rfc7489 is not None:
        older = evidence.rfc7489
        text = f"  by RFC 7489: {older.result}, policy {older.policy or 'unknown'}"
        text += f", pct={older.pct}" if older.pct is not None else ""
        rows.append((f"{text}, organizational domain {older.organizational_domain or 'unknown'}", "yellow"))
    if evidence.servers is not None:
        rows += dkim_text.name_servers(evidence.servers, full)
    return rows


_MX_WORDS = {
    "mx": "MX",
    "implicit": "no MX record, the address itself:",
    "null-mx": "a null MX, it takes no mail",
    "nxdomain": "does not exist",
    "nothing": "neither MX nor address records",
    "temperror": "could not be looked up",
}


def _mx(evidence: MxEvidence) -> list[Row]:
    rows: list[Row] = []
    for domain in evidence.domains:
        hosts = ", ".join(host.name + (f" ({host.problem})" if host.problem else "") for host in domain.hosts[:4])
        text = f"{domain.domain} ({domain.role}): {_MX_WORDS.get(domain.status, domain.status)}"
        rows.append((f"{text} {hosts}" if hosts else text, None))
    return rows
