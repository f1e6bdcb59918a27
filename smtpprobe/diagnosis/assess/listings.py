"""What DNSBL evidence says of a listing: one that the reply names, and those that it does not."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.catalogue.explainer.told import told
from smtpprobe.diagnosis.facts.listings import deciding_zone, is_end_user, of_listings
from smtpprobe.diagnosis.facts.names import mx_run
from smtpprobe.diagnosis.facts.reply import client_ip
from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.diagnosis.statements import not_your_fault
from smtpprobe.model import names
from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.report import CheckRun, Completed, Confidence
from smtpprobe.model.texts.language import mark, say

_LISTED = mark("{subject} is in {list} ({codes}), looked up just now")
_LISTED_AS = mark("{subject} is in {list}: {meaning} ({codes}), looked up just now")
_END_USER = mark("an end-user range")
_EVERYTHING = mark("{subject} is not listed; {list} lists everything")
_DEAD = mark("{subject} is not listed; {list} was shut down")
_EMPTY = mark("{subject} is not listed; {list} is broken")
_CLEAN = mark("{list} does not list {subject}, looked up just now")
_REFUSED = mark("{list} refuses the server's questions, and the server takes that for a listing")
_NOT_GLOBAL = mark("{subject} is not a public address, and {list} does not list it here")
_WE_REFUSED = mark("{list} refuses questions from this resolver, so the listing could not be checked")
_OWN = mark("The server has {ip} on a list of its own, which nobody else can ask")
_UNNAMED = mark("The server says that {ip} is listed or blocked, and names no zone that could be asked")
_SILENT = mark("{list} gives no answer, so the listing could not be checked")


def listed_statement(zone: DnsblZone) -> str:
    """That the zone lists the subject, and as what."""
    short = [each.partition("; ")[0].replace(": ", ", ", 1) for each in zone.meanings]
    meaning = "" if zone.only_listed else "; ".join(dict.fromkeys(short))
    if not meaning and is_end_user(zone):
        meaning = say(_END_USER)
    values = {"subject": zone.subject, "list": _name(zone), "codes": ", ".join(zone.codes)}
    return say(_LISTED_AS, meaning=meaning, **values) if meaning else say(_LISTED, **values)


def _name(zone: DnsblZone) -> str:
    return zone.name or zone.zone


def _listed_words(zone: DnsblZone) -> str:
    codes = ", ".join(zone.codes)
    meaning = "; ".join(() if zone.only_listed else dict.fromkeys(zone.meanings)) or zone.text or ""
    return say("{zone} lists {subject} ({codes})", zone=zone.zone, subject=zone.subject, codes=codes) + (
        f": {meaning}" if meaning else ""
    )


def blocklisted(rejection: Rejection) -> Assessment:
    """ip-blocklisted, domain-blocklisted: is it listed in the zone that the reply names?"""
    captured = rejection.explanation.captures
    if captured.list_refused:
        # The reply quotes the list's refusal of the query: the server takes "ask me properly" for "listed".
        words = say("the reply quotes {list}'s refusal of the query, which is not a listing", list=captured.list)
        return Assessment(
            confidence=Confidence.CONTRADICTED,
            because=(words,),
            statement=not_your_fault(say(_REFUSED, list=captured.list)),
        )
    found = deciding_zone(rejection, rejection.explanation.cause) if captured.list is not None else None
    if captured.list is None and rejection.explanation.cause == "ip-blocklisted":
        return _without_zone(rejection)
    if found is None:
        return STATED
    assessment = _assess_zone(found[1], found[0]) or STATED
    if of_listings(rejection, rejection.explanation.cause).get("listed_missing"):
        because = (*assessment.because, say("{subject} does not exist in DNS", subject=found[1].subject))
        return msgspec.structs.replace(assessment, because=because, checks=(*assessment.checks, *mx_run(rejection)))
    return assessment


def _without_zone(rejection: Rejection) -> Assessment:
    """The assessment of a listing on a list that cannot be asked: whose it is, as far as the reply says."""
    ip = client_ip(rejection)
    if ip is None:
        return STATED
    own = "own_list" in told(rejection.reply.text, rejection.explanation)
    return Assessment(confidence=Confidence.STATED, statement=say(_OWN if own else _UNNAMED, ip=ip))


def _assess_zone(zone: DnsblZone, index: int) -> Assessment | None:
    values = {"subject": zone.subject, "list": zone.zone}
    match zone.status:
        case DnsblStatus.LISTED:
            words, confidence, said = _listed_words(zone), Confidence.CONFIRMED, listed_statement(zone)
        case DnsblStatus.BROKEN_ZONE:
            words = say("{zone} is broken ({reason}): its answers mean nothing", zone=zone.zone, reason=zone.reason)
            confidence, said = Confidence.CONTRADICTED, not_your_fault(say(_why_broken(zone), **values))
        case DnsblStatus.NOT_LISTED if names.is_ip_address(zone.subject) and not names.is_global(zone.subject):
            # Such an address is somebody else's here: that the list does not know it says nothing.
            words = say(
                "{zone} does not list {subject}, an address that is not global", zone=zone.zone, subject=zone.subject
            )
            confidence, said = Confidence.STATED, say(_NOT_GLOBAL, **values)
        case DnsblStatus.NOT_LISTED:
            words = say(
                "{zone} does not list {subject} now: a stale cache, another address, or their own resolver refused",
                zone=zone.zone,
                subject=zone.subject,
            )
            confidence, said = Confidence.CONTRADICTED, not_your_fault(say(_CLEAN, **values))
        case DnsblStatus.QUERY_REFUSED:
            words = say("{zone} refused our query ({reason})", zone=zone.zone, reason=zone.reason)
            confidence, said = Confidence.STATED, say(_WE_REFUSED, **values)
        case DnsblStatus.NO_ANSWER:
            words = say("{zone} did not answer us", zone=zone.zone)
            confidence, said = Confidence.STATED, say(_SILENT, **values)
        case _:
            return None
    return Assessment(confidence=confidence, because=(words,), checks=(index,), statement=said)


def _why_broken(zone: DnsblZone) -> str:
    if zone.dead:
        return _DEAD
    # RFC 5782 §2.3: return codes lie in 127.0.0.0/8; others are a parked domain's, or a resolver's that rewrites answers.
    return _EVERYTHING if zone.codes and all(each.startswith("127.") for each in zone.codes) else _EMPTY


def listed_zones(runs: Sequence[tuple[int, CheckRun]]) -> list[tuple[int, DnsblZone]]:
    """Tier 1 listings among the runs."""
    return [
        (index, zone)
        for index, run in runs
        if isinstance(run, Completed) and isinstance(run.evidence, DnsblEvidence)
        for zone in run.evidence.zones
        if zone.status is DnsblStatus.LISTED and zone.kind is ZoneKind.BLOCK and zone.tier == 1
    ]
