"""What kept a session from coming about, or ended it: the transcript and the run's outcome prove it."""

from __future__ import annotations

from smtpprobe.catalogue.causes import remedies
from smtpprobe.catalogue.facts import YES
from smtpprobe.catalogue.login.judge import doubts
from smtpprobe.diagnosis import unreached
from smtpprobe.diagnosis.cause import proved_cause
from smtpprobe.diagnosis.facts.login import of_login
from smtpprobe.diagnosis.facts.session import of_channel
from smtpprobe.diagnosis.facts.tls import of_handshake
from smtpprobe.diagnosis.statements import sentence
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.quoting import cut
from smtpprobe.model.report import Cause, Verdict
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Breakage, Exchange, Outcome, OutcomeFault, Phase, Transcript

MAX_WORDS = 80  # characters of a reply in a statement
_NOT_THEIRS = (Breakage.LOCAL, Breakage.DEADLINE, Breakage.UNKNOWN)  # a handshake that broke off for our reasons

_HANDSHAKE = mark("The TLS handshake failed: {why}")
_NO_STARTTLS = mark("TLS was required, and the server does not offer STARTTLS")
_MASKED = mark("TLS was required, and STARTTLS does not come through: a firewall has masked a keyword as {mask}")
_OUT_OF_PLACE = mark("The server answered {stage} with {reply}: something on the way may be altering commands")
_MIXED = mark("The lines of the reply at {stage} carry different codes: {codes}")
_NO_GREETING = mark("The server greeted with {reply}, which is not a greeting")
_NTLM = mark("The server offers {offered} alone, which is for clients of its own Windows domain")


def no_session(index: int, transcript: Transcript, outcome: Outcome, *, login: LoginRecord | None = None) -> Verdict:
    """The verdict on the session, or on an address that gave none; `login` is who was to log in, and what is told of it."""
    last = _decisive(transcript, outcome)
    reason = outcome.reason or say("no session")
    found = _cause(last, transcript, outcome, reason, login)
    exchange = last.index if last else None
    causes = (found,) if found else ()
    return Verdict(transcript=index, exchange=exchange, summary=reason, causes=causes, restates_outcome=True)


def _cause(
    last: Exchange | None, transcript: Transcript, outcome: Outcome, reason: str, login: LoginRecord | None
) -> Cause | None:
    """What the outcome proves; None where it is no more than it says itself."""
    known: dict[str, str | None]
    # What was asked for may be needed by nobody else: only the reason is stated.
    if outcome.fault in (OutcomeFault.INTERNAL_ERROR, OutcomeFault.STAGE_NOT_REACHED):
        return None
    if outcome.fault is OutcomeFault.OUT_OF_STEP:
        known = {"out_of_place": YES, "out_of_step": YES}
        cause, said = "protocol-error", sentence(reason)
        return proved_cause(cause, reason, remedies(cause, known), outcome.reply_code, known=known, statement=said)
    if outcome.fault is OutcomeFault.OTHER_PROTOCOL:
        cause, said = "not-smtp", sentence(reason)
        return proved_cause(cause, reason, remedies(cause, {}), outcome.reply_code, statement=said)
    if (network := unreached.lost(transcript, outcome, last)) is not None:
        return network
    if outcome.phase in (Phase.TLS, Phase.STARTTLS) or outcome.fault is OutcomeFault.OTHER_HOST:
        return _of_tls(
            last,
            reason,
            of_handshake(last, transcript, outcome, user=login.user if login else None),
            outcome.reply_code,
        )
    known = {}
    if (odd := _out_of_place(transcript, outcome)) is not None:
        cause, said, known = "protocol-error", odd, {"out_of_place": YES}
        return proved_cause(cause, reason, remedies(cause, known), outcome.reply_code, known=known, statement=said)
    match outcome.fault:
        case OutcomeFault.CREDENTIALS_NOT_SENT:
            over_tls = any(each.tls is not None for each in transcript.exchanges)
            known = of_channel(transcript, len(transcript.exchanges), over_tls=over_tls)
            if not known.get("ntlm_only"):
                return None
            cause, said = "auth-method-blocked", say(_NTLM, offered=known["auth_offered"])
        case OutcomeFault.CREDENTIALS_UNFIT:
            known = of_login(login, transcript.host, transcript.started_at)
            sure = (each.text for each in doubts(login, transcript.host, transcript.started_at) if each.sure)
            cause, said = "credentials-unfit", sentence("; ".join(sure) or reason)
        case OutcomeFault.NOT_OFFERED:
            cause, said = "extension-missing", sentence(reason)
            # A server that lists the command trusts this client, and lacks one of its attributes.
            verb = (outcome.phase or Phase.UNKNOWN).upper()
            is_listed = any(line.split()[:1] == [verb] for line in transcript.extensions)
            is_named = outcome.phase in (Phase.XCLIENT, Phase.XFORWARD) and not is_listed
            # The field says that it was asked for, and not only needed by an address.
            is_asked = outcome.needs == "force" and not is_named
            known = {
                "client_named": YES if is_named else None,
                "parameter_asked": YES if is_asked else None,
                "chunks_asked": YES if outcome.needs == "bdat" else None,
            }
        case _:
            return None
    return proved_cause(cause, reason, remedies(cause, known), outcome.reply_code, known=known, statement=said)


