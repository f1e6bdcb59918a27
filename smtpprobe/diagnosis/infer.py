"""Causes that our evidence would explain though the reply does not name them, within what the server could know then."""

from __future__ import annotations

from typing import NamedTuple

from smtpprobe.catalogue.causes import UNKNOWN
from smtpprobe.diagnosis.assess.authentication import spf_statement
from smtpprobe.diagnosis.assess.dns import domain_statement, helo_statement, reverse_dns_statement
from smtpprobe.diagnosis.assess.listings import listed_statement, listed_zones
from smtpprobe.diagnosis.assess.session import login_statement
from smtpprobe.diagnosis.facts.listings import of_listings
from smtpprobe.diagnosis.facts.session import of_session, wants_login
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence import IprevEvidence, MxEvidence
from smtpprobe.model.evidence.iprev import HeloStatus
from smtpprobe.model.evidence.mx import MxRole, MxStatus
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentityKind
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult


class Inferred(NamedTuple):
    """A cause, the evidence for it in words and as a statement, and the indexes of the check runs that it rests on."""

    cause: str
    text: str
    runs: tuple[int, ...]
    statement: str | None


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
    if rejection.serves_nobody:
        return []  # whoever is refused with everybody else is not refused for an address, a name or a record
    found: list[Inferred] = [*_login(rejection), *_listings(rejection), *_reverse(rejection)]
    if rejection.exchange.phase in _KNOWS_PATHS:
        found += [*_spf(rejection), *_sender(rejection)]
    if rejection.exchange.phase is Phase.EHLO:
        # Later the name is old news: whoever lets it pass at EHLO hardly refuses for it without a word.
        found += _helo(rejection)
    return found


def _login(rejection: Rejection) -> list[Inferred]:
    unspecific = rejection.explanation.cause in ("policy-rejected", UNKNOWN)
    if not unspecific or not wants_login(rejection, of_session(rejection)):
        return []
    said = login_statement(rejection, supposed=True)
    return [Inferred("auth-required", say("AUTH is offered and nobody had logged in"), (), said)]


def _listings(rejection: Rejection) -> list[Inferred]:
    found = []
    for index, zone in listed_zones(rejection.runs):
        is_ip = names.is_ip_address(zone.subject)
        if is_ip or rejection.exchange.phase in _KNOWS_PATHS:
            cause = "ip-blocklisted" if is_ip else "domain-blocklisted"
            words = say(
                "{zone} lists {subject} ({codes})", zone=zone.zone, subject=zone.subject, codes=", ".join(zone.codes)
            )
            found.append(Inferred(cause, words, (index,), listed_statement(zone)))
    return found


def _reverse(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(IprevEvidence)
    if found is None:
        return []
    index, evidence = found
    if evidence.result in (AuthResult.FAIL, AuthResult.PERMERROR):
        why = evidence.problem or say("it is not confirmed")
        words = say("reverse DNS of {client_ip} fails: {why}", client_ip=evidence.client_ip, why=why)
        return [Inferred("reverse-dns", words, (index,), reverse_dns_statement(rejection, evidence))]
    return []


def _helo(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(IprevEvidence)
    name = found[1].helo if found else None
    of_name = (HeloStatus.NXDOMAIN, HeloStatus.NODATA, HeloStatus.NOT_A_NAME)
    if found is None or name is None or name.status not in of_name:
        return []
    words = say("the HELO name {name} has no address ({status})", name=name.name, status=name.status)
    return [Inferred("helo-rejected", words, (found[0],), helo_statement(name))]


def _spf(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(SpfEvidence)
    if found is None:
        return []
    index, evidence = found
    identity = evidence.identities.mailfrom
    if identity.result in (AuthResult.FAIL, AuthResult.PERMERROR, AuthResult.SOFTFAIL):
        words = say(
            "SPF for {domain} from {client_ip}: {result}",
            domain=identity.domain,
            client_ip=evidence.client_ip,
            result=identity.result,
        )
        said = spf_statement(identity, SpfIdentityKind.MAIL_FROM, evidence)
        return [Inferred("email-auth-failed", words, (index,), said)]
    return []


def _sender(rejection: Rejection) -> list[Inferred]:
    found = rejection.evidence(MxEvidence)
    if found is None:
        return []
    index, evidence = found
    if of_listings(rejection, rejection.explanation.cause).get("listed_missing"):
        return []  # the listing's own advice says so
    return [
        Inferred("sender-domain-invalid", f"{entry.domain}: {entry.status}", (index,), domain_statement(entry))
        for entry in evidence.domains
        if entry.role is MxRole.REVERSE_PATH and entry.status in (MxStatus.NXDOMAIN, MxStatus.NOTHING, MxStatus.NULL_MX)
    ]
