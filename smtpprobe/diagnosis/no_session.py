"""What kept a session from coming about, or ended it: the transcript and the run's outcome prove it."""

from __future__ import annotations

from smtpprobe.catalogue.facts import YES
from smtpprobe.catalogue.language import mark
from smtpprobe.diagnosis.cause import proved_cause
from smtpprobe.diagnosis.facts import connection
from smtpprobe.diagnosis.facts.tls import of_handshake
from smtpprobe.diagnosis.statements import stated
from smtpprobe.model import names
from smtpprobe.model.report import Cause, Verdict
from smtpprobe.model.request import Envelope
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, OutcomeFault, Phase, Transcript

_NOT_THEIRS = (Breakage.LOCAL, Breakage.DEADLINE, Breakage.UNKNOWN)  # a handshake that broke off for our reasons
_ANOTHER_PROTOCOL = (Breakage.NOT_SMTP, Breakage.TOO_MUCH)

_INJECTED = mark("{octets} octets in clear came between the reply to STARTTLS and the handshake, which then failed")
_HANDSHAKE = mark("The TLS handshake failed: {why}")
_NO_STARTTLS = mark("TLS was required, and the server does not offer STARTTLS")
_NO_NAME = mark("The host name {host} does not exist")
_NO_ADDRESS = mark("{host} has no address")
_NO_ANSWER = mark("DNS gives no answer for {host}: its name servers fail, or the resolver here does")
_REFUSED = mark("{host} refused the connection to port {port}: nothing listens there, or a firewall rejects it")
_SILENT = mark("Nothing answered at {host} port {port}")
_BLOCKED = mark("Nothing answered on port 25, as where the network blocks it; that says nothing about the server")
_UNREACHABLE = mark("There is no way from here to {host}")
_CLOSED_EARLY = mark("The server closed the connection before any greeting")
_RESET_EARLY = mark("The connection was reset before any greeting")
_SILENT_EARLY = mark("The connection stands, and no greeting came")
_CLOSED = mark("The server closed the connection at {command}, without a reply")
_RESET = mark("The connection was reset at {command}, by the server or something in between")
_SILENT_LATER = mark("No reply to {command} came in time")
_DOMAIN_MISSING = mark("{domain} does not exist")
_NULL_MX = mark("{domain} says in DNS that it takes no mail (null MX)")
_NO_MX = mark("{domain} has neither MX nor address records, so it takes no mail")
_NTLM = mark("The server offers {offered} alone, which is for clients of its own Windows domain")
_LOSSES = {
    Breakage.CLOSED_BY_PEER: (_CLOSED_EARLY, _CLOSED),
    Breakage.RESET: (_RESET_EARLY, _RESET),
    Breakage.TIMED_OUT: (_SILENT_EARLY, _SILENT_LATER),
}


def no_session(index: int, transcript: Transcript, outcome: Outcome, *, decided: bool) -> Verdict:
    """The verdict on the session, or on an address that gave none; `decided`: no other address gave one either."""
    last = _decisive(transcript, outcome)
    reason = outcome.reason or "no session"
    found = _cause(last, transcript, outcome, reason, decided=decided)
    return Verdict(
        transcript=index,
        exchange=last.index if last else None,
        summary=reason,
        causes=(found,) if found else (),
        restates_outcome=True,
    )


def _cause(
    last: Exchange | None, transcript: Transcript, outcome: Outcome, reason: str, *, decided: bool
) -> Cause | None:
    """What the outcome proves; None where it is no more than it says itself."""
    breakage = last.breakage if last is not None else None
    if outcome.phase in (Phase.TLS, Phase.STARTTLS) or outcome.fault is OutcomeFault.OTHER_HOST:
        if breakage in _NOT_THEIRS:
            return None
        known = of_handshake(last, transcript, outcome)
        said = _of_tls(last, transcript, outcome, known)
        return proved_cause("tls-failed", reason, known, statement=said, code=outcome.reply_code)
    if outcome.phase is Phase.CONNECT:
        if not decided:
            return None  # one dead address among others is for the report, not for a diagnosis
        known = connection.of_attempt(transcript, outcome)
        return proved_cause("connection-failed", reason, known, statement=_of_connection(known))
    if outcome.fault is OutcomeFault.LOGIN_CANCELLED:
        return proved_cause("server-misconfigured", reason, {"login_cancelled": YES}, statement=_sentence(reason))
    if outcome.fault is OutcomeFault.CREDENTIALS_NOT_SENT:
        known = connection.of_withheld(transcript)
        if not known.get("ntlm_only"):
            return None
        said = stated(_NTLM, offered=known["auth_offered"])
        return proved_cause("auth-method-blocked", reason, known, statement=said)
    if outcome.fault is OutcomeFault.NOT_OFFERED:
        return proved_cause("protocol-error", reason, {"extension_missing": YES}, statement=_sentence(reason))
    return _of_breakage(last, transcript, reason) if last is not None else None


