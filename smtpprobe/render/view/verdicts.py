"""Each rejection explained: which cause is the main one, what stands beside it, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.model.evidence import DnsblEvidence
from smtpprobe.model.evidence.inconclusive import is_inconclusive
from smtpprobe.model.remedy import Remedy
from smtpprobe.model.report import Because, BecauseKind, Cause, CheckRun, Confidence, Report, Verdict
from smtpprobe.model.texts.actors import actor_in_words
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import TlsFault
from smtpprobe.render.view.certificates import certificate_lines
from smtpprobe.render.view.headline import deciding_exchange, decisive, reply_lines
from smtpprobe.render.view.sections import RemedyRow, Said, VerdictView

MAX_REMEDIES = 2
MAX_OTHERS = 3
MAX_REASONS = 1  # of evidence beyond the sentence that says why

_SURENESS = {
    Confidence.CONFIRMED: mark("the server says so; checked here: true"),
    Confidence.STATED: mark("the server says so; it could not be checked here"),
    Confidence.SUPPORTED: mark("found here; the server does not say so"),
    Confidence.POSSIBLE: mark("a guess: nothing that was checked speaks for it"),
    Confidence.CONTRADICTED: mark("the server says so; checked here: not true"),
}
# Beside the reply's own words.
_IN_BRIEF = {
    Confidence.CONFIRMED: mark("checked here: true"),
    Confidence.STATED: mark("unchecked"),
    Confidence.SUPPORTED: mark("found here"),
    Confidence.POSSIBLE: mark("a guess"),
    Confidence.CONTRADICTED: mark("checked here: not true"),
}
# Where evidence settles it, nothing else that could not be checked matters.
_LEAVE_OPEN = (Confidence.STATED, Confidence.POSSIBLE, Confidence.UNKNOWN)
_OF_THE_NAME = frozenset((TlsFault.NAME, TlsFault.ADDRESS_AS_NAME))
_SEEN = mark("seen in this session")
_UNSETTLED = mark("the server says so; the checks leave it open")


def verdicts(report: Report, verbosity: int) -> tuple[VerdictView, ...]:
    """The report's verdicts, those on the session that decided the run first."""
    return tuple(_verdict(report, each, number, verbosity) for number, each in enumerate(in_order(report)))


def in_order(report: Report) -> list[Verdict]:
    """The verdicts, those on the session that decided the run before those on addresses that were tried in vain."""
    transcript = decisive(report)
    place = report.transcripts.index(transcript) if transcript is not None else 0
    return sorted(report.verdicts, key=lambda each: each.transcript != place)


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


def causes_of_recipients(report: Report) -> tuple[str, ...]:
    """The ids of the best causes of all recipients' refusals, guesses left out; empty with fewer than two recipients."""
    transcript = decisive(report)
    if transcript is None or len(transcript.recipients) < 2:
        return ()
    place, exchanges = report.transcripts.index(transcript), {each.exchange for each in transcript.recipients}
    verdicts = (each for each in report.verdicts if each.transcript == place and each.exchange in exchanges)
    causes = (next(iter(each.causes), None) for each in verdicts)
    return tuple(dict.fromkeys(each.id for each in causes if each and each.confidence is not Confidence.POSSIBLE))


def _verdict(report: Report, verdict: Verdict, number: int, verbosity: int) -> VerdictView:
    command, reply = _refused_command(report, verdict) if len(report.verdicts) > 1 else (None, ())
    cause = next(iter(verdict.causes), None)
    guessed = cause is None or cause.confidence is Confidence.POSSIBLE
    told = [] if cause is None or guessed else [each for each in cause.because if not _is_told(report, verdict, each)]
    why, reasons = _why(verdict, cause if not guessed else None, told)
    if verbosity <= 0:
        # The statement of a case has what the evidence says.
        most = 0 if cause is not None and cause.statement is not None else MAX_REASONS
        reasons = (*reasons[:most], *_certificate(report, verdict))
    remedies = cause.remedies if cause is not None else ()
    shown = _remedies(remedies, verbosity)
    return VerdictView(
        command=command,
        recipient=_recipient(report, verdict),
        reply=reply if number else (),  # the first one's words stand in the headline
        why=why,
        tag=cause.id if cause is not None and not guessed else None,
        sureness=_sureness(report, cause) if cause is not None and not guessed else None,
        confidence=cause.confidence if cause is not None else None,
        reasons=reasons,
        others=tuple(_shown(each) for each in instead(verdict.causes, verbosity)),
        remedies=shown,
        more_remedies=len(remedies) - len(shown),
        retry=cause.retry if cause is not None else None,
        unknown=_unknown(verdict) if cause is None or cause.confidence in _LEAVE_OPEN else (),
    )


def _recipient(report: Report, verdict: Verdict) -> str | None:
    if verdict.exchange is None or verdict.transcript >= len(report.transcripts):
        return None
    recipients = report.transcripts[verdict.transcript].recipients
    return next((each.forward_path for each in recipients if each.exchange == verdict.exchange), None)


