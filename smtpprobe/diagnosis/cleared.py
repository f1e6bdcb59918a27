"""What was checked and is fine, and what could not be checked: both belong into a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.evidence import DnsblEvidence, IprevEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.inconclusive import is_inconclusive
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.names import is_global, is_ip_address
from smtpprobe.model.report import Cause, Completed, Skipped, Unchecked
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

# What the lists of addresses, and those of domains, could be behind.
_OF_EITHER = frozenset({"policy-rejected", "poor-reputation", "spam-content", "unknown"})
_OF_ADDRESSES = _OF_EITHER | {"ip-blocklisted"}
_OF_DOMAINS = _OF_EITHER | {"domain-blocklisted"}
_SILENT = {
    DnsblStatus.QUERY_REFUSED: mark("the query was refused"),
    DnsblStatus.NO_ANSWER: mark("no answer"),
    DnsblStatus.UNPROVED: mark("its test entry does not answer for it"),
    DnsblStatus.BROKEN_ZONE: mark("broken, or not to be used through this resolver"),
}


def cleared(rejection: Rejection, found: Sequence[Cause]) -> tuple[str, ...]:
    """Statements of what is not it. Nothing that a cause names is cleared."""
    blamed = {cause.id for cause in found}
    words: list[str] = []
    listings, spf, iprev = (
        rejection.evidence(DnsblEvidence),
        rejection.evidence(SpfEvidence),
        rejection.evidence(IprevEvidence),
    )
    if listings and "ip-blocklisted" not in blamed:
        words += _not_listed(listings[1])
    if spf and spf[1].result is AuthResult.PASS and "email-auth-failed" not in blamed:
        words.append(say("SPF passes"))
    if iprev and iprev[1].result is AuthResult.PASS and "reverse-dns" not in blamed:
        words.append(say("reverse DNS matches"))
    handshake = next((x for x in rejection.transcript.exchanges if x.tls is not None), None)
    if handshake is not None and handshake.tls is not None and handshake.tls.verified:
        words.append(say("the certificate is fine"))
    return tuple(dict.fromkeys(words))


def _not_listed(evidence: DnsblEvidence) -> list[str]:
    if any(zone.status is DnsblStatus.LISTED and zone.kind is ZoneKind.BLOCK for zone in evidence.zones):
        return []
    asked = [
        zone.subject for zone in evidence.zones if zone.status is DnsblStatus.NOT_LISTED and zone.kind is ZoneKind.BLOCK
    ]
    subject = next((each for each in asked if is_ip_address(each)), None)
    if subject is None:
        return []
    count = asked.count(subject)
    return [
        say_counted(
            "{subject} is not on the list asked",
            "{subject} is not on any of the {count} lists asked",
            count,
            subject=subject,
        )
    ]


def unknown(rejection: Rejection) -> tuple[Unchecked, ...]:
    """What could not be checked, and why."""
    found = []
    for index, run in rejection.runs:
        if isinstance(run, Completed) or not rejection.is_explained_by(run.check):
            continue
        needs = run.needs if isinstance(run, Skipped) else None
        found.append(Unchecked(subject=run.check, reason=run.reason, run=index, needs=needs))
    listings = rejection.evidence(DnsblEvidence)
    if listings and rejection.exchange.phase is not Phase.AUTH and not rejection.serves_nobody:
        found += _unlisted(rejection, listings[1])
    for _, run in rejection.runs:
        # Of lists each zone says for itself.
        evidence = run.evidence if rejection.is_explained_by(run.check) else None
        if evidence is not None and not isinstance(evidence, DnsblEvidence) and is_inconclusive(evidence):
            found.append(Unchecked(subject=run.check, reason=AuthResult.TEMPERROR.value))
    return tuple(dict.fromkeys(found))


def _unlisted(rejection: Rejection, evidence: DnsblEvidence) -> Iterator[Unchecked]:
    """What lists leave open: an address that none was asked about, and lists that gave no answer."""
    cause, identity = rejection.explanation.cause, rejection.transcript.identity
    ip = identity.client_ip if identity is not None else None
    asked = (ip is not None and is_global(ip)) or any(is_ip_address(zone.subject) for zone in evidence.zones)
    if cause in _OF_ADDRESSES and not asked:
        reason = (
            say("{ip} is not a global address, and lists hold only global ones", ip=ip)
            if ip
            else say("the client IP is not known")
        )
        yield Unchecked(
            subject="dnsbl", reason=say("only domains were asked about: {reason}", reason=reason), needs="client_ip"
        )
    for zone in evidence.zones:
        if zone.zone == rejection.explanation.captures.list and zone.status is DnsblStatus.BROKEN_ZONE:
            continue  # the cause itself says so
        if cause in (_OF_ADDRESSES if is_ip_address(zone.subject) else _OF_DOMAINS) and zone.status in _SILENT:
            yield Unchecked(subject=zone.zone, reason=say(_SILENT[zone.status]))
