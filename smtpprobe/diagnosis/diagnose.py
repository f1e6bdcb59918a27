"""Rejections × evidence → verdicts: the explainer proposes causes, evidence sets their confidence and order."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.catalogue.explainer.explain import Explanation, causes, explain, remedies, retry_of
from smtpprobe.diagnosis.assess import ASSESSORS
from smtpprobe.diagnosis.cleared import cleared, unknown
from smtpprobe.diagnosis.infer import infer_causes
from smtpprobe.diagnosis.rejection import Assessment, Rejection
from smtpprobe.diagnosis.remedies import for_the_postmaster, known_values
from smtpprobe.diagnosis.stages import decided_earlier
from smtpprobe.model import names
from smtpprobe.model.lookup import DnsLookup
from smtpprobe.model.quoting import cut
from smtpprobe.model.report import Because, BecauseKind, Cause, CheckRun, Confidence, Remedy, Verdict
from smtpprobe.model.request import Envelope
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, Phase, Status, Transcript

_REFUSING = (Phase.GREETING, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
_UNSPECIFIC = ("policy-rejected", "unknown")
_HELO = "helo-rejected"
_OF_DNS = frozenset(
    {
        "ip-blocklisted", "domain-blocklisted", "email-auth-failed", "reverse-dns", "helo-rejected",
        "sender-domain-invalid", "domain-undeliverable",
    }
)  # fmt: skip
_NOT_THEIRS = (Breakage.LOCAL, Breakage.DEADLINE, Breakage.UNKNOWN)  # a handshake that broke off for our reasons
MAX_POSSIBLE = 3


def diagnose(
    transcripts: Sequence[Transcript],
    runs: Sequence[CheckRun],
    envelope: Envelope,
    outcome: Outcome,
    lookups: Sequence[DnsLookup] = (),
    host: str = "",
    explaining: frozenset[str] | None = None,
) -> tuple[Verdict, ...]:
    """One verdict per rejection, the deciding one first; and one for a session that did not come about.

    `host` is the target's, for one that leads to no address. `explaining` names the checks that can show why something
    is refused, None for all.
    """
    verdicts: list[Verdict] = []
    for index, transcript in enumerate(transcripts):
        own = tuple((number, run) for number, run in enumerate(runs) if run.transcript in (index, None))
        for exchange in _rejections(transcript):
            verdicts.append(_verdict(index, _rejection(transcript, exchange, own, envelope, explaining)))
        ending = transcript.outcome
        if ending is not None and ending.status is Status.NO_SESSION:
            verdicts.append(_no_session(index, transcript, ending))
    if not transcripts and outcome.status is Status.NO_SESSION:
        verdicts.append(_nowhere(outcome, envelope, host, answered=not any(each.failed for each in lookups)))
    return tuple(verdicts)


def _rejections(transcript: Transcript) -> list[Exchange]:
    """The refused exchanges, the one that decided first. An EHLO that HELO rescued is none, nor a login cancelled here."""
    outcome = transcript.outcome
    refused = [x for x in transcript.negative if x.phase in _REFUSING and not x.cancels_login]
    rescued = {
        x.index - 1 for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply and not x.reply.is_negative
    }
    refused = [x for x in refused if not (x.phase is Phase.EHLO and x.index in rescued)]
    if outcome is None or outcome.phase is None:
        return refused
    if outcome.status is Status.DEFERRED and outcome.phase is Phase.STARTTLS:
        refused += [x for x in transcript.negative if x.phase is Phase.STARTTLS]
    return sorted(
        refused, key=lambda x: not (x.phase is outcome.phase and x.reply and x.reply.code == outcome.reply_code)
    )


def _rejection(
    transcript: Transcript,
    exchange: Exchange,
    runs: tuple[tuple[int, CheckRun], ...],
    envelope: Envelope,
    explaining: frozenset[str] | None,
) -> Rejection:
    assert exchange.reply is not None
    text = exchange.reply.raw.decode("utf-8", "replace")
    said = _about_credentials(explain(text, phase=exchange.phase, provider=transcript.server.provider))
    forward = next((r.forward_path for r in transcript.recipients if r.exchange == exchange.index), None)
    if forward is None and envelope.forward_paths:
        forward = envelope.forward_paths[0].value
    return Rejection(
        transcript=transcript,
        exchange=exchange,
        said=said,
        runs=runs,
        reverse_path=envelope.reverse_path.value if envelope.reverse_path else None,
        forward_path=forward,
        helo=envelope.helo.value,
        helo_assumed=envelope.helo.assumed,
        explaining=explaining,
    )


def _about_credentials(said: Explanation) -> Explanation:
    """The explanation; a 535 that names neither an address nor a list without the causes that DNS speaks to."""
    # RFC 4954 §6: 535 is about credentials.
    if said.code != 535 or said.captures.ip or said.captures.list:
        return said
    first, *others = [each for each in (said.cause, *said.alternatives) if each not in _OF_DNS] or ["auth-failed"]
    return msgspec.structs.replace(
        said, cause=first, said=said.said and first == said.cause, alternatives=tuple(others)
    )


def _verdict(index: int, rejection: Rejection) -> Verdict:
    said = rejection.said
    shown = infer_causes(rejection)
    found: list[Cause] = []
    # What evidence explains is more than what is only usual for such a code.
    if said.cause != "unknown" and (said.said or all(cause != said.cause for cause, _, _ in shown)):
        found.append(_main_cause(rejection))
    for cause, words, run in shown:
        if all(each.id != cause for each in found):
            found.append(
                _cause(rejection, cause, Assessment(confidence=Confidence.SUPPORTED, because=(words,), checks=(run,)))
            )
    specific = said.said and said.cause not in _UNSPECIFIC
    alternatives = [cause for cause in said.alternatives if all(each.id != cause for each in found)]
    alternatives = [cause for cause in alternatives if not _is_ruled_out(rejection, cause)]
    if not specific:
        possible = _usual(rejection)
        found += [_cause(rejection, cause, possible) for cause in alternatives[:MAX_POSSIBLE]]
    found = _with_assumed_helo(rejection, _ordered(found), specific=specific)
    return Verdict(
        transcript=index,
        exchange=rejection.exchange.index,
        summary=_summary(rejection, found),
        causes=tuple(found),
        cleared=cleared(rejection, found),
        unknown=unknown(rejection),
    )


def _is_ruled_out(rejection: Rejection, cause: str) -> bool:
    """Whether evidence speaks against a cause that nobody has stated."""
    assess = ASSESSORS.get(cause)
    return assess is not None and assess(rejection).confidence is Confidence.CONTRADICTED


def _main_cause(rejection: Rejection) -> Cause:
    """The reply's own cause, weighed; what is only usual for such a code stays possible, unless evidence reproduces it."""
    said = rejection.said
    assess = ASSESSORS.get(said.cause)
    assessment = assess(rejection) if assess else Assessment(confidence=Confidence.STATED)
    if not said.said:
        if assessment.confidence is Confidence.CONFIRMED:
            assessment = Assessment(
                confidence=Confidence.SUPPORTED, because=assessment.because, checks=assessment.checks
            )
        else:
            shown = Assessment(confidence=Confidence.POSSIBLE, because=assessment.because, checks=assessment.checks)
            assessment = shown if shown.because else _usual(rejection)
    return _cause(rejection, said.cause, assessment)


