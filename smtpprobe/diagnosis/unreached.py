"""Sessions without a reply that decided them: the name that leads nowhere, the connection that failed or was lost.

What kept them from coming about is proved by the run's own outcome, so that each cause is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.catalogue.causes import remedies
from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.cause import proved_cause
from smtpprobe.diagnosis.facts.target import Target, target
from smtpprobe.diagnosis.statements import sentence
from smtpprobe.model import names, ports
from smtpprobe.model.dns.lookup import DnsLookup
from smtpprobe.model.report import Because, BecauseKind, Cause, Verdict
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, OutcomeFault, Phase, Transcript

_HOST, _DOMAIN, _UNANSWERED = "host-not-found", "domain-undeliverable", "dns-failed"
# A domain that has no mail server, as DNS itself says: as facts of a recipient's domain, by which it is said when to
# try again.
_RECIPIENTS = {
    OutcomeFault.NULL_MX: "recipient_null_mx",
    OutcomeFault.MX_WITHOUT_ADDRESS: "recipient_hosts",
    OutcomeFault.NAME_UNKNOWN: "recipient_missing",
    OutcomeFault.NO_ADDRESS: "recipient_no_mx",
}
_FAILURES = {
    Breakage.REFUSED: "refused",
    Breakage.TIMED_OUT: "timed_out",
    Breakage.UNREACHABLE: "unreachable",
    Breakage.RESET: "reset",
    Breakage.CLOSED_BY_PEER: "reset",
    Breakage.LOCAL: "local",
}
_LOSSES = {
    Breakage.CLOSED_BY_PEER: "closed",
    Breakage.RESET: "reset",
    Breakage.TIMED_OUT: "timed_out",
    Breakage.UNREACHABLE: "reset",
}
_LOST = {
    "closed": (
        mark("The server closed the connection before any greeting"),
        mark("The server closed the connection at {stage}, without a reply"),
    ),
    "reset": (
        mark("The connection was reset before any greeting"),
        mark("The connection was reset at {stage}, by the server or something in between"),
    ),
    "timed_out": (mark("The connection is open, and no greeting came"), mark("No reply to {stage} came in time")),
}
_LOST_CAUSE = {"closed": "connection-lost", "reset": "connection-lost", "timed_out": "reply-timeout"}
_MAY_HAVE_ARRIVED = {
    "closed": mark("The server closed the connection without an answer to the message: it may have been delivered"),
    "reset": mark("The connection was reset before the message was answered: it may have been delivered"),
    "timed_out": mark("No reply to the message came in time: it may have been delivered"),
}
_ENDLESS = mark("The reply to {stage} has no end: more than 1 MiB came")
_AHEAD = mark("No reply to {stage} came in time; what had come before it was sent may have been the reply")
_MADE_UP = mark(
    "{name} does not exist, as far as can be told: {address} is the address of any name that does not exist, for this resolver"
)
STAGES = {Phase.MAIL: "MAIL FROM", Phase.RCPT: "RCPT TO", Phase.MESSAGE: "DATA"}
_USUAL_PORTS = (ports.SMTP, *ports.SUBMISSION_PORTS)
# RFC 8446 §5.1: the types of an alert and of a handshake record, before the version.
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")


def nowhere(outcome: Outcome, host: str, lookups: Sequence[DnsLookup]) -> Verdict:
    """Why the target leads to no address: a fault of the name that was typed, or of the domain that it is."""
    reason = outcome.reason or say("the name leads nowhere")
    fault = outcome.fault or OutcomeFault.NO_ADDRESS
    if fault is OutcomeFault.OTHER_FAMILY:
        # It has addresses; which are called is the caller's word.
        return Verdict(transcript=0, exchange=None, summary=reason, causes=(), restates_outcome=True)
    asked = target(host, lookups)
    known = {fault.value.replace("-", "_"): YES, "host": host, "mx": YES if asked.by_mx else None, **asked.faults}
    advice = remedies(_HOST, known)
    if fault is OutcomeFault.LOOKUP_FAILED:
        # Nobody knows whether the name exists; faults of its other mail hosts, that are known, no other try changes.
        known |= {"host": asked.unanswered}
        advice += remedies(_UNANSWERED, known)
        found = proved_cause(_UNANSWERED, reason, advice, known=known, statement=sentence(reason))
    elif asked.by_mx and fault in _RECIPIENTS:
        of_domain = {"host_alias": asked.alias} if asked.alias else {_RECIPIENTS[fault]: YES}
        found = proved_cause(_DOMAIN, reason, advice, known=of_domain, statement=sentence(reason))
    else:
        found = proved_cause(_HOST, reason, advice, statement=sentence(reason))
    causes = (found,)
    return Verdict(transcript=0, exchange=None, summary=reason, causes=causes, restates_outcome=True)


def unconnected(transcripts: Sequence[Transcript], host: str, lookups: Sequence[DnsLookup]) -> list[Verdict]:
    """Why no connection came about: one verdict for the addresses with which it failed in the same way.

    `host` is the target's, of whose null MX beside others the lookups tell.
    """
    asked = target(host, lookups)
    verdicts: dict[tuple[Breakage | None, OutcomeFault | None], Verdict] = {}
    for index, transcript in enumerate(transcripts):
        outcome = transcript.outcome
        if outcome is None or not transcript.is_unconnected:
            continue
        key = transcript.breakage, outcome.fault
        if (known := verdicts.get(key)) is not None:
            verdicts[key] = _with_another(known, outcome)
            continue
        summary = outcome.reason or say("no connection")
        causes = (_unconnected(transcript, outcome, asked),)
        verdicts[key] = Verdict(transcript=index, exchange=None, summary=summary, causes=causes, restates_outcome=True)
    return list(verdicts.values())


def _with_another(verdict: Verdict, outcome: Outcome) -> Verdict:
    (cause,) = verdict.causes
    because = Because(kind=BecauseKind.OUTCOME, text=outcome.reason or say("no connection"))
    cause = msgspec.structs.replace(cause, because=(*cause.because, because))
    return msgspec.structs.replace(verdict, causes=(cause,))


def _unconnected(transcript: Transcript, outcome: Outcome, asked: Target) -> Cause:
    made_up = asked.made_up(transcript.address)
    if made_up is not None:
        said = say(_MADE_UP, name=made_up, address=transcript.address)
        return _proved(_HOST, outcome, {"made_up": made_up}, said)
    how = _FAILURES.get(transcript.breakage or Breakage.UNKNOWN)
    known: dict[str, str | None] = {
        "address": transcript.address,
        "port": str(transcript.port) if transcript.port is not None else None,
        "port_25_blocked": YES if outcome.fault is OutcomeFault.PORT_25_BLOCKED else None,
        "usual_port": YES if transcript.port in _USUAL_PORTS else None,
        "socket": YES if transcript.port is None else None,
        "via": transcript.via,
        "ipv6": YES if ":" in transcript.address else None,
        "null_beside": asked.null_beside,
    }
    return _proved("connection-failed", outcome, known | ({how: YES} if how else {}))


def lost(transcript: Transcript, outcome: Outcome, last: Exchange | None) -> Cause | None:
    """Why a session ended that had begun, in other ways than by a reply or over TLS; None where nothing tells."""
    if outcome.fault is OutcomeFault.INJECTED:
        return _proved("starttls-injection", outcome, {})
    if outcome.fault is OutcomeFault.LOGIN_CANCELLED:
        return _proved("challenge-invalid", outcome, {"mechanism": _mechanism(transcript)})
    if last is None or last.breakage is None or last.phase is Phase.TLS or last.tls_fault is not None:
        return None
    # A reply that was cut short is one all the same.
    if last.breakage is Breakage.NOT_SMTP or not last.partial[:3].ljust(3, b"0").isdigit():
        speaks_tls = not last.over_tls and last.partial.startswith(_TLS_RECORDS)
        return _proved("not-smtp", outcome, {"speaks_tls": YES if speaks_tls else None})
    stage = STAGES.get(last.phase, last.phase.upper())
    if last.breakage is Breakage.TOO_MUCH:
        return _proved("protocol-error", outcome, {"endless": YES, "stage": stage}, say(_ENDLESS, stage=stage))
    how = _LOSSES.get(last.breakage)
    if how is None:
        return None
    ahead = how == "timed_out" and bool(last.unsolicited_before)
    client_ip = transcript.identity.client_ip if transcript.identity else None
    known = {
        how: YES,
        "stage": stage,
        "came_ahead": YES if ahead else None,
        "group_unanswered": YES if outcome.needs == "pipeline" else None,
        "at_greeting": YES if last.phase is Phase.GREETING else None,
        "over_tls": YES if last.over_tls else None,
        # No list that others can ask has an address that is not global.
        "ip": client_ip if client_ip and names.is_global(client_ip) else None,
    }
    if outcome.fault is OutcomeFault.MAYBE_DELIVERED:
        # RFC 5321 §4.5.3.2.6: the server may have taken the message over before it fell silent.
        return _proved(_LOST_CAUSE[how], outcome, known | {"after_dot": YES}, say(_MAY_HAVE_ARRIVED[how]))
    said = say(_AHEAD if ahead else _LOST[how][last.phase is not Phase.GREETING], stage=stage)
    return _proved(_LOST_CAUSE[how], outcome, known, said)


def _mechanism(transcript: Transcript) -> str | None:
    """The mechanism that the login was tried with."""
    sent = (each.sent or "" for each in transcript.exchanges if each.phase is Phase.AUTH)
    return next((words[1] for words in map(str.split, sent) if len(words) > 1 and words[0] == "AUTH"), None)


def _proved(cause: str, outcome: Outcome, known: dict[str, str | None], statement: str | None = None) -> Cause:
    said = statement or (sentence(outcome.reason) if outcome.reason else None)
    reason = outcome.reason or say("no session")
    return proved_cause(cause, reason, remedies(cause, known), outcome.reply_code, known=known, statement=said)
