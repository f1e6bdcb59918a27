"""Rejections × evidence → verdicts: the explainer proposes causes, evidence sets their confidence and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from smtpprobe.catalogue.causes import Bearing, remedies
from smtpprobe.catalogue.explainer.explain import Explanation, explain
from smtpprobe.diagnosis.cause import proved_cause
from smtpprobe.diagnosis.rejection import NO_BEARING, Rejection
from smtpprobe.diagnosis.verdict import verdict_on
from smtpprobe.model import names
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.report import Cause, CheckRun, Verdict
from smtpprobe.model.request import Envelope
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, OutcomeFault, Phase, Status, TlsFault, Transcript

_REFUSING = (Phase.GREETING, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.MESSAGE)
_OF_DNS = frozenset(
    {
        "ip-blocklisted", "domain-blocklisted", "email-auth-failed", "reverse-dns", "helo-rejected",
        "sender-domain-invalid", "domain-undeliverable",
    }
)  # fmt: skip
_UNANCHORED = (TlsFault.UNTRUSTED_ISSUER, TlsFault.SELF_SIGNED, TlsFault.INTERMEDIATE_MISSING)
# Faults that have remedies of their own.
_REMEDIED = frozenset(
    {
        *_UNANCHORED, TlsFault.NAME, TlsFault.ADDRESS_AS_NAME, TlsFault.EXPIRED, TlsFault.NOT_YET_VALID, TlsFault.PURPOSE,
        TlsFault.KEY_TOO_SMALL, TlsFault.SIGNATURE_TOO_WEAK, TlsFault.DH_TOO_SMALL, TlsFault.OLD_RENEGOTIATION,
        TlsFault.PROTOCOL, TlsFault.CLIENT_CERTIFICATE_WANTED, TlsFault.CLIENT_CERTIFICATE_REFUSED,
    }
)  # fmt: skip
_NOT_THEIRS = (Breakage.LOCAL, Breakage.DEADLINE, Breakage.UNKNOWN)  # a handshake that broke off for our reasons


def diagnose(
    transcripts: Sequence[Transcript],
    runs: Sequence[CheckRun],
    envelope: Envelope,
    outcome: Outcome,
    *,
    lookups: Sequence[DnsLookup] = (),
    host: str = "",
    bearing: Mapping[str, Bearing] = NO_BEARING,
) -> tuple[Verdict, ...]:
    """One verdict per rejection, the deciding one first; and one for a session that did not come about.

    `host` is the target's, for one that leads to no address. `bearing` says of checks by name on
    which refusals they could bear.
    """
    verdicts: list[Verdict] = []
    for index, transcript in enumerate(transcripts):
        own = tuple((number, run) for number, run in enumerate(runs) if run.transcript in (index, None))
        for exchange in _rejections(transcript):
            verdicts.append(verdict_on(_rejection(transcript, exchange, own, envelope, bearing), index))
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
        explanation=_about_credentials(explanation),
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


def _no_session(index: int, transcript: Transcript, outcome: Outcome) -> Verdict:
    """What kept the session from coming about. TLS is a cause that the transcript itself proves."""
    last = _decisive(transcript, outcome)
    reason = outcome.reason or "no session"
    causes: tuple[Cause, ...] = ()
    of_tls = outcome.phase in (Phase.TLS, Phase.STARTTLS) or outcome.fault is OutcomeFault.OTHER_HOST
    if of_tls and not (last is not None and last.breakage in _NOT_THEIRS):
        found = remedies("tls-failed", _tls_state(last, transcript, outcome))
        causes = (proved_cause("tls-failed", reason, found, outcome.reply_code),)
    exchange = last.index if last else None
    return Verdict(transcript=index, exchange=exchange, summary=reason, causes=causes, restates_outcome=True)


def _decisive(transcript: Transcript, outcome: Outcome) -> Exchange | None:
    """The exchange that ended the session: the last one where it broke off, else the handshake, before a polite QUIT."""
    last = transcript.exchanges[-1] if transcript.exchanges else None
    of_handshake = outcome.phase is Phase.TLS or outcome.fault is OutcomeFault.OTHER_HOST
    if last is not None and last.phase is Phase.QUIT and of_handshake:
        return next((each for each in reversed(transcript.exchanges) if each.phase is Phase.TLS), last)
    return last


def _tls_state(last: Exchange | None, transcript: Transcript, outcome: Outcome) -> dict[str, str | None]:
    """What remedies may depend on: each fault by its word, and what the certificate says of itself."""
    tls = last.tls if last is not None else None
    faults = tls.faults if tls is not None and tls.faults else ()
    if not faults and last is not None and last.tls_fault is not None:
        faults = (last.tls_fault,)
    chain = tls.chain if tls is not None else ()
    hosts = [each for each in chain[0].names if not names.is_ip_address(each)] if chain else []
    carried, patterns = ([each for each in hosts if each.startswith("*") is wild] for wild in (False, True))
    known: dict[str, str | None] = {f"tls_{fault.replace('-', '_')}": "yes" for fault in faults if fault in _REMEDIED}
    # "name" is a fault and, with nothing before it, what the certificate must carry.
    known["tls_name_wrong"] = known.pop("tls_name", None)
    if chain and TlsFault.EXPIRED in faults and chain[0].not_after >= transcript.started_at:
        known["tls_issuer_expired"] = known.pop("tls_expired", None)
    of_certificate = any(fault.is_of_certificate for fault in faults)
    return known | {
        "tls_named": "yes" if any(known.values()) or of_certificate else None,
        "tls_unanchored": "yes" if any(fault in _UNANCHORED for fault in faults) else None,
        "tls_invalid": "yes" if of_certificate and not any(known.values()) else None,
        "tls_name": tls.name if tls is not None else transcript.host or "the name that clients use",
        "tls_other_name": "yes" if {TlsFault.NAME, TlsFault.ADDRESS_AS_NAME} & {*faults} else None,
        "tls_carried": carried[0] if carried else None,
        "tls_pattern": patterns[0] if patterns and not carried else None,
        "tls_issuer": tls.line[-1].issuer if tls is not None and tls.chain else None,
        "tls_other_host": "yes" if outcome.fault is OutcomeFault.OTHER_HOST else None,
        "not_offered": "yes" if outcome.phase is Phase.STARTTLS and outcome.reply_code is None else None,
    }


def _nowhere(outcome: Outcome, envelope: Envelope, host: str, *, answered: bool) -> Verdict:
    """What is wrong with a target without an address; nothing is proved where a question got no answer."""
    reason = outcome.reason or "the name leads nowhere"
    causes: tuple[Cause, ...] = ()
    if answered:
        forward = envelope.forward_paths[0].value if envelope.forward_paths else None
        domain = names.domain_of(forward or "") or host
        found = remedies("domain-undeliverable", {"domain": domain})
        causes = (proved_cause("domain-undeliverable", reason, found),)
    return Verdict(transcript=0, exchange=None, summary=reason, causes=causes, restates_outcome=True)
