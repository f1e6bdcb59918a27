"""Whether evidence tells anything: not knowing is not passing."""

from __future__ import annotations

from smtpprobe.model.evidence import DkimEvidence, DnsblEvidence, Evidence, MxEvidence
from smtpprobe.model.evidence.dkim import KeyOrigin, KeyStatus
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.evidence.mx import MxStatus
from smtpprobe.model.words import AuthResult


def is_inconclusive(evidence: Evidence) -> bool:
    """Whether nobody answered what the check would have to judge by.

    Of a type that is not named here `result` or `status` says so, by `temperror` (RFC 8601 §2.7).
    """
    match evidence:
        case DnsblEvidence(zones=zones):
            answered = (DnsblStatus.LISTED, DnsblStatus.NOT_LISTED)
            return not any(zone.status in answered for zone in zones)
        case DkimEvidence(signatures=(), keys=keys):
            return any(key.status is KeyStatus.TEMPERROR and key.origin is not KeyOrigin.GUESSED for key in keys)
        case DkimEvidence(signatures=signatures):
            return any(each.result is AuthResult.TEMPERROR and not each.outweighed for each in signatures)
        case MxEvidence(domains=domains):
            return any(domain.status is MxStatus.TEMPERROR for domain in domains)
    return AuthResult.TEMPERROR in (getattr(evidence, "result", None), getattr(evidence, "status", None))