def _ordered(found: list[Cause]) -> list[Cause]:
    """The reply's own words first, unless they are unspecific and evidence says more; then by confidence."""
    rank = {
        Confidence.CONFIRMED: 0,
        Confidence.STATED: 1,
        Confidence.CONTRADICTED: 1,
        Confidence.SUPPORTED: 2,
        Confidence.POSSIBLE: 4,
    }

    def key(cause: Cause) -> int:
        if cause.id in _UNSPECIFIC and cause.confidence is Confidence.STATED:
            return 3
        return rank[cause.confidence]

    return sorted(found, key=key)


def _with_assumed_helo(rejection: Rejection, found: list[Cause], *, specific: bool) -> list[Cause]:
    """The causes with the HELO name first where it was ours, not the user's, and the reply to it names no other fault."""
    if not rejection.helo_assumed:
        return found
    text = f"the HELO name {rejection.helo} was assumed"
    assumption = Because(kind=BecauseKind.ASSUMPTION, text=text, needs="helo")
    named = next((each for each in found if each.id == _HELO), None)
    if named is None and (specific or rejection.exchange.phase is not Phase.EHLO):
        return found
    first = named or _cause(rejection, _HELO, Assessment(confidence=Confidence.POSSIBLE))
    first = msgspec.structs.replace(first, because=(*first.because, assumption))
    others = [each for each in found if each.id != _HELO]
    if rejection.exchange.phase is Phase.EHLO and not specific:
        return [first, *others]
    return [first if each.id == _HELO else each for each in found]