def _of_breakage(last: Exchange, transcript: Transcript, reason: str) -> Cause | None:
    known = connection.of_loss(last, transcript)
    if last.breakage in _ANOTHER_PROTOCOL:
        return proved_cause("protocol-error", reason, known, statement=_sentence(reason))
    if last.breakage not in _LOSSES:
        return None
    early, later = _LOSSES[last.breakage]
    said = stated(early) if known["lost_at_greeting"] else stated(later, command=known["lost_at"])
    return proved_cause("connection-lost", reason, known, statement=said)


def _decisive(transcript: Transcript, outcome: Outcome) -> Exchange | None:
    """The exchange that ended the session: the last one where it broke off, else the handshake, before a polite QUIT."""
    last = transcript.exchanges[-1] if transcript.exchanges else None
    of_tls = outcome.phase is Phase.TLS or outcome.fault is OutcomeFault.OTHER_HOST
    if last is not None and last.phase is Phase.QUIT and of_tls:
        return next((each for each in reversed(transcript.exchanges) if each.phase is Phase.TLS), last)
    return last


def _of_tls(
    last: Exchange | None, transcript: Transcript, outcome: Outcome, known: dict[str, str | None]
) -> str | None:
    if known.get("tls_injected"):
        return stated(_INJECTED, octets=len(transcript.injected))
    tls = last.tls if last is not None else None
    if tls is not None and tls.problems:
        return _sentence("; ".join(tls.problems))
    if known.get("not_offered"):
        return stated(_NO_STARTTLS)
    if last is not None and last.phase is Phase.TLS and last.detail:
        return stated(_HANDSHAKE, why=last.detail)
    return _sentence(outcome.reason) if outcome.reason else None


def _of_connection(known: dict[str, str | None]) -> str | None:
    """Why there is no connection, in one sentence; None where no more is known."""
    for fact, template in (
        ("name_missing", _NO_NAME),
        ("name_without_address", _NO_ADDRESS),
        ("name_unanswered", _NO_ANSWER),
        ("port_25_blocked", _BLOCKED),
        ("connection_refused", _REFUSED),
        ("connection_timed_out", _SILENT),
        ("connection_unreachable", _UNREACHABLE),
    ):
        if known.get(fact):
            return stated(template, **known)
    return None


def _sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


# A target that is a domain, not a host: what keeps mail for it from going anywhere.
_OF_DOMAINS = {
    OutcomeFault.NAME_UNKNOWN: ("recipient_missing", _DOMAIN_MISSING),
    OutcomeFault.NULL_MX: ("recipient_null_mx", _NULL_MX),
    OutcomeFault.NO_ADDRESS: ("recipient_no_mx", _NO_MX),
    OutcomeFault.MX_WITHOUT_ADDRESS: ("recipient_hosts", None),
}


def nowhere(outcome: Outcome, envelope: Envelope, host: str) -> Verdict:
    """What is wrong with a target without an address: the domain that mail is for, or the host that was named."""
    reason = outcome.reason or "the name leads nowhere"
    domains = {names.domain_of(path.value) for path in envelope.forward_paths}
    of_domain = host in domains or outcome.fault in (OutcomeFault.NULL_MX, OutcomeFault.MX_WITHOUT_ADDRESS)
    if of_domain and outcome.fault in _OF_DOMAINS:
        fact, template = _OF_DOMAINS[outcome.fault]
        known: dict[str, str | None] = {"recipient_domain": host, "recipient_known": YES, "domain": host}
        known[fact] = YES if template else reason
        said = stated(template, domain=host) if template else _sentence(reason)
        found = proved_cause("domain-undeliverable", reason, known, statement=said)
    else:
        known = connection.of_target(outcome, host, None)
        found = proved_cause("connection-failed", reason, known, statement=_of_connection(known) or _sentence(reason))
    return Verdict(transcript=0, exchange=None, summary=reason, causes=(found,), restates_outcome=True)
