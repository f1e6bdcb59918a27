"""What SPF, DKIM and DMARC say of a reply about the mail's authentication."""

from __future__ import annotations

import re

from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import AuthorDomainSource, DmarcEvidence
from smtpprobe.model.evidence.spf import SpfEvidence, SpfIdentity, SpfIdentityKind
from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import AuthResult

_NOT_PASSED = (AuthResult.FAIL, AuthResult.SOFTFAIL, AuthResult.PERMERROR)


def _named(rejection: Rejection) -> set[str]:
    """Which of SPF, DKIM and DMARC the reply names, by a word or by its number; empty where it names none."""
    named = {word for word in ("spf", "dkim", "dmarc") if re.search(rf"(?<![a-z]){word}(?![a-z])", rejection.text)}
    detail = (
        (rejection.explanation.enhanced or "").rpartition(".")[2]
        if (rejection.explanation.enhanced or "")[1:3] == ".7"
        else ""
    )
    return named or {"23": {"spf"}, "24": {"spf"}, "20": {"dkim"}, "21": {"dkim"}, "22": {"dkim"}}.get(detail, set())


def authentication(rejection: Rejection) -> Assessment:
    """email-auth-failed: which of SPF, DKIM, DMARC the reply names, and what we get for it."""
    named = _named(rejection)
    assessments = [
        assess(rejection) for word, assess in (("spf", _spf), ("dmarc", _dmarc), ("dkim", _dkim)) if word in named
    ]
    if not named:
        assessments = [assess(rejection) for assess in _KNOWN_AT.get(rejection.exchange.phase, ())]
        assessments = [assessment for assessment in assessments if assessment.confidence is Confidence.CONFIRMED]
    order = (Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED)
    return min(assessments, key=lambda assessment: order.index(assessment.confidence), default=STATED)


def _spf_words(identity: SpfIdentity, which: SpfIdentityKind, evidence: SpfEvidence) -> str:
    what = f"SPF for {identity.domain} ({which}) from {evidence.client_ip}: {identity.result}"
    why = identity.problem or (f"the term {identity.mechanism} decided" if identity.mechanism else None)
    return f"{what}, {why}" if why else what


def deciding_spf(rejection: Rejection) -> tuple[SpfIdentity, SpfIdentityKind] | None:
    """The identity that SPF fails for, and which of the two it is.

    None where neither fails, and where the reply is about DKIM or DMARC, which the message decides.
    """
    found = rejection.evidence(SpfEvidence)
    named = _named(rejection)
    by_message = not named and rejection.exchange.phase is Phase.MESSAGE
    if found is None or by_message or (named and named != {"spf"}):
        return None
    return _failing(rejection, found[1])


def _failing(rejection: Rejection, evidence: SpfEvidence) -> tuple[SpfIdentity, SpfIdentityKind] | None:
    identities = evidence.identities
    of = ((identities.mailfrom, SpfIdentityKind.MAIL_FROM), (identities.helo, SpfIdentityKind.HELO))
    for identity, which in of:
        if identity.result in _NOT_PASSED or (rejection.is_transient and identity.result is AuthResult.TEMPERROR):
            return identity, which
    return None


def _spf(rejection: Rejection) -> Assessment:
    found = rejection.evidence(SpfEvidence)
    if found is None:
        return STATED
    index, evidence = found
    if failing := _failing(rejection, evidence):
        return Assessment(confidence=Confidence.CONFIRMED, because=(_spf_words(*failing, evidence),), checks=(index,))
    identity = evidence.identities.mailfrom
    words = (_spf_words(identity, SpfIdentityKind.MAIL_FROM, evidence),)
    if identity.result is AuthResult.PASS:
        return Assessment(confidence=Confidence.CONTRADICTED, because=words, checks=(index,))
    if identity.result in (AuthResult.NONE, AuthResult.NEUTRAL) and not re.search(
        r"\b(?:soft ?)?fail(?!ed to pass)|error", rejection.text
    ):
        # "did not pass": neither does a domain without a record; a failure or an error is more than that.
        return Assessment(confidence=Confidence.CONFIRMED, because=words, checks=(index,))
    return Assessment(confidence=Confidence.STATED, because=words, checks=(index,))


def _dmarc(rejection: Rejection) -> Assessment:
    found = rejection.evidence(DmarcEvidence)
    if found is None:
        return STATED
    index, evidence = found
    # RFC 9989 §4.4: DMARC is about the message's author domain, which the reverse-path only lets one guess.
    words = (f"DMARC for {evidence.author_domain}: {evidence.result}, policy {evidence.policy or 'none published'}",)
    if evidence.result is AuthResult.FAIL and evidence.author_domain_source is AuthorDomainSource.MESSAGE:
        return Assessment(confidence=Confidence.CONFIRMED, because=words, checks=(index,))
    if evidence.result is AuthResult.PASS and evidence.author_domain_source is AuthorDomainSource.MESSAGE:
        return Assessment(confidence=Confidence.CONTRADICTED, because=words, checks=(index,))
    return Assessment(confidence=Confidence.STATED, because=words, checks=(index,))


def _dkim(rejection: Rejection) -> Assessment:
    found = rejection.evidence(DkimEvidence)
    if found is None:
        return STATED
    index, evidence = found
    if not evidence.signatures:
        return STATED
    good = [each for each in evidence.signatures if each.result is AuthResult.PASS]
    bad = [each for each in evidence.signatures if each.result is not AuthResult.PASS]
    if bad and not good:
        words = tuple(f"DKIM signature of {each.domain}: {each.result}, {each.reason}" for each in bad[:2])
        return Assessment(confidence=Confidence.CONFIRMED, because=words, checks=(index,))
    return Assessment(
        confidence=Confidence.CONTRADICTED,
        because=tuple(f"the DKIM signature of {each.domain} verifies" for each in good[:2]),
        checks=(index,),
    )


# What the server could know where its reply names none of the three: paths from MAIL on, signatures with the message.
_KNOWN_AT = {
    Phase.MAIL: (_spf,),
    Phase.RCPT: (_spf,),
    Phase.DATA: (_spf,),
    Phase.MESSAGE: (_spf, _dmarc, _dkim),
}