def _out_of_place(transcript: Transcript, outcome: Outcome) -> str | None:
    """What is odd about a reply that is no refusal and no success of its command; None where it is not that."""
    found = _odd_one(transcript, outcome)
    if found is None or found.reply is None:
        return None
    verb = (found.sent or "").partition(" ")[0].upper()
    stage = unreached.STAGES.get(found.phase, verb or found.phase.upper())
    if found.reply.line_codes:
        codes = ", ".join(map(str, dict.fromkeys(found.reply.line_codes)))
        return say(_MIXED, stage=stage, codes=codes)
    reply = f"{found.reply.code} {cut(found.reply.text, MAX_WORDS)}".strip()
    if found.phase is Phase.GREETING:
        return say(_NO_GREETING, reply=reply)
    return say(_OUT_OF_PLACE, stage=stage, reply=reply)


def _odd_one(transcript: Transcript, outcome: Outcome) -> Exchange | None:
    """The exchange whose reply, neither a refusal nor a success of its command, ended the session."""
    is_told = outcome.fault in (None, OutcomeFault.OUT_OF_STEP)
    refuses = outcome.reply_code is None or outcome.reply_code // 100 in (4, 5)
    if not is_told or outcome.phase is Phase.STARTTLS or refuses:
        return None
    of_phase = (each for each in reversed(transcript.exchanges) if each.phase is outcome.phase)
    return next((each for each in of_phase if each.reply and each.reply.code == outcome.reply_code), None)


def _decisive(transcript: Transcript, outcome: Outcome) -> Exchange | None:
    """The exchange that ended the session: the last one where it broke off, else the handshake, before a polite QUIT."""
    last = transcript.last
    if (odd := _odd_one(transcript, outcome)) is not None:
        return odd
    if outcome.fault is OutcomeFault.OTHER_PROTOCOL:
        return next((each for each in reversed(transcript.exchanges) if each.phase is Phase.EHLO), last)
    of_tls = outcome.phase is Phase.TLS or outcome.fault in (OutcomeFault.OTHER_HOST, OutcomeFault.INJECTED)
    if last is not None and last.phase is Phase.QUIT and of_tls:
        return next((each for each in reversed(transcript.exchanges) if each.phase is Phase.TLS), last)
    return last


def _of_tls(last: Exchange | None, reason: str, known: dict[str, str | None], code: int | None) -> Cause | None:
    if last is not None and last.breakage in _NOT_THEIRS:
        return None
    tls = last.tls if last is not None else None
    if tls is not None and tls.problems:
        said = sentence("; ".join(tls.problems))
    elif mask := known.get("starttls_mask"):
        said = say(_MASKED, mask=mask)
    elif known.get("not_offered"):
        said = say(_NO_STARTTLS)
    elif last is not None and last.phase is Phase.TLS and last.detail:
        said = say(_HANDSHAKE, why=last.detail)
    else:
        said = sentence(reason)
    return proved_cause("tls-failed", reason, remedies("tls-failed", known), code, known=known, statement=said)
