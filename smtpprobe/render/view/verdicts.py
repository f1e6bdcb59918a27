"""Each rejection explained: which cause is the main one, what stands beside it, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.catalogue.language import mark, say
from smtpprobe.model.remedy import Remedy
from smtpprobe.model.report import Because, BecauseKind, Cause, Confidence, Report, Verdict
from smtpprobe.render.view.actors import actor_in_words
from smtpprobe.render.view.headline import deciding_exchange, decisive, reply_lines
from smtpprobe.render.view.sections import CauseRole, CauseView, RemedyRow, Said, VerdictView

MAX_REMEDIES = 3


def verdicts(report: Report, verbosity: int) -> tuple[VerdictView, ...]:
    """The report's verdicts in order; one with the causes of an earlier one says only which command it is about."""
    return tuple(
        _verdict(report, verdict, report.verdicts[:number], verbosity) for number, verdict in enumerate(report.verdicts)
    )


def main_cause(report: Report) -> Cause | None:
    """The best cause of the rejection that decided the run; None where nothing but guesses is known."""
    if not report.verdicts:
        return None
    transcript = decisive(report)
    exchange = deciding_exchange(report.outcome, transcript)
    where = None
    if transcript is not None and exchange is not None:
        where = report.transcripts.index(transcript), exchange.index
    verdict = next((each for each in report.verdicts if (each.transcript, each.exchange) == where), report.verdicts[0])
    return next((cause for cause in verdict.causes if cause.confidence is not Confidence.POSSIBLE), None)


def _verdict(report: Report, verdict: Verdict, before: Sequence[Verdict], verbosity: int) -> VerdictView:
    command, reply = _refused_command(report, verdict) if len(report.verdicts) > 1 else (None, ())
    same = bool(verdict.causes) and any(verdict.causes == each.causes for each in before)
    certain = [cause for cause in verdict.causes if cause.confidence is not Confidence.POSSIBLE]
    possible = [cause for cause in verdict.causes if cause.confidence is Confidence.POSSIBLE]
    treated = None if same else next(iter(certain or possible), None)
    below = [each.subject for each in verdict.unknown if each.run is not None and verbosity >= 0]
    return VerdictView(
        command=command,
        reply=reply if before else (),  # the first one's words stand in the headline
        causes=_same() if same else _causes(report, verdict, certain, possible),
        remedies=_remedies(treated.remedies, verbosity) if treated else (),
        retry=treated.retry if treated else None,
        cleared=() if same else verdict.cleared,
        unknown=() if same else _unknown(verdict, verbosity),
        unknown_below=() if same else tuple(below),
    )


def _refused_command(report: Report, verdict: Verdict) -> tuple[str | None, tuple[str, ...]]:
    """What was sent, and the reply to it."""
    if verdict.exchange is None or verdict.transcript >= len(report.transcripts):
        return None, ()
    exchange = report.transcripts[verdict.transcript].exchanges[verdict.exchange]
    return exchange.sent, reply_lines(exchange.reply) if exchange.reply is not None else ()


def _same() -> tuple[CauseView, ...]:
    return (CauseView(role=CauseRole.SAME_AS_BEFORE, titles=(say(mark("the same cause")),)),)


def _causes(
    report: Report, verdict: Verdict, certain: Sequence[Cause], possible: Sequence[Cause]
) -> tuple[CauseView, ...]:
    made: list[CauseView] = []
    for number, cause in enumerate(certain):
        # The refusal is explained; that this would explain one too does not make it a cause.
        explained = certain[0].confidence is Confidence.CONFIRMED and cause.confidence is Confidence.SUPPORTED
        if number and explained:
            reasons = tuple(Said(each.text, each.needs) for each in cause.because)
            made.append(CauseView(role=CauseRole.BESIDES, titles=(cause.title,), reasons=reasons))
            continue
        reasons = tuple(Said(each.text, each.needs) for each in cause.because if not _is_told(report, verdict, each))
        role = CauseRole.ALSO if number else CauseRole.MAIN
        made.append(CauseView(role=role, titles=(cause.title,), confidence=cause.confidence, reasons=reasons))
    if possible:
        role = CauseRole.OR if certain else CauseRole.PERHAPS
        titles = tuple(cause.title for cause in possible)
        made.append(CauseView(role=role, titles=titles, confidence=Confidence.POSSIBLE))
    if not verdict.causes and not verdict.restates_outcome:
        made.append(CauseView(role=CauseRole.UNKNOWN, titles=(verdict.summary,)))
    return tuple(made)


def _is_told(report: Report, verdict: Verdict, because: Because) -> bool:
    """Whether the headline says it: the reply's words, or the outcome's where this verdict is the deciding session's."""
    if because.kind is BecauseKind.OUTCOME:
        transcript = decisive(report)
        return transcript is None or report.transcripts.index(transcript) == verdict.transcript
    return because.kind is BecauseKind.REPLY


def _unknown(verdict: Verdict, verbosity: int) -> tuple[Said, ...]:
    """What could not be checked, gathered by why; the reasons stand with the evidence, where that is shown."""
    why: dict[tuple[str, str | None], list[str]] = {}
    for each in verdict.unknown:
        if each.run is None or verbosity < 0:
            why.setdefault((each.reason, each.needs), []).append(each.subject)
    return tuple(Said(f"{', '.join(what)}: {reason}", needs) for (reason, needs), what in why.items())


def _remedies(remedies: Sequence[Remedy], verbosity: int) -> tuple[RemedyRow, ...]:
    shown = remedies if verbosity > 0 else remedies[:MAX_REMEDIES]
    return tuple(
        RemedyRow(actor_in_words(each.actor), Said(each.action, each.needs), each.verify if verbosity > 0 else None)
        for each in shown
    )
