"""One rejection explained: the reply's own cause weighed, what evidence adds, what is usual, and their order."""

from __future__ import annotations

import msgspec

from smtpprobe.catalogue.causes import UNKNOWN
from smtpprobe.diagnosis.assess import ASSESSORS
from smtpprobe.diagnosis.cause import assessed_cause, assumed_helo, usual
from smtpprobe.diagnosis.cleared import cleared, unknown
from smtpprobe.diagnosis.facts.reply import quotes_another_ip
from smtpprobe.diagnosis.infer import Inferred, infer_causes
from smtpprobe.diagnosis.moment import can_be_meant
from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.diagnosis.relevance import relevant
from smtpprobe.model.evidence import DnsblEvidence, IprevEvidence, SpfEvidence
from smtpprobe.model.report import BecauseKind, Cause, Confidence, Verdict
from smtpprobe.model.transcript import Phase

MAX_POSSIBLE = 3  # causes of a verdict that only the catalogue lists
_UNSPECIFIC = ("policy-rejected", UNKNOWN)
_HELO = "helo-rejected"
_OF_THE_CLIENT = (SpfEvidence, IprevEvidence, DnsblEvidence)
_SHOWN_BY_EVIDENCE = (Confidence.CONFIRMED, Confidence.SUPPORTED, Confidence.CONTRADICTED)
_RANKS = {
    Confidence.CONFIRMED: 0,
    Confidence.STATED: 1,
    Confidence.CONTRADICTED: 1,
    Confidence.SUPPORTED: 2,
    Confidence.POSSIBLE: 4,
}
_STATED_BUT_UNSPECIFIC = 3


def verdict_on(rejection: Rejection, transcript: int) -> Verdict:
    """The verdict; `transcript` is the index of the rejection's transcript in the report."""
    found = _with_assumed_helo(rejection, sorted(_causes(rejection), key=_rank))
    return Verdict(
        transcript=transcript,
        exchange=rejection.exchange.index,
        summary=_summary(found[0]),
        causes=tuple(found),
        cleared=cleared(rejection, found),
        unknown=unknown(rejection),
        relevant=relevant(rejection),
    )


def _causes(rejection: Rejection) -> list[Cause]:
    """The reply's own cause, those that evidence explains, and, where the reply is not specific, those that are usual."""
    explanation = rejection.explanation
    inferred = infer_causes(rejection)
    found: list[Cause] = []
    # What evidence explains is more than what is only usual for such a code.
    shown = {each.cause for each in inferred}
    if explanation.cause != UNKNOWN and (explanation.stated_by_reply or explanation.cause not in shown):
        found.append(_own_cause(rejection))
    for each in inferred:
        if all(cause.id != each.cause for cause in found):
            found.append(_supported(rejection, each))
    if not _is_specific(rejection):
        found += _possible(rejection, {cause.id for cause in found})
    return found


def _is_specific(rejection: Rejection) -> bool:
    """Whether the reply itself names a cause that explains it."""
    explanation = rejection.explanation
    return explanation.stated_by_reply and explanation.cause not in _UNSPECIFIC


def _own_cause(rejection: Rejection) -> Cause:
    """The reply's own cause, weighed; what is only usual for such a code stays possible, unless evidence reproduces it."""
    cause = rejection.explanation.cause
    assess = ASSESSORS.get(cause)
    assessment = assess(rejection) if assess else STATED
    if _is_of_another_client(rejection, assessment):
        assessment = _left_open(assessment)
    if not rejection.explanation.stated_by_reply:
        assessment = _unstated(rejection, assessment)
    return assessed_cause(rejection, cause, assessment)


def _is_of_another_client(rejection: Rejection, assessment: Assessment) -> bool:
    """Whether evidence about the client IP is about another one than the reply quotes."""
    evidence = [run.evidence for index, run in rejection.runs if index in assessment.checks]
    return any(isinstance(each, _OF_THE_CLIENT) for each in evidence) and quotes_another_ip(rejection)


def _left_open(assessment: Assessment) -> Assessment:
    """The assessment of a cause as the server states it; that it is not so is no statement any more."""
    contradicted = assessment.confidence is Confidence.CONTRADICTED
    statement = None if contradicted else assessment.statement
    return msgspec.structs.replace(assessment, confidence=Confidence.STATED, statement=statement)


def _unstated(rejection: Rejection, assessment: Assessment) -> Assessment:
    """The assessment of a cause that the reply does not state."""
    if assessment.confidence is Confidence.CONFIRMED:
        return msgspec.structs.replace(assessment, confidence=Confidence.SUPPORTED)
    if not assessment.because:
        return usual(rejection)
    return Assessment(confidence=Confidence.POSSIBLE, because=assessment.because, checks=assessment.checks)


def _supported(rejection: Rejection, inferred: Inferred) -> Cause:
    assessment = Assessment(
        confidence=Confidence.SUPPORTED, because=(inferred.text,), checks=inferred.runs, statement=inferred.statement
    )
    return assessed_cause(rejection, inferred.cause, assessment)


def _possible(rejection: Rejection, named: set[str]) -> list[Cause]:
    """The usual causes that are not named yet and that no evidence speaks against, at most MAX_POSSIBLE."""
    others = [cause for cause in rejection.explanation.alternatives if cause not in named]
    others = [cause for cause in others if can_be_meant(cause, rejection.exchange.phase)]
    others = [cause for cause in others if not _is_ruled_out(rejection, cause)]
    return [assessed_cause(rejection, cause, usual(rejection)) for cause in others[:MAX_POSSIBLE]]


def _is_ruled_out(rejection: Rejection, cause: str) -> bool:
    """Whether evidence speaks against a cause that nobody has stated."""
    assess = ASSESSORS.get(cause)
    return assess is not None and assess(rejection).confidence is Confidence.CONTRADICTED


def _rank(cause: Cause) -> int:
    """The reply's own words first, unless they are unspecific and evidence says more; then by confidence."""
    if cause.id in _UNSPECIFIC and cause.confidence is Confidence.STATED:
        return _STATED_BUT_UNSPECIFIC
    return _RANKS[cause.confidence]


def _with_assumed_helo(rejection: Rejection, found: list[Cause]) -> list[Cause]:
    """The causes with the HELO name first where it was ours, not the user's, and the reply to it names no other fault."""
    if not rejection.helo_assumed:
        return found
    refuses_the_name = rejection.exchange.phase is Phase.EHLO and not _is_specific(rejection)
    named = next((each for each in found if each.id == _HELO), None)
    if named is None and not refuses_the_name:
        return found
    named = named or assessed_cause(rejection, _HELO, Assessment(confidence=Confidence.POSSIBLE))
    named = msgspec.structs.replace(named, because=(*named.because, assumed_helo(rejection)))
    if refuses_the_name:
        return [named, *(each for each in found if each.id != _HELO)]
    return [named if each.id == _HELO else each for each in found]


def _summary(best: Cause) -> str:
    """What shows the likeliest cause, else its title. There always is one: every 4yz and 5yz has causes that are usual."""
    if best.confidence not in _SHOWN_BY_EVIDENCE:
        return best.title
    evidence = [each.text for each in best.because if each.kind is not BecauseKind.REPLY]
    return best.statement or (evidence[0] if evidence else best.title)
