"""Rejections × evidence → verdicts: the explainer proposes causes, evidence sets their confidence and order."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.catalogue.explain import causes, explain, remedies
from smtpprobe.diagnosis.cleared import cleared, unknown
from smtpprobe.diagnosis.rules import WEIGH, Scene, Weight
from smtpprobe.diagnosis.supported import supported
from smtpprobe.model import names
from smtpprobe.model.evidence import AuthResult, SpfEvidence
from smtpprobe.model.report import Cause, CheckRun, Confidence, Remedy, Verdict
from smtpprobe.model.request import Envelope
from smtpprobe.model.transcript import Exchange, Outcome, Phase, Status, Transcript

_REFUSING = (Phase.GREETING, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
_UNSPECIFIC = ("policy-rejected", "unknown")
MAX_POSSIBLE = 3


def diagnose(
    transcripts: Sequence[Transcript], runs: Sequence[CheckRun], envelope: Envelope, outcome: Outcome
) -> tuple[Verdict, ...]:
    """One verdict per rejection, the deciding one first; and one for a session that did not come about."""
    verdicts: list[Verdict] = []
    for index, transcript in enumerate(transcripts):
        own = tuple((number, run) for number, run in enumerate(runs) if run.transcript in (index, None))
        for exchange in _rejections(transcript):
            verdicts.append(_verdict(index, _scene(transcript, exchange, own, envelope)))
        ending = transcript.outcome
        if ending is not None and ending.status is Status.NO_SESSION:
            verdicts.append(_no_session(index, transcript, ending))
    if not transcripts and outcome.status is Status.NO_SESSION:
        verdicts.append(_nowhere(outcome, envelope))
    return tuple(verdicts)


def _rejections(transcript: Transcript) -> list[Exchange]:
    """The refused exchanges, the one that decided first. An EHLO that HELO rescued is none."""
    refused = [x for x in transcript.negative if x.phase in _REFUSING]
    greeted = any(x.phase is Phase.EHLO and x.reply and x.reply.digit == 2 for x in transcript.exchanges)
    refused = [x for x in refused if not (x.phase is Phase.EHLO and greeted)]
    outcome = transcript.outcome
    if outcome is None or outcome.phase is None:
        return refused
    return sorted(
        refused, key=lambda x: not (x.phase is outcome.phase and x.reply and x.reply.code == outcome.reply_code)
    )


def _scene(
    transcript: Transcript, exchange: Exchange, runs: tuple[tuple[int, CheckRun], ...], envelope: Envelope
) -> Scene:
    assert exchange.reply is not None
    text = exchange.reply.raw.decode("utf-8", "replace")
    said = explain(text, phase=exchange.phase, provider=transcript.server.provider)
    forward = next((r.forward_path for r in transcript.recipients if r.exchange == exchange.index), None)
    if forward is None and envelope.forward_paths:
        forward = envelope.forward_paths[0].value
    return Scene(
        transcript=transcript,
        exchange=exchange,
        said=said,
        runs=runs,
        reverse_path=envelope.reverse_path.value if envelope.reverse_path else None,
        forward_path=forward,
        helo=envelope.helo.value,
    )


def _verdict(index: int, scene: Scene) -> Verdict:
    said = scene.said
    found: list[Cause] = []
    if said.cause != "unknown":
        found.append(_main_cause(scene))
    for cause, words, run in supported(scene):
        if all(each.id != cause for each in found):
            found.append(_cause(scene, cause, Weight(Confidence.SUPPORTED, (words,), (run,))))
    alternatives = [cause for cause in said.alternatives if all(each.id != cause for each in found)]
    if not (said.said and said.cause not in _UNSPECIFIC):
        possible = Weight(Confidence.POSSIBLE, (_catalogued(scene),))
        found += [_cause(scene, cause, possible) for cause in alternatives[:MAX_POSSIBLE]]
    found = _ordered(found)
    return Verdict(
        index, scene.exchange.index, _summary(scene, found), tuple(found), cleared(scene, found), unknown(scene)
    )


def _main_cause(scene: Scene) -> Cause:
    """The reply's own cause, weighed; what is only usual for such a code stays possible, unless evidence reproduces it."""
    said = scene.said
    weigh = WEIGH.get(said.cause)
    weight = weigh(scene) if weigh else Weight(Confidence.STATED)
    if not said.said:
        if weight.confidence is Confidence.CONFIRMED:
            weight = Weight(Confidence.SUPPORTED, weight.because, weight.checks)
        else:
            weight = Weight(Confidence.POSSIBLE, weight.because or (_catalogued(scene),), weight.checks)
    return _cause(scene, said.cause, weight)


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


def _known(scene: Scene) -> dict[str, str | None]:
    """The values that remedies may name."""
    captured, identity = scene.said.captures, scene.transcript.identity
    ip = captured.ip or (identity.client_ip if identity else None)
    return {
        "ip": ip,
        "list": captured.list,
        "url": captured.url,
        "domain": captured.domain or names.domain_of(scene.reverse_path or ""),
        "helo": scene.helo or None,
        "reverse_path": scene.reverse_path or None,
        "forward_path": scene.forward_path,
        "address": captured.address or scene.forward_path,
        "mechanism": captured.mechanism,
        "wait": _minutes(captured.wait_s),
        "host": scene.transcript.address,
        **_spf_state(scene),
    }


