"""What DNSBLs answered, as lines of text."""

from __future__ import annotations

from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.report import Finding, Severity

Row = tuple[str, str | None]


def rows(evidence: DnsblEvidence, *, full: bool) -> list[Row]:
    """One row for each zone that says something; without `full` those where nothing is listed share one."""
    found: list[Row] = []
    quiet: dict[str, list[str]] = {}
    for zone in evidence.zones:
        if zone.status is DnsblStatus.NOT_LISTED and not full:
            quiet.setdefault(zone.subject, []).append(zone.zone)
        else:
            found.append(_row(zone))
    found += [(f"{subject} not listed in {', '.join(zones)}", None) for subject, zones in quiet.items()]
    return list(dict.fromkeys(found)) or [("no zone was asked", "dim")]


def unstated(evidence: DnsblEvidence, findings: tuple[Finding, ...], *, full: bool = False) -> list[Row]:
    """The rows that no finding states again; findings that are mere information are not shown beside them."""
    shown = [finding for finding in findings if finding.severity is not Severity.INFO]
    stated = {_row(zone) for zone in evidence.zones if any(_states(finding, zone) for finding in shown)}
    return [row for row in rows(evidence, full=full) if row not in stated]


def _states(finding: Finding, zone: DnsblZone) -> bool:
    if zone.status is DnsblStatus.NOT_LISTED or finding.zone != zone.zone:
        return False
    return zone.status is not DnsblStatus.LISTED or finding.subject == zone.subject


def _row(zone: DnsblZone) -> Row:
    if zone.status in (DnsblStatus.LISTED, DnsblStatus.NOT_LISTED):
        return _answer(zone), "red" if zone.status is DnsblStatus.LISTED else None
    detail = f": {zone.reason}" if zone.reason else ""
    said = f" ({', '.join(zone.codes)})" if zone.codes else ""
    return f"{zone.zone}: {zone.status.replace('-', ' ')}{said}{detail}", "yellow"


def _answer(zone: DnsblZone) -> str:
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
