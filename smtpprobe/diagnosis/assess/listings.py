"""What DNSBL evidence says of a listing: one that the reply names, and those that it does not."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.report import CheckRun, Completed, Confidence


def _listed_words(zone: DnsblZone) -> str:
    codes = ", ".join(zone.codes)
    meaning = "; ".join(() if zone.only_listed else dict.fromkeys(zone.meanings)) or zone.text or ""
    return f"{zone.zone} lists {zone.subject} ({codes})" + (f": {meaning}" if meaning else "")


def blocklisted(rejection: Rejection) -> Assessment:
    """ip-blocklisted, domain-blocklisted: is it listed in the zone that the reply names?"""
    captured = rejection.explanation.captures
    if captured.list_refused:
        # The reply quotes the list's refusal of the query: the server takes "ask me properly" for "listed".
        words = f"the reply quotes {captured.list}'s refusal of the query, which is no listing"
        return Assessment(confidence=Confidence.CONTRADICTED, because=(words,), recipient_side=True)
    found = rejection.evidence(DnsblEvidence)
    if captured.list is None or found is None:
        return STATED
    index, evidence = found
    subject = captured.domain if rejection.explanation.cause == "domain-blocklisted" else captured.ip
    zones = [each for each in evidence.zones if _same_zone(each.zone, captured.list)]
    zones = [each for each in zones if subject is None or each.subject == subject] or zones
    for zone in sorted(zones, key=lambda each: each.status is not DnsblStatus.LISTED):
        assessment = _assess_zone(zone, index)
        if assessment is not None:
            return assessment
    return STATED


def _same_zone(zone: str, named: str) -> bool:
    return zone.lower().rstrip(".") == named.lower().rstrip(".")


def _assess_zone(zone: DnsblZone, index: int) -> Assessment | None:
    match zone.status:
        case DnsblStatus.LISTED:
            return Assessment(confidence=Confidence.CONFIRMED, because=(_listed_words(zone),), checks=(index,))
        case DnsblStatus.BROKEN_ZONE:
            words = f"{zone.zone} is broken ({zone.reason}): its answers mean nothing"
            return Assessment(
                confidence=Confidence.CONTRADICTED, because=(words,), checks=(index,), recipient_side=True
            )
        case DnsblStatus.NOT_LISTED:
            if names.is_ip_address(zone.subject) and not names.is_global(zone.subject):
                # Such an address is somebody else's here: that the list does not know it says nothing.
                return Assessment(
                    confidence=Confidence.STATED,
                    because=(f"{zone.zone} does not list {zone.subject}, an address that is not global",),
                    checks=(index,),
                )
            words = f"{zone.zone} does not list {zone.subject} now: a stale cache, another address, or their own resolver refused"
            return Assessment(
                confidence=Confidence.CONTRADICTED, because=(words,), checks=(index,), recipient_side=True
            )
        case DnsblStatus.QUERY_REFUSED:
            return Assessment(
                confidence=Confidence.STATED,
                because=(f"{zone.zone} refused our query ({zone.reason})",),
                checks=(index,),
            )
        case DnsblStatus.NO_ANSWER:
            return Assessment(
                confidence=Confidence.STATED, because=(f"{zone.zone} did not answer us",), checks=(index,)
            )
    return None


def listed_zones(runs: Sequence[tuple[int, CheckRun]]) -> list[tuple[int, DnsblZone]]:
    """Tier 1 listings among the runs."""
    return [
        (index, zone)
        for index, run in runs
        if isinstance(run, Completed) and isinstance(run.evidence, DnsblEvidence)
        for zone in run.evidence.zones
        if zone.status is DnsblStatus.LISTED and zone.kind is ZoneKind.BLOCK and zone.tier == 1
    ]