def _cause(rejection: Rejection, cause: str, assessment: Assessment) -> Cause:
    entry = causes().get(cause, {})
    because = [Because(kind=assessment.kind, text=text, refs=assessment.checks) for text in assessment.because]
    if assessment.confidence in (Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED):
        said = Because(
            kind=BecauseKind.REPLY,
            text=f"the reply says so: {_quoted(rejection)}",
            refs=(rejection.exchange.index,),
        )
        because.insert(0, said)
    if cause == rejection.said.cause and (earlier := decided_earlier(rejection)):
        because.append(Because(kind=BecauseKind.STAGE, text=earlier))
    filled = tuple(
        Remedy(row["actor"] or "you", row["action"] or "", row["verify"])
        for row in remedies(cause, known_values(rejection))
    )
    retry = retry_of(entry, rejection.exchange.reply.code if rejection.exchange.reply else None)
    if assessment.recipient_side:
        # Nothing that the sender could mend is at fault: the usual remedies would only send people the wrong way.
        filled, retry = for_the_postmaster(rejection, assessment), None
    return Cause(
        id=cause,
        title=entry.get("title", cause),
        confidence=assessment.confidence,
        because=tuple(because),
        remedies=filled,
        retry=retry,
        checks=assessment.checks,
    )


def _quoted(rejection: Rejection) -> str:
    reply = rejection.exchange.reply
    assert reply is not None
    text = reply.text
    return f"{reply.code} {cut(text, 200)}".strip()


def _usual(rejection: Rejection) -> Assessment:
    """The assessment of a cause that only the catalogue lists for such a reply."""
    reply = rejection.exchange.reply
    assert reply is not None
    text = f"usual for {reply.code} at {rejection.exchange.phase.upper()}; nothing here shows it"
    return Assessment(confidence=Confidence.POSSIBLE, because=(text,), kind=BecauseKind.CATALOGUE)


def _summary(rejection: Rejection, found: list[Cause]) -> str:
    reply = rejection.exchange.reply
    assert reply is not None
    if not found:
        return f"refused with {reply.code} at {rejection.exchange.phase.upper()}; the reply gives no reason that is known here"
    best = found[0]
    evidence = [each.text for each in best.because if each.kind is not BecauseKind.REPLY]
    if best.confidence in (Confidence.CONFIRMED, Confidence.SUPPORTED, Confidence.CONTRADICTED) and evidence:
        return evidence[0]
    return best.title


def _no_session(index: int, transcript: Transcript, outcome: Outcome) -> Verdict:
    """What kept the session from coming about. TLS is a cause that the transcript itself proves."""
    last = transcript.exchanges[-1] if transcript.exchanges else None
    reason = outcome.reason or "no session"
    if outcome.phase not in (Phase.TLS, Phase.STARTTLS) or (last is not None and last.breakage in _NOT_THEIRS):
        return Verdict(transcript=index, exchange=last.index if last else None, summary=reason, causes=())
    rows = remedies("tls-failed", _tls_state(transcript, outcome))
    cause = _proved("tls-failed", reason, rows, outcome.reply_code)
    return Verdict(transcript=index, exchange=last.index if last else None, summary=reason, causes=(cause,))


def _tls_state(transcript: Transcript, outcome: Outcome) -> dict[str, str | None]:
    last = transcript.exchanges[-1] if transcript.exchanges else None
    fault = last.tls_fault if last is not None else None
    name = (
        last.tls.name if last is not None and last.tls is not None else transcript.host or "the name that clients use"
    )
    return {
        "unverified": "yes" if fault is not None and fault.is_of_certificate else None,
        "tls_name": name,
        "not_offered": "yes" if outcome.phase is Phase.STARTTLS and outcome.reply_code is None else None,
    }


def _proved(cause: str, reason: str, rows: tuple[dict[str, str | None], ...], code: int | None = None) -> Cause:
    entry = causes().get(cause, {})
    filled = tuple(Remedy(row["actor"] or "you", row["action"] or "", row["verify"]) for row in rows)
    return Cause(
        id=cause,
        title=entry.get("title", reason),
        confidence=Confidence.CONFIRMED,
        because=(Because(kind=BecauseKind.OUTCOME, text=reason),),
        remedies=filled,
        retry=retry_of(entry, code),
    )


def _nowhere(outcome: Outcome, envelope: Envelope, host: str, *, answered: bool) -> Verdict:
    """What is wrong with a target without an address; nothing is proved where a question got no answer."""
    reason = outcome.reason or "the name leads nowhere"
    if not answered:
        return Verdict(transcript=0, exchange=None, summary=reason, causes=())
    forward = envelope.forward_paths[0].value if envelope.forward_paths else None
    domain = names.domain_of(forward or "") or host
    rows = remedies("domain-undeliverable", {"forward_path": forward, "address": forward, "domain": domain})
    return Verdict(transcript=0, exchange=None, summary=reason, causes=(_proved("domain-undeliverable", reason, rows),))
