"""Rejections × evidence → verdicts: the explainer proposes causes, evidence sets their confidence and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.catalogue.explainer.explain import Explanation, explain
from smtpprobe.diagnosis import unreached
from smtpprobe.diagnosis.facts.session import is_before_data
from smtpprobe.diagnosis.no_session import no_session
from smtpprobe.diagnosis.rejection import NO_BEARING, Rejection
from smtpprobe.diagnosis.verdict import verdict_on
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.report import CheckRun, Verdict
from smtpprobe.model.request import Envelope
from smtpprobe.model.transcript import ASKED, Exchange, Outcome, OutcomeFault, Phase, Status, Transcript

_REFUSING = (Phase.GREETING, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
_OF_DNS = frozenset(
    {
        "ip-blocklisted", "domain-blocklisted", "email-auth-failed", "reverse-dns", "helo-rejected",
        "sender-domain-invalid", "domain-undeliverable",
    }
)  # fmt: skip


def diagnose(
    transcripts: Sequence[Transcript],
    runs: Sequence[CheckRun],
    envelope: Envelope,
    outcome: Outcome,
    *,
    lookups: Sequence[DnsLookup] = (),
    host: str = "",
    bearing: Mapping[str, Bearing] = NO_BEARING,
    login: LoginRecord | None = None,
) -> tuple[Verdict, ...]:
    """One verdict per rejection, the deciding one first; and one for a session that did not come about.

    `host` is the target's, for one that leads to no address. `bearing` says of checks by name on
    which refusals they could bear. `login` is who was to log in, and what is told of the secret; None where nobody was.
    """
    verdicts: list[Verdict] = []
    for index, transcript in enumerate(transcripts):
        own = tuple((number, run) for number, run in enumerate(runs) if run.transcript in (index, None))
        for exchange in _rejections(transcript):
            used = envelope.as_used(transcript.identity.helo if transcript.identity is not None else None)
            rejection = _rejection(transcript, exchange, own, used, bearing)
            rejection = msgspec.structs.replace(rejection, login=login, lookups=lookups)
            verdicts.append(verdict_on(rejection, index))
        ending = transcript.outcome
        if ending is not None and ending.status is Status.NO_SESSION and not transcript.is_unconnected:
            verdicts.append(no_session(index, transcript, ending, login=login))
    if outcome.phase is Phase.CONNECT:
        # An address that gave no connection explains nothing where another one did.
        verdicts += unreached.unconnected(transcripts, host, lookups)
    if not transcripts and outcome.status is Status.NO_SESSION:
        verdicts.append(unreached.nowhere(outcome, host, lookups))
    return tuple(verdicts)


def _rejections(transcript: Transcript) -> list[Exchange]:
    """The refused exchanges, the one that decided first. An EHLO that HELO rescued is none, nor a login cancelled here."""
    outcome = transcript.outcome
    refused = [x for x in transcript.negative if x.phase in _REFUSING and not x.cancels_login]
    rescued = {
        x.index - 1 for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply and not x.reply.is_negative
    }
    refused = [x for x in refused if not (x.phase is Phase.EHLO and x.index in rescued)]
    # Where neither EHLO nor HELO is known, one refusal is explained, the last.
    unknown = [x.index for x in refused if x.phase is Phase.EHLO and x.reply and x.reply.code in (500, 502)]
    refused = [x for x in refused if x.index not in unknown[:-1]]
    if outcome is None or outcome.phase is None:
        return refused
    if outcome.fault is OutcomeFault.OTHER_PROTOCOL:
        return []
    if outcome.status is Status.DEFERRED and outcome.phase in (Phase.STARTTLS, *ASKED):
        refused += [x for x in transcript.negative if x.phase is outcome.phase]
    return sorted(
        refused, key=lambda x: not (x.phase is outcome.phase and x.reply and x.reply.code == outcome.reply_code)
    )


def _rejection(
    transcript: Transcript,
    exchange: Exchange,
    runs: tuple[tuple[int, CheckRun], ...],
    envelope: Envelope,
    bearing: Mapping[str, Bearing],
) -> Rejection:
    assert exchange.reply is not None
    text = exchange.reply.raw.decode("utf-8", "replace")
    # Where the lines carry different codes, the last one decides, as it does for the session.
    provider, code = transcript.server.provider, exchange.reply.code
    explanation = explain(text, phase=exchange.phase, provider=provider, code=code)
    forward = next((r.forward_path for r in transcript.recipients if r.exchange == exchange.index), None)
    if forward is None and envelope.forward_paths:
        forward = envelope.forward_paths[0].value
    return Rejection(
        transcript=transcript,
        exchange=exchange,
        reply=exchange.reply,
        explanation=_about_the_sender(_about_credentials(explanation), exchange.phase),
        runs=runs,
        reverse_path=envelope.reverse_path.value if envelope.reverse_path else None,
        forward_path=forward,
        helo=envelope.helo.value,
        helo_assumed=envelope.helo.assumed,
        bearing=bearing,
    )


def _about_credentials(explanation: Explanation) -> Explanation:
    """The explanation; a 535 that names neither an address nor a list without the causes that DNS speaks to."""
    # RFC 4954 §6: 535 is about credentials.
    if explanation.code != 535 or explanation.captures.ip or explanation.captures.list:
        return explanation
    proposed = (explanation.cause, *explanation.alternatives)
    first, *others = [each for each in proposed if each not in _OF_DNS] or ["auth-failed"]
    return msgspec.structs.replace(
        explanation,
        cause=first,
        stated_by_reply=explanation.stated_by_reply and first == explanation.cause,
        alternatives=tuple(others),
    )


def _about_the_sender(explanation: Explanation, phase: Phase) -> Explanation:
    """The explanation; where nothing of a message was sent, "spam" is a word about who sends."""
    if explanation.cause != "spam-content" or not is_before_data(phase):
        return explanation
    others = tuple(each for each in explanation.alternatives if each != "poor-reputation")
    return msgspec.structs.replace(explanation, cause="poor-reputation", alternatives=others)
