"""What DNS says about names that a reply refuses: reverse DNS, the HELO name, the domains of the envelope."""

from __future__ import annotations

import re

from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence import IprevEvidence, MxEvidence
from smtpprobe.model.evidence.iprev import HeloStatus
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxRole, MxStatus
from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult


def reverse_dns(rejection: Rejection) -> Assessment:
    """reverse-dns: PTR and back for the address that the server saw."""
    found = rejection.evidence(IprevEvidence)
    if found is None:
        return STATED
    index, evidence = found
    shown = ", ".join(evidence.names[:2]) or "no name"
    words = f"reverse DNS of {evidence.client_ip}: {shown}" + (f" ({evidence.problem})" if evidence.problem else "")
    if evidence.result is AuthResult.PASS:
        # A name that looks like an end user's is a policy of theirs, which confirmed reverse DNS does not contradict.
        if evidence.generic or re.search(r"generic|dynamic|residential|dial", rejection.text):
            confidence = Confidence.CONFIRMED if evidence.generic else Confidence.STATED
            return Assessment(confidence=confidence, because=(words,), checks=(index,))
        return Assessment(confidence=Confidence.CONTRADICTED, because=(words,), checks=(index,))
    if evidence.result is AuthResult.TEMPERROR:
        confidence = Confidence.CONFIRMED if rejection.is_transient else Confidence.STATED
        return Assessment(confidence=confidence, because=(words,), checks=(index,))
    return Assessment(confidence=Confidence.CONFIRMED, because=(words,), checks=(index,))


_ABOUT_RESOLUTION = re.compile(
    r"not found|not resolv|unresolv|does not exist|no such|cannot be resolved|dns|lookup|look up|invalid.{0,80}(name|host|domain)"
    r"|fully.qualified|fqdn|verif|no a record|unknown (host|domain)"
)


def helo_name(rejection: Rejection) -> Assessment:
    """helo-rejected: whether the HELO name leads anywhere, where the reply is about that."""
    if not _ABOUT_RESOLUTION.search(rejection.text):
        return STATED
    helo = rejection.helo
    if "." not in helo.strip("."):
        return Assessment(confidence=Confidence.CONFIRMED, because=(f"the HELO name {helo} is not fully qualified",))
    found = rejection.evidence(IprevEvidence)
    if found is None:
        return STATED
    index, name = found[0], found[1].helo
    if name is None:
        return STATED
    if name.status in (HeloStatus.NXDOMAIN, HeloStatus.NODATA):
        return Assessment(
            confidence=Confidence.CONFIRMED,
            because=(f"the HELO name {name.name} has no address ({name.status})",),
            checks=(index,),
        )
    if name.status is HeloStatus.NOT_A_NAME:
        words = f"the HELO name {name.name} is not a host name"
        return Assessment(confidence=Confidence.CONFIRMED, because=(words,), checks=(index,))
    if name.status is HeloStatus.ANSWER and "qualified" not in rejection.text:
        words = f"the HELO name {name.name} resolves to {', '.join(name.addresses[:3])}"
        return Assessment(confidence=Confidence.CONTRADICTED, because=(words,), checks=(index,))
    return STATED


def sender_domain(rejection: Rejection) -> Assessment:
    """sender-domain-invalid: what DNS has for the reverse-path's domain."""
    return _mail_domain(rejection, MxRole.REVERSE_PATH)


def recipient_domain(rejection: Rejection) -> Assessment:
    """domain-undeliverable: what DNS has for the forward-path's domain."""
    return _mail_domain(rejection, MxRole.FORWARD_PATH)


def _mail_domain(rejection: Rejection, role: MxRole) -> Assessment:
    found = rejection.evidence(MxEvidence)
    path = rejection.reverse_path if role is MxRole.REVERSE_PATH else rejection.forward_path
    domain = names.domain_of(path or "")
    if found is None or domain is None or rejection.exchange.phase in (Phase.GREETING, Phase.EHLO):
        # Before MAIL the server knows no path: such words are about the server itself (RFC 7504 §3).
        return STATED
    index, evidence = found
    entry = next((each for each in evidence.domains if each.role is role and each.domain == domain), None)
    if entry is None:
        return STATED
    confidence, words = _of_domain(rejection, entry)
    return Assessment(confidence=confidence, because=(words,), checks=(index,)) if words else STATED


def _of_domain(rejection: Rejection, entry: MxDomain) -> tuple[Confidence, str | None]:
    """What DNS says of a domain that the reply refuses, in words; None where it says nothing about it."""
    domain = entry.domain
    if entry.status is MxStatus.TEMPERROR:
        if not rejection.is_transient:
            return Confidence.STATED, None
        return Confidence.CONFIRMED, f"{domain} could not be looked up here either"
    if words := _UNUSABLE.get(entry.status):
        return Confidence.CONFIRMED, words.format(domain=domain)
    usable = [host.name for host in entry.hosts if _is_usable(rejection, host)]
    if usable:
        return Confidence.CONTRADICTED, f"{domain} takes mail at {', '.join(usable[:3])}"
    told = "; ".join(f"{host.name}: {host.problem}" for host in entry.hosts)
    open_question = any(host.problem is MxProblem.TEMPERROR for host in entry.hosts)
    return Confidence.STATED if open_question else Confidence.CONFIRMED, f"mail hosts of {domain}: {told}"


_UNUSABLE = {
    MxStatus.NXDOMAIN: "{domain} does not exist in DNS",
    MxStatus.NOTHING: "{domain} has neither MX nor address records",
    MxStatus.NULL_MX: "{domain} publishes a null MX: it takes no mail",
}


def _is_usable(rejection: Rejection, host: MxHost) -> bool:
    """Whether mail can reach the host: an alias is served by most, a private address only where the session is local."""
    peer = rejection.transcript.address
    local = names.is_ip_address(peer) and names.is_local_address(peer)
    return host.problem in (None, MxProblem.CNAME) or (host.problem is MxProblem.PRIVATE_ADDRESS and local)
