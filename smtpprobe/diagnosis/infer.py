"""Causes that our evidence would explain though the reply does not name them, within what the server could know then."""

from __future__ import annotations

from typing import NamedTuple

from smtpprobe.diagnosis.assess.listings import listed_zones
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence import IprevEvidence, MxEvidence
from smtpprobe.model.evidence.iprev import HeloStatus
from smtpprobe.model.evidence.mx import MxRole, MxStatus
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult


class Inferred(NamedTuple):
    """A cause, the evidence for it in words, and the index of the check run that it rests on."""

    cause: str
    text: str
    run: int


_KNOWS_PATHS = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
ABOUT_THE_SENDER = frozenset(
    {
        "policy-rejected", "poor-reputation", "ip-blocklisted", "domain-blocklisted", "email-auth-failed", "reverse-dns",
        "helo-rejected", "sender-domain-invalid", "sender-blocked", "spam-content", "rate-limited", "unknown",
    }
)  # fmt: skip


def infer_causes(rejection: Rejection) -> list[Inferred]:
    """What the evidence would explain. Empty for a cause that has nothing to do with who sends (a full mailbox, credentials)."""
    # RFC 4954 §6: a refused login is about credentials, whatever DNS says of the address.
    if rejection.exchange.phase in (Phase.AUTH, Phase.STARTTLS, Phase.TLS) or rejection.explanation.code == 535:
        return []
    if rejection.explanation.cause not in ABOUT_THE_SENDER:
        return []
    found: list[Inferred] = [*_listings(rejection), *_reverse(rejection)]
    if rejection.exchange.phase in _KNOWS_PATHS:
        found += [*_spf(rejection), *_sender(rejection)]
    if rejection.exchange.phase is Phase.EHLO:
        # Later the name is old news: whoever lets it pass at EHLO hardly refuses for it without a word.
        found += _helo(rejection)
    return found


def _listings(rejection: Rejection) -> list[Inferred]:
    found = []
    for index, zone in listed_zones(rejection.runs):
        is_ip = names.is_ip_address(zone.subject)
        if is_ip or rejection.exchange.phase in _KNOWS_PATHS:
            cause = "ip-blocklisted" if is_ip else "domain-blocklisted"
            found.append(Inferred(cause, f"{zone.zone} lists {zone.subject} ({', '.join(zone.codes)})", index))
    return found


def _reverse(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(IprevEvidence)
    if found is None:
        return []
    index, evidence = found
    if evidence.result in (AuthResult.FAIL, AuthResult.PERMERROR):
        why = evidence.problem or "it is not confirmed"
        return [Inferred("reverse-dns", f"reverse DNS of {evidence.client_ip} fails: {why}", index)]
    return []


def _helo(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(IprevEvidence)
    name = found[1].helo if found else None
    if found is None or name is None:
        return []
    if name.status is HeloStatus.NOT_A_NAME:
        return [Inferred("helo-rejected", f"the HELO name {name.name} is not a host name", found[0])]
    if name.status not in (HeloStatus.NXDOMAIN, HeloStatus.NODATA):
        return []
    return [Inferred("helo-rejected", f"the HELO name {name.name} has no address ({name.status})", found[0])]


def _spf(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(SpfEvidence)
    if found is None:
        return []
    index, evidence = found
    identity = evidence.identities.mailfrom
    if identity.result in (AuthResult.FAIL, AuthResult.PERMERROR, AuthResult.SOFTFAIL):
        return [
            Inferred(
                "email-auth-failed", f"SPF for {identity.domain} from {evidence.client_ip}: {identity.result}", index
            )
        ]
    return []


def _sender(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(MxEvidence)
    if found is None:
        return []
    index, evidence = found
    return [
        Inferred("sender-domain-invalid", f"{entry.domain}: {entry.status}", index)
        for entry in evidence.domains
        if entry.role is MxRole.REVERSE_PATH and entry.status in (MxStatus.NXDOMAIN, MxStatus.NOTHING, MxStatus.NULL_MX)
    ]
