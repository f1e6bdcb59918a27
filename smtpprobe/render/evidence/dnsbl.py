"""What DNSBLs answered, as rows."""

from __future__ import annotations

from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.texts.statuses import status_words
from smtpprobe.render.evidence.row import Detail, Row, Tone


def rows(evidence: DnsblEvidence, detail: Detail) -> list[Row]:
    """One row for each zone that says something; without `full` those where nothing is listed share one."""
    made: list[Row] = []
    quiet: dict[str, list[str]] = {}
    for zone in evidence.zones:
        if zone.status is DnsblStatus.NOT_LISTED and not detail.full and not zone.alias:
            quiet.setdefault(zone.subject, []).append(zone.zone)
        else:
            made.append(_row(zone))
    made += [
        Row(text=say("{subject} not listed in {zones}", subject=subject, zones=", ".join(zones)))
        for subject, zones in quiet.items()
    ]
    return list(dict.fromkeys(made)) or [Row(text=say("no zone was asked"), tone=Tone.FAINT)]


def unstated(evidence: DnsblEvidence, findings: tuple[Finding, ...], *, full: bool = False) -> list[Row]:
    """The rows that no finding states again; findings that are mere information are not shown beside them."""
    shown = [finding for finding in findings if finding.severity is not Severity.INFO]
    stated = {_row(zone) for zone in evidence.zones if any(_states(finding, zone) for finding in shown)}
    return [row for row in rows(evidence, Detail(full=full)) if row not in stated]


def summary(evidence: DnsblEvidence) -> str:
    """Where it is listed, on one line."""
    listed = [each.zone for each in evidence.zones if each.status is DnsblStatus.LISTED]
    if listed:
        return say("listed in {listed}", listed=", ".join(listed))
    answered = [each for each in evidence.zones if each.status is DnsblStatus.NOT_LISTED]
    if not answered:
        unfit = evidence.zones and all(each.status is DnsblStatus.WRONG_KIND for each in evidence.zones)
        return say("no list of the right kind was asked") if unfit else say("no list answered")
    return say_counted(
        "{subjects}: not listed ({count} list answered)",
        "{subjects}: not listed ({count} lists answered)",
        len({each.zone for each in answered}),
        subjects=", ".join(dict.fromkeys(each.subject for each in answered)),
    )


def _states(finding: Finding, zone: DnsblZone) -> bool:
    if zone.status is DnsblStatus.NOT_LISTED or finding.zone != zone.zone:
        return False
    return zone.status is not DnsblStatus.LISTED or finding.subject == zone.subject


def _row(zone: DnsblZone) -> Row:
    alias = say(" (CNAME of {alias})", alias=zone.alias) if zone.alias else ""
    if zone.status in (DnsblStatus.LISTED, DnsblStatus.NOT_LISTED):
        return Row(text=_answer(zone) + alias, tone=Tone.BAD if zone.status is DnsblStatus.LISTED else Tone.PLAIN)
    detail = f": {zone.reason}" if zone.reason else ""
    said = f" ({', '.join(zone.codes)})" if zone.codes else ""
    instead = say("; ask {instead} instead", instead=zone.instead) if zone.instead else ""
    return Row(text=f"{zone.zone}: {status_words(zone.status)}{said}{detail}{instead}{alias}", tone=Tone.CAUTION)


def _answer(zone: DnsblZone) -> str:
    text = say("{subject} in {zone}: {status}", subject=zone.subject, zone=zone.zone, status=status_words(zone.status))
    if zone.codes:
        text += f" ({', '.join(zone.codes)})"
    detail = "; ".join(() if zone.only_listed else dict.fromkeys(zone.meanings))
    if zone.reason:
        detail = f"{detail}; {zone.reason}" if detail else zone.reason
    if zone.text:
        detail = f"{detail}; {zone.text}" if detail else zone.text
    if detail:
        text += f": {detail}"
    if zone.url and zone.status is DnsblStatus.LISTED and zone.url not in (zone.text or ""):
        text += f" {zone.url}"
    return text