def _refused_command(report: Report, verdict: Verdict) -> tuple[str | None, tuple[str, ...]]:
    """What was sent, and the reply to it."""
    if verdict.exchange is None or verdict.transcript >= len(report.transcripts):
        return None, ()
    exchange = report.transcripts[verdict.transcript].exchanges[verdict.exchange]
    return exchange.sent, reply_lines(exchange.reply) if exchange.reply is not None else ()


def _why(verdict: Verdict, cause: Cause | None, told: Sequence[Because]) -> tuple[str, tuple[Said, ...]]:
    """The sentence that says why, and what the evidence says beyond it."""
    if cause is None and verdict.causes:
        titles = "; ".join(_listed(each.title) for each in verdict.causes if each.confidence is Confidence.POSSIBLE)
        return say("The server does not say. Possible: {titles}", titles=titles), ()
    if cause is None:
        return "" if verdict.restates_outcome else verdict.summary, ()
    first, rest = _statement(cause, told)
    return first, tuple(Said(each.text, each.needs) for each in rest)


def _statement(cause: Cause, told: Sequence[Because]) -> tuple[str, Sequence[Because]]:
    if cause.statement is not None:
        return cause.statement, [each for each in told if each.text not in cause.statement]
    evidence = next((each for each in told if each.kind is BecauseKind.EVIDENCE and each.needs is None), None)
    if evidence is None or cause.confidence is Confidence.CONTRADICTED:
        return cause.title, told
    return evidence.text, [each for each in told if each is not evidence]


def _certificate(report: Report, verdict: Verdict) -> tuple[Said, ...]:
    """The certificate that a session ended with; transcripts have the whole chain."""
    if verdict.exchange is None or verdict.transcript >= len(report.transcripts):
        return ()
    transcript = report.transcripts[verdict.transcript]
    tls = transcript.exchanges[verdict.exchange].tls
    if tls is None:
        return ()
    shown = tuple(Said(each) for each in certificate_lines(tls, transcript.started_at, 0))
    wanted = report.request.tls.name
    if wanted is None or not _OF_THE_NAME & {*tls.faults}:
        return shown
    return (*shown, Said(say("you asked for {name}", name=wanted), "tls.name"))


def _sureness(report: Report, cause: Cause) -> str:
    if any(each.kind is BecauseKind.OUTCOME for each in cause.because):
        return say(_SEEN)
    if cause.confidence is Confidence.STATED and any(_tells(report.checks[each]) for each in cause.checks):
        return say(_UNSETTLED)
    return say(_SURENESS.get(cause.confidence, cause.confidence))


def in_brief(confidence: Confidence) -> str:
    """How sure a cause is, where the words of the reply stand before it."""
    return say(_IN_BRIEF.get(confidence, confidence))


def _tells(run: CheckRun) -> bool:
    """Whether the check had an answer; of lists the one in question may have given none, which its statement says."""
    evidence = run.evidence
    return evidence is not None and not isinstance(evidence, DnsblEvidence) and not is_inconclusive(evidence)


def instead(causes: Sequence[Cause], verbosity: int) -> tuple[Cause, ...]:
    """What it may be instead; evidence for something else that a confirmed cause leaves no room for is told elsewhere."""
    if not causes or causes[0].confidence in (Confidence.POSSIBLE, Confidence.CONFIRMED):
        return ()
    return tuple(causes[1 : None if verbosity > 0 else 1 + MAX_OTHERS])


def _shown(cause: Cause) -> str:
    """A cause beside the first: what evidence shows, else its title."""
    return cause.statement if cause.confidence is Confidence.SUPPORTED and cause.statement else _listed(cause.title)


def _listed(title: str) -> str:
    """A title within a sentence: small as its first word is, unless that is an abbreviation."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def explains_outcome(report: Report) -> bool:
    """Whether the first verdict says why no session came about, so that the headline need not."""
    first = next(iter(in_order(report)), None)
    return first is not None and first.restates_outcome and bool(first.causes)


def _is_told(report: Report, verdict: Verdict, because: Because) -> bool:
    """Whether the headline says it: the reply's words, or the outcome's where this verdict is the deciding session's."""
    if because.kind is BecauseKind.OUTCOME:
        transcript = decisive(report)
        return transcript is None or report.transcripts.index(transcript) == verdict.transcript
    # At which stage it was answered is for whoever wants every detail.
    return because.kind in (BecauseKind.REPLY, BecauseKind.STAGE)


def _unknown(verdict: Verdict) -> tuple[Said, ...]:
    """What could not be checked and could bear on it, gathered by why."""
    why: dict[tuple[str, str | None], list[str]] = {}
    for each in verdict.unknown:
        if each.run is None or each.run in verdict.relevant:
            why.setdefault((each.reason, each.needs), []).append(each.subject)
    return tuple(Said(f"{', '.join(what)}: {reason}", needs) for (reason, needs), what in why.items())


def _remedies(remedies: Sequence[Remedy], verbosity: int) -> tuple[RemedyRow, ...]:
    shown = remedies if verbosity > 0 else remedies[:MAX_REMEDIES]
    return tuple(
        RemedyRow(
            actor=actor_in_words(each.actor),
            action=Said(each.action, each.needs),
            paste=each.paste,
            verify=each.verify if verbosity > 0 else None,
        )
        for each in shown
    )