def _spf_state(scene: Scene) -> dict[str, str | None]:
    """Whether SPF passes, and what is wrong with the record where it cannot be evaluated: a pass needs no new address."""
    found = scene.run("spf")
    evidence = found[1].evidence if found else None
    if not isinstance(evidence, SpfEvidence):
        return {}
    identities = (evidence.identities.mailfrom, evidence.identities.helo)
    broken = next((each for each in identities if each.result is AuthResult.PERMERROR), None)
    return {
        "spf_passes": "yes" if evidence.result is AuthResult.PASS else None,
        "spf_problem": broken.problem if broken else None,
    }


def _minutes(wait_s: int | None) -> str | None:
    if not wait_s:
        return None
    return f"{wait_s} seconds" if wait_s < 120 else f"{round(wait_s / 60)} minutes"


def _cause(scene: Scene, cause: str, weight: Weight) -> Cause:
    entry = causes().get(cause, {})
    because = weight.because
    if weight.confidence in (Confidence.CONFIRMED, Confidence.STATED, Confidence.CONTRADICTED):
        because = (f"the reply says so: {_quoted(scene)}", *because)
    filled = tuple(
        Remedy(row["actor"] or "you", row["action"] or "", row["verify"]) for row in remedies(cause, _known(scene))
    )
    if weight.recipient_side:
        filled = (_tell_postmaster(scene), *filled)
    return Cause(
        cause, entry.get("title", cause), weight.confidence, because, filled, entry.get("retry"), weight.checks
    )


def _tell_postmaster(scene: Scene) -> Remedy:
    zone, ip = scene.said.captures.list, scene.said.captures.ip
    action = (
        f"Write to the recipient's postmaster by another way: their server refuses {ip or 'this address'} with reference to "
        f"{zone or 'a list'}, which does not list it; their resolver may be refused by the list, or their cache be stale"
    )
    return Remedy("recipient-postmaster", action, f"smtpprobe dnsbl {ip}" if ip else None)


def _quoted(scene: Scene) -> str:
    reply = scene.exchange.reply
    assert reply is not None
    text = reply.text
    return f"{reply.code} {text if len(text) <= 200 else text[:199] + '…'}".strip()


def _catalogued(scene: Scene) -> str:
    reply = scene.exchange.reply
    assert reply is not None
    return f"usual for {reply.code} at {scene.exchange.phase.upper()}; nothing here shows it"


def _summary(scene: Scene, found: list[Cause]) -> str:
    reply = scene.exchange.reply
    assert reply is not None
    if not found:
        return (
            f"refused with {reply.code} at {scene.exchange.phase.upper()}; the reply gives no reason that is known here"
        )
    best = found[0]
    evidence = [words for words in best.because if not words.startswith("the reply says so")]
    if best.confidence in (Confidence.CONFIRMED, Confidence.SUPPORTED, Confidence.CONTRADICTED) and evidence:
        return evidence[0]
    return best.title


def _no_session(index: int, transcript: Transcript, outcome: Outcome) -> Verdict:
    """What kept the session from coming about. TLS is a cause that the transcript itself proves."""
    last = transcript.exchanges[-1] if transcript.exchanges else None
    reason = outcome.reason or "no session"
    if outcome.phase not in (Phase.TLS, Phase.STARTTLS):
        return Verdict(index, last.index if last else None, reason, ())
    rows = remedies("tls-failed", _tls_state(last, outcome))
    cause = _proved("tls-failed", reason, rows)
    return Verdict(index, last.index if last else None, reason, (cause,))


def _tls_state(last: Exchange | None, outcome: Outcome) -> dict[str, str | None]:
    reason = (outcome.reason or "").lower()
    unverified = ("certificate" in reason and "required" not in reason) or "hostname mismatch" in reason
    name = last.tls.name if last is not None and last.tls is not None else "the name that clients use"
    return {
        "unverified": "yes" if unverified else None,
        "tls_name": name,
        "not_offered": "yes" if outcome.phase is Phase.STARTTLS and outcome.reply_code is None else None,
    }


def _proved(cause: str, reason: str, rows: tuple[dict[str, str | None], ...]) -> Cause:
    entry = causes().get(cause, {})
    filled = tuple(Remedy(row["actor"] or "you", row["action"] or "", row["verify"]) for row in rows)
    return Cause(cause, entry.get("title", reason), Confidence.CONFIRMED, (reason,), filled, entry.get("retry"))


def _nowhere(outcome: Outcome, envelope: Envelope) -> Verdict:
    reason = outcome.reason or "the name leads nowhere"
    forward = envelope.forward_paths[0].value if envelope.forward_paths else None
    rows = remedies("domain-undeliverable", {"forward_path": forward, "address": forward})
    return Verdict(0, None, reason, (_proved("domain-undeliverable", reason, rows),))
