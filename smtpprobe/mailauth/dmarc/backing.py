"""What a domain publishes for SPF and DKIM, which is what its DMARC policy rests on (RFC 9989 §4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.mailauth.spf.lint.letting import Letting
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.evidence.dkim import DkimEvidence, DkimKey, KeyOrigin, KeyStatus, is_for_mail
from smtpprobe.model.evidence.dmarc import DmarcBacking, DmarcBackingLack, DmarcRestsOn, SpfLets
from smtpprobe.model.evidence.spf import SpfRecordEvidence, SpfStep
from smtpprobe.model.words import AuthResult

_COMPLETE = (DmarcRestsOn.NO_MAIL, DmarcRestsOn.NO_DOMAIN, DmarcRestsOn.UNKNOWN)


def backing(spf: SpfRecordEvidence, letting: Letting, dkim: DkimEvidence, *, exists: bool | None) -> DmarcBacking:
    """What stands at the domain itself, and what mail of it can pass DMARC by. Names below it may have more.

    `letting` is whom the SPF record lets pass; `exists` is whether the domain does, None where that is not known.
    """
    serving = [key for key in dkim.keys if _serves_mail(key)]
    usable = tuple(key.selector for key in serving if not _is_tested(key))
    tested = tuple(key.selector for key in serving if _is_tested(key))
    others = tuple(
        key.selector
        for key in dkim.keys
        if not _serves_mail(key)
        and key.status is not KeyStatus.TEMPERROR
        and not (key.status is KeyStatus.MISSING and key.origin is KeyOrigin.GUESSED)
    )
    rests_on = _rests_on(spf, letting, has_key=bool(usable), is_unanswered=bool(dkim.unanswered))
    if tested and rests_on is DmarcRestsOn.NO_MAIL:
        rests_on = DmarcRestsOn.NOTHING_FOUND
    if exists is False and rests_on is DmarcRestsOn.NOTHING_FOUND:
        rests_on = DmarcRestsOn.NO_DOMAIN
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
        lacks=() if rests_on in _COMPLETE else tuple(_lacks(spf, letting, usable, tested)),
        spf_lets=letting.lets,
        spf_open=letting.ways,
        testing_selectors=tested,
    )


def _serves_mail(key: DkimKey) -> bool:
    return key.status is KeyStatus.USABLE and is_for_mail(key.services)


def _is_tested(key: DkimKey) -> bool:
    # RFC 6376 §3.6.1: t=y, verifiers must not treat such mail differently from unsigned mail.
    return "y" in key.flags


def _rests_on(spf: SpfRecordEvidence, letting: Letting, *, has_key: bool, is_unanswered: bool) -> DmarcRestsOn:
    if letting.lets is SpfLets.EVERYBODY:
        return DmarcRestsOn.EVERYBODY
    if letting.lets is SpfLets.UNKNOWN or (is_unanswered and not has_key):
        return DmarcRestsOn.UNKNOWN
    if letting.lets is SpfLets.SOMEBODY:
        return DmarcRestsOn.BOTH if has_key else DmarcRestsOn.SPF
    if has_key:
        return DmarcRestsOn.DKIM
    return DmarcRestsOn.NO_MAIL if _says_no_mail(spf) else DmarcRestsOn.NOTHING_FOUND


def _says_no_mail(spf: SpfRecordEvidence) -> bool:
    # RFC 7208 §10.1.2: a domain that sends no mail says so by a record of -all alone.
    return spf.result is AuthResult.FAIL and _forbids(spf.trace)


def _forbids(steps: Sequence[SpfStep]) -> bool:
    """Whether no term of the record, or of the one that it redirects to, was meant to let anybody pass."""
    terms = [(parse_term(step.term), step) for step in steps]
    return all(
        term.qualifier == "-" if term.qualifier else term.name != "redirect" or _forbids(step.children)
        for term, step in terms
    )


def _lacks(
    spf: SpfRecordEvidence, letting: Letting, usable: Sequence[str], tested: Sequence[str]
) -> Iterator[DmarcBackingLack]:
    if letting.lets is SpfLets.EVERYBODY:
        yield DmarcBackingLack.SPF_CLOSED
    elif spf.result is AuthResult.PERMERROR:
        yield DmarcBackingLack.SPF_REPAIRED
    elif spf.result is AuthResult.NONE:
        yield DmarcBackingLack.SPF_RECORD
    elif letting.lets is SpfLets.NOBODY:
        yield DmarcBackingLack.SPF_HOSTS
    if not usable:
        yield DmarcBackingLack.KEYS_TESTED if tested else DmarcBackingLack.SIGNATURES
