"""What was checked and is fine, and what could not be checked: both belong into a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.diagnosis.infer import ABOUT_THE_SENDER
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.evidence import DnsblEvidence, IprevEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.inconclusive import is_inconclusive
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.known.dnsbl_zone import ZoneKind
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.report import Cause, Completed, Skipped, Unchecked
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.texts.statuses import status_words
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult


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
    listings, identity = rejection.evidence(DnsblEvidence), rejection.transcript.identity
    if listings and (identity is None or identity.client_ip is None):
        reason = say("only domains were asked about, the client IP is not known")
        found.append(Unchecked(subject="dnsbl", reason=reason, needs="client_ip"))
    for zone in listings[1].zones if listings and _lists_matter(rejection) else ():
        if zone.zone == rejection.explanation.captures.list and zone.status is DnsblStatus.BROKEN_ZONE:
            continue  # the cause itself says so
        if zone.status in (DnsblStatus.QUERY_REFUSED, DnsblStatus.NO_ANSWER, DnsblStatus.BROKEN_ZONE):
            found.append(Unchecked(subject=zone.zone, reason=status_words(zone.status)))
    for _, run in rejection.runs:
        # Of lists each zone says for itself.
        evidence = run.evidence if rejection.is_explained_by(run.check) else None
        if evidence is not None and not isinstance(evidence, DnsblEvidence) and is_inconclusive(evidence):
            found.append(Unchecked(subject=run.check, reason=AuthResult.TEMPERROR.value))
    return tuple(dict.fromkeys(found))


def _lists_matter(rejection: Rejection) -> bool:
    """Whether a list that gave no answer leaves anything open about this rejection."""
    return rejection.explanation.cause in ABOUT_THE_SENDER and rejection.exchange.phase is not Phase.AUTH
