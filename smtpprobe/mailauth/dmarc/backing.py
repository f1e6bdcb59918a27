"""What a domain publishes for SPF and DKIM, which is what its DMARC policy rests on (RFC 9989 §4.4)."""

from __future__ import annotations

from smtpprobe.model.evidence.dkim import DkimEvidence, DkimKey, KeyOrigin, KeyStatus, is_for_mail
from smtpprobe.model.evidence.dmarc import DmarcBacking, DmarcBackingLack, DmarcRestsOn
from smtpprobe.model.evidence.spf import SpfRecordEvidence
from smtpprobe.model.words import AuthResult

_NO_SPF = (AuthResult.NONE, AuthResult.PERMERROR)
_LACKS = {
    DmarcRestsOn.SPF: (DmarcBackingLack.SIGNATURES,),
    DmarcRestsOn.DKIM: (DmarcBackingLack.SPF_RECORD,),
    DmarcRestsOn.NOTHING_FOUND: (DmarcBackingLack.SPF_RECORD, DmarcBackingLack.SIGNATURES),
}


def backing(spf: SpfRecordEvidence, dkim: DkimEvidence) -> DmarcBacking:
    """What stands at the domain itself, and what mail of it can pass DMARC by. Names below it may have more."""
    usable = tuple(key.selector for key in dkim.keys if _serves_mail(key))
    others = tuple(
        key.selector
        for key in dkim.keys
        if not _serves_mail(key)
        and key.status is not KeyStatus.TEMPERROR
        and not (key.status is KeyStatus.MISSING and key.origin is KeyOrigin.GUESSED)
    )
    rests_on = _rests_on(spf, has_key=bool(usable), is_unanswered=bool(dkim.unanswered))
    return DmarcBacking(
        rests_on=rests_on,
        spf=spf.result,
        spf_record=spf.record,
        spf_problem=spf.problem,
        selectors=usable,
        unusable_selectors=others,
        selectors_tried=len(dkim.tried),
        guessed=any(domain.guessed for domain in dkim.domains),
        selectors_unanswered=dkim.unanswered,
        unanswered_because=tuple(each for domain in dkim.domains for each in domain.unanswered_because),
        lacks=_LACKS.get(rests_on, ()),
    )


def _serves_mail(key: DkimKey) -> bool:
    return key.status is KeyStatus.USABLE and is_for_mail(key.services)


def _rests_on(spf: SpfRecordEvidence, *, has_key: bool, is_unanswered: bool) -> DmarcRestsOn:
    if spf.result is AuthResult.TEMPERROR or (is_unanswered and not has_key):
        return DmarcRestsOn.UNKNOWN
    has_spf = spf.result not in _NO_SPF
    if has_spf and (spf.record or "").lower().split() == ["v=spf1", "-all"]:
        # RFC 7208 §10.1.2: the domain sends no mail.
        return DmarcRestsOn.DKIM if has_key else DmarcRestsOn.NO_MAIL
    if has_spf:
        return DmarcRestsOn.BOTH if has_key else DmarcRestsOn.SPF
    return DmarcRestsOn.DKIM if has_key else DmarcRestsOn.NOTHING_FOUND
