"""What the lists say of the address or domain that a cause is about."""

from __future__ import annotations

from smtpprobe.catalogue import zones
from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.facts.names import domain_entry
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.mailauth.dnsbl.judge import is_end_user_range
from smtpprobe.model import names
from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.evidence.mx import MxRole, MxStatus
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.transcript import Phase

_MIRRORS = ("zen", "pbl")
_KNOWS_PATHS = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)


def of_listings(rejection: Rejection, cause: str) -> dict[str, str | None]:
    """The facts of the list that the cause rests on."""
    if cause not in ("ip-blocklisted", "domain-blocklisted"):
        return {"ip_unlisted": YES if _is_unlisted(rejection) else None} if cause == "poor-reputation" else {}
    refusal = YES if rejection.explanation.captures.list_refused else None
    found = deciding_zone(rejection, cause)
    of_sender = _of_sender(rejection, cause, found[1] if found is not None else None)
    if found is None:
        unnamed = cause == "ip-blocklisted" and rejection.explanation.captures.list is None
        return {"list_refusal": refusal, "list_unnamed": YES if unnamed else None, **of_sender}
    zone = found[1]
    listed = zone.status is DnsblStatus.LISTED and refusal is None
    return {
        "list": rejection.explanation.captures.list or zone.zone,
        "list_subject": zone.subject,
        "listed": YES if listed else None,
        "removal": removal_page(rejection, zone),
        "end_user_range": YES if listed and is_end_user(zone) else None,
        "list_broken": YES if zone.status is DnsblStatus.BROKEN_ZONE and refusal is None else None,
        "list_clean": YES if zone.status is DnsblStatus.NOT_LISTED and refusal is None else None,
        "list_refusal": refusal,
        **of_sender,
    }


def _is_unlisted(rejection: Rejection) -> bool:
    """Whether block lists answered for the client IP, and none lists it."""
    found = rejection.evidence(DnsblEvidence)
    zones_of_ip = [each for each in found[1].zones if names.is_ip_address(each.subject)] if found is not None else []
    states = [each.status for each in zones_of_ip if each.kind is ZoneKind.BLOCK]
    return DnsblStatus.NOT_LISTED in states and DnsblStatus.LISTED not in states


def _of_sender(rejection: Rejection, cause: str, zone: DnsblZone | None) -> dict[str, str | None]:
    """Whether the domain that is listed is the reverse-path's, and does not exist."""
    listed = zone.subject if zone is not None else rejection.explanation.captures.domain
    sender = names.domain_of(rejection.reverse_path or "")
    if cause != "domain-blocklisted" or sender is None or listed is None or not _same(listed, sender):
        return {}
    entry = domain_entry(rejection, MxRole.REVERSE_PATH, sender)
    missing = entry is not None and entry.status is MxStatus.NXDOMAIN
    return {"list_subject": listed, "listed_sender": YES, "listed_missing": YES if missing else None}


def deciding_zone(rejection: Rejection, cause: str) -> tuple[int, DnsblZone] | None:
    """The zone that the reply names, else the first of tier 1 that lists what the cause is about, with its check run."""
    found = rejection.evidence(DnsblEvidence)
    if found is None:
        return None
    index, evidence = found
    captured = rejection.explanation.captures
    if captured.list is not None:
        subject = captured.domain if cause == "domain-blocklisted" else captured.ip
        of_list = [each for each in evidence.zones if _same(each.zone, captured.list)]
        of_list = [each for each in of_list if subject is None or each.subject == subject] or of_list
        of_list.sort(key=lambda each: each.status is not DnsblStatus.LISTED)
        return (index, of_list[0]) if of_list else None
    return next(((index, zone) for zone in evidence.zones if _would_explain(rejection, zone, cause)), None)


def _would_explain(rejection: Rejection, zone: DnsblZone, cause: str) -> bool:
    """Whether the zone is one that refusals commonly rest on, and lists the kind of subject that the cause is about."""
    if zone.status is not DnsblStatus.LISTED or zone.kind is not ZoneKind.BLOCK or zone.tier != 1:
        return False
    is_ip = names.is_ip_address(zone.subject)
    if cause == "ip-blocklisted":
        return is_ip
    return not is_ip and rejection.exchange.phase in _KNOWS_PATHS


def is_end_user(zone: DnsblZone) -> bool:
    """Whether all that the zone says is that the address is in an end-user range."""
    known = zones.zone(zone.zone)
    if not known.known and zone.zone.partition(".")[0] in _MIRRORS:
        known = zones.end_user_zone()  # a mirror under a name of the receiver's own keeps the return codes
    return bool(zone.codes) and all(is_end_user_range(known, (code,)) for code in zone.codes)


def removal_page(rejection: Rejection, zone: DnsblZone) -> str | None:
    """The page on which to ask for removal: the list's, else the one that the reply names."""
    return zone.removal or zone.url or rejection.explanation.captures.url


def _same(zone: str, named: str) -> bool:
    return zone.lower().rstrip(".") == named.lower().rstrip(".")
