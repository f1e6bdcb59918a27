"""Whether evidence tells anything: not knowing is not passing."""

from __future__ import annotations

from smtpprobe.model.evidence import DkimEvidence, DmarcEvidence, DnsblEvidence, Evidence, IprevEvidence, MxEvidence
from smtpprobe.model.evidence.dkim import KeyOrigin, KeyStatus
from smtpprobe.model.evidence.dmarc import DmarcRestsOn
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.mx import MxStatus
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.words import AuthResult

_PROVED = (DnsblStatus.LISTED, DnsblStatus.NOT_LISTED)


def leaves_open(evidence: Evidence) -> bool:
    """Whether a list that was asked proves nothing, or the evidence nothing at all: what is asked for alone has to tell.

    An audit of DMARC has to tell what the policy rests on.
    """
    if lacks_input(evidence):
        return True
    if isinstance(evidence, DmarcEvidence) and evidence.published is not None and evidence.backing is not None:
        return evidence.backing.rests_on is DmarcRestsOn.UNKNOWN or is_inconclusive(evidence)
    if not isinstance(evidence, DnsblEvidence):
        return is_inconclusive(evidence)
    asked = [zone for zone in evidence.zones if not zone.dead and zone.status is not DnsblStatus.WRONG_KIND]
    return not asked or any(zone.status not in _PROVED for zone in asked)


def lacks_input(evidence: Evidence) -> bool:
    """Whether what the evidence comes to hangs on something that was not given."""
    return isinstance(evidence, DmarcEvidence) and evidence.result is AuthResult.UNKNOWN


def is_inconclusive(evidence: Evidence) -> bool:
    """Whether nobody answered what the check would have to judge by.

    Of a type that is not named here `result` or `status` says so, by `temperror` (RFC 8601 §2.7).
    """
    match evidence:
        case DnsblEvidence(zones=zones):
            return not any(zone.status in _PROVED for zone in zones)
        case IprevEvidence(result=AuthResult.PASS, confirmed=confirmed, made_up=made_up):
            return bool(made_up) and set(confirmed) <= set(made_up)
        case SpfEvidence(result=AuthResult.PASS, made_up=made_up):
            return bool(made_up)
        case DkimEvidence(signatures=(), keys=keys, domains=domains):
            asked = any(key.status is KeyStatus.TEMPERROR and key.origin is not KeyOrigin.GUESSED for key in keys)
            return asked or any(domain.nothing_answered for domain in domains)
        case DkimEvidence(signatures=signatures):
            return any(each.result is AuthResult.TEMPERROR and not each.outweighed for each in signatures)
        case MxEvidence(domains=domains):
            return any(domain.status is MxStatus.TEMPERROR for domain in domains)
    return AuthResult.TEMPERROR in (getattr(evidence, "result", None), getattr(evidence, "status", None))
