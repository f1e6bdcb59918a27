"""A cause made of its assessment: title and remedies from the catalogue, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smtpprobe.catalogue.causes import causes, remedies, title_of
from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.facts.known import known_facts
from smtpprobe.diagnosis.rejection import Assessment, Rejection
from smtpprobe.diagnosis.stages import decided_earlier
from smtpprobe.model.quoting import cut
from smtpprobe.model.remedy import Remedy
from smtpprobe.model.report import Because, BecauseKind, Cause, Confidence
from smtpprobe.model.texts.language import say

_SAID_BY_THE_REPLY = (Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED)
MAX_QUOTED = 200  # characters of a reply
NOTHING_KNOWN: Mapping[str, str | None] = MappingProxyType({})


def assessed_cause(rejection: Rejection, cause: str, assessment: Assessment) -> Cause:
    """The cause with everything that it rests on: the reply's words, the evidence, the stage that the refusal is about."""
    remedies, retry = _advice(rejection, cause, assessment)
    return Cause(
        id=cause,
        title=title_of(cause),
        confidence=assessment.confidence,
        because=tuple(_reasons(rejection, cause, assessment)),
        remedies=remedies,
        retry=retry,
        checks=assessment.checks,
        statement=assessment.statement,
    )


def usual(rejection: Rejection) -> Assessment:
    """The assessment of a cause that only the catalogue lists for such a reply."""
    text = say(
        "usual for {code} at {phase}; nothing here shows it",
        code=rejection.reply.code,
        phase=rejection.exchange.phase.upper(),
    )
    return Assessment(confidence=Confidence.POSSIBLE, because=(text,), kind=BecauseKind.CATALOGUE)


def proved_cause(
    cause: str,
    reason: str,
    remedies: tuple[Remedy, ...],
    code: int | None = None,
    *,
    known: Mapping[str, str | None] = NOTHING_KNOWN,
    statement: str | None = None,
) -> Cause:
    """The cause of a session that did not come about, which the run's own outcome proves; `reason` is the outcome's.

    `known` are the facts that say when to try again.
    """
    entry = causes()[cause]
    return Cause(
        id=cause,
        title=entry.title,
        confidence=Confidence.CONFIRMED,
        because=(Because(kind=BecauseKind.OUTCOME, text=reason),),
        remedies=remedies,
        retry=entry.retry_known(code, known),
        statement=statement,
    )


def assumed_helo(rejection: Rejection) -> Because:
    """The reason that the HELO name was a guess of ours."""
    text = say("the HELO name {helo} was assumed", helo=rejection.helo)
    return Because(kind=BecauseKind.ASSUMPTION, text=text, needs="helo")


def _reasons(rejection: Rejection, cause: str, assessment: Assessment) -> list[Because]:
    reasons = []
    if assessment.confidence in _SAID_BY_THE_REPLY:
        text = say("the reply says so: {quoted}", quoted=_quoted(rejection))
        reasons.append(Because(kind=BecauseKind.REPLY, text=text, refs=(rejection.exchange.index,)))
    reasons += [Because(kind=assessment.kind, text=text, refs=assessment.checks) for text in assessment.because]
    if cause == rejection.explanation.cause and (earlier := decided_earlier(rejection)):
        reasons.append(Because(kind=BecauseKind.STAGE, text=earlier))
    return reasons


def _quoted(rejection: Rejection) -> str:
    return f"{rejection.reply.code} {cut(rejection.reply.text, MAX_QUOTED)}".strip()


def _advice(rejection: Rejection, cause: str, assessment: Assessment) -> tuple[tuple[Remedy, ...], str | None]:
    """The remedies and when to try again."""
    contradicted = assessment.confidence is Confidence.CONTRADICTED
    guessed = assessment.confidence is Confidence.POSSIBLE
    known = known_facts(rejection, cause)
    known |= {"contradicted": YES if contradicted else None, "guessed": YES if guessed else None}
    entry = causes().get(cause)
    return remedies(cause, known), entry.retry_known(rejection.reply.code, known) if entry else None
