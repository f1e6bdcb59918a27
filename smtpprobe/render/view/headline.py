"""The first lines: how it came out, at which stage, by whom, and with which words."""

from __future__ import annotations

from smtpprobe.model.reply import Reply
from smtpprobe.model.report import Login, LoginResult, Report
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import (
    Breakage,
    Exchange,
    Outcome,
    OutcomeFault,
    Phase,
    RecipientStatus,
    Status,
    TlsFault,
    Transcript,
)
from smtpprobe.render.view.sections import Headline, Said

MAX_REPLY_LINES = 100
MAX_PEERS = 4  # named where none of them could be connected to
_OUTCOMES = {
    Status.ACCEPTED: mark("ACCEPTED"),
    Status.REFUSED: mark("REFUSED"),
    Status.DEFERRED: mark("REFUSED FOR NOW"),
    Status.AUTH_REFUSED: mark("LOGIN REFUSED"),
    Status.NO_SESSION: mark("NO SESSION"),
    Status.INTERRUPTED: mark("INTERRUPTED"),
}
_LOST = mark("CONNECTION LOST")
_LATE = mark("TIMED OUT")
_STOPPED = mark("STOPPED")
_UNSENT = (OutcomeFault.CREDENTIALS_NOT_SENT, OutcomeFault.NOT_OFFERED)  # the stage's command was not sent
_MISSED = mark("{stage} NOT REACHED: {peer}")
_UNKNOWN = mark("NOT KNOWN")
_BEFORE_LOGIN = mark("{stopped} before the login at {peer}: {why}")
# Which of the certificate's faults is said in the headline: the first that it has of these.
_CERTIFICATE = {
    TlsFault.NAME: mark("the certificate is not for {name}"),
    TlsFault.ADDRESS_AS_NAME: mark("the certificate is not for {name}"),
    TlsFault.EXPIRED: mark("the certificate has expired"),
    TlsFault.NOT_YET_VALID: mark("the certificate is not valid yet"),
    TlsFault.SELF_SIGNED: mark("the certificate signs itself"),
    TlsFault.UNTRUSTED_ISSUER: mark("the certificate's issuer is not trusted here"),
}
_NOT_VERIFIED = mark("the certificate does not verify")
_IN_SESSION = (Phase.AUTH, Phase.MAIL, Phase.RCPT)  # there was a session, up to here
_STOPS = (OutcomeFault.UNVERIFIED, OutcomeFault.OTHER_HOST, *_UNSENT)
_LOSSES = (Breakage.CLOSED_BY_PEER, Breakage.RESET)
_WAITS = (Breakage.TIMED_OUT, Breakage.DEADLINE)
_STAGES = {
    Phase.MAIL: "MAIL FROM",
    Phase.RCPT: "RCPT TO",
    Phase.MESSAGE: mark("the end of the message"),
    Phase.GREETING: mark("greeting"),
    Phase.CONNECT: mark("connect"),
}
_LOGINS = {
    LoginResult.ACCEPTED: mark("the credentials work"),
    LoginResult.WRONG_CREDENTIALS: mark("wrong credentials"),
    LoginResult.TOKEN_REFUSED: mark("the token was refused"),
    LoginResult.METHOD_BLOCKED: mark("this way of logging in is blocked, whatever the password"),
    LoginResult.TLS_NEEDED: mark("TLS is needed first"),
    LoginResult.LOCKED_OR_LIMITED: mark("the account is locked, or logins are limited"),
    LoginResult.NOT_FROM_HERE: mark("logins from this client are not taken"),
    LoginResult.SERVER_TROUBLE: mark("the server cannot check credentials now: they may be right"),
    LoginResult.NOT_SENT: mark("not tried: what was given cannot work"),
    LoginResult.COULD_NOT_TELL: mark("could not tell whether the credentials work"),
}
_NONE = mark("none")
_UNANSWERED = mark("unanswered")


def headline(report: Report, *, with_reply: bool = True, with_reason: bool = True) -> Headline:
    """How the run came out, in the words of the reply that decided it or of the reason, unless they stand elsewhere.

    A reason that names what would settle it always stands here.
    """
    outcome, transcript = report.outcome, decisive(report)
    peer = _peer(report, transcript)
    accepted = outcome.status is Status.ACCEPTED
    exchange = deciding_exchange(outcome, transcript)
    reply = exchange.reply if exchange is not None else None
    # The 501 that ends a login which we cancelled does not say what was wrong with it.
    missed = outcome.fault is OutcomeFault.STAGE_NOT_REACHED
    is_silent = reply is None or missed or outcome.fault is OutcomeFault.LOGIN_CANCELLED
    # What was not offered, or surely cannot work, has its remedies in the verdict, which name the field.
    remedied = outcome.fault in (OutcomeFault.NOT_OFFERED, OutcomeFault.CREDENTIALS_UNFIT)
    told = with_reason or missed or (outcome.needs is not None and not remedied)
    interrupted = outcome.status is Status.INTERRUPTED  # says the headline
    reason = Said(outcome.reason, outcome.needs) if is_silent and told and outcome.reason and not interrupted else None
    kept = report.request.user and outcome.status is Status.NO_SESSION and Phase.AUTH not in tried(report)
    said = outcome.fault is OutcomeFault.CREDENTIALS_NOT_SENT or _stopped_before_login(report)
    return Headline(
        status=outcome.status,
        text=_accepted(report, peer) if accepted else _refused(report, transcript, peer),
        reply=reply_lines(reply) if reply is not None and with_reply else (),
        reason=reason,
        notes=(
            *_peers_tried(report),
            *((say("the credentials were not sent"),) if kept and not said else ()),
            *_of_login(report),
        ),
    )


def stage(phase: Phase | None) -> str:
    """A phase as it is said: MAIL FROM, RCPT TO, EHLO, greeting."""
    if phase is None:
        return ""
    return say(_STAGES[phase]) if phase in _STAGES else phase.value.upper()


def decisive(report: Report) -> Transcript | None:
    """The transcript whose outcome is the run's; the last one where none is, None without any."""
    for transcript in report.transcripts:
        if transcript.outcome is not None and _what(transcript.outcome) == _what(report.outcome):
            return transcript
    return report.transcripts[-1] if report.transcripts else None


def _what(outcome: Outcome) -> tuple[object, ...]:
    """What happened: the exit code and its reason may be the whole run's alone."""
    return outcome.status, outcome.phase, outcome.reply_code, outcome.enhanced, outcome.fault


def deciding_exchange(outcome: Outcome, transcript: Transcript | None) -> Exchange | None:
    """The exchange whose reply decided; None where no reply did."""
    if transcript is None or outcome.reply_code is None:
        return None
    matching = (
        x for x in transcript.exchanges if x.phase is outcome.phase and x.reply and x.reply.code == outcome.reply_code
    )
    return next(matching, None)


def reply_lines(reply: Reply) -> tuple[str, ...]:
    """The reply's first lines, each with the code."""
    return tuple(f"{code} {line.strip()}" for code, line in reply.coded_lines[:MAX_REPLY_LINES])


def tried(report: Report) -> set[Phase]:
    """The phases that any session came to."""
    return {x.phase for t in report.transcripts for x in t.exchanges}


def _stopped_before_login(report: Report) -> bool:
    """Whether the login was come to and not tried."""
    return report.outcome.phase is Phase.AUTH and Phase.AUTH not in tried(report)


def _refused(report: Report, transcript: Transcript | None, peer: str) -> str:
    outcome = report.outcome
    if outcome.fault is OutcomeFault.STAGE_NOT_REACHED:
        return say(_MISSED, stage=stage(report.request.ends_after), peer=peer)
    if report.request.user and outcome.fault is OutcomeFault.UNVERIFIED and Phase.AUTH not in tried(report):
        return say(_BEFORE_LOGIN, stopped=say(_STOPPED), why=_certificate_fault(transcript), peer=peer)
    if outcome.phase and (outcome.fault in _UNSENT or _stopped_before_login(report)):
        text = say("{refused} before {stage}: {peer}")
    elif outcome.phase and outcome.reply_code:
        text = say("{refused} at {stage} by {peer}")
    elif outcome.phase:
        text = say("{refused} at {stage}: {peer}")
    else:
        text = say("{refused} by {peer}") if outcome.reply_code else say("{refused}: {peer}")
    words = _tally(transcript) or say(_outcome_words(outcome, transcript))
    return text.format(refused=words, stage=_greeted(transcript, outcome) or stage(outcome.phase), peer=peer)


def _greeted(transcript: Transcript | None, outcome: Outcome) -> str | None:
    """Which of EHLO, HELO and LHLO it was; None at any other stage."""
    if transcript is None or outcome.phase is not Phase.EHLO:
        return None
    sent = [x.sent for x in transcript.exchanges if x.phase is Phase.EHLO and x.sent]
    return sent[-1].partition(" ")[0] if sent else None


def _certificate_fault(transcript: Transcript | None) -> str:
    """What is wrong with the certificate of the session's last handshake, in a few words."""
    sessions = [x.tls for x in transcript.exchanges if x.tls is not None] if transcript is not None else []
    tls = sessions[-1] if sessions else None
    faults = tls.faults if tls is not None else ()
    said = next((words for fault, words in _CERTIFICATE.items() if fault in faults), _NOT_VERIFIED)
    return say(said, name=tls.name if tls is not None else "")


def _outcome_words(outcome: Outcome, transcript: Transcript | None) -> str:
    if outcome.status is not Status.NO_SESSION:
        return _OUTCOMES.get(outcome.status, _UNKNOWN)
    # Whether QUIT is answered decides nothing.
    exchanges = [x for x in transcript.exchanges if x.phase is not Phase.QUIT] if transcript is not None else []
    broke = any(x.breakage for x in exchanges)
    if outcome.fault in _STOPS or (outcome.phase in _IN_SESSION and not broke):
        return _STOPPED
    out_of_step = outcome.fault is OutcomeFault.OUT_OF_STEP
    if any(x.reply for x in exchanges) and outcome.phase not in (Phase.TLS, Phase.STARTTLS) and not out_of_step:
        if any(x.breakage in _LOSSES for x in exchanges):
            return _LOST
        if any(x.breakage in _WAITS for x in exchanges):
            return _LATE
    return _OUTCOMES[Status.NO_SESSION]


def _tally(transcript: Transcript | None) -> str | None:
    """How many of several recipients were refused; None where that is not what decided."""
    tried_ = (
        [each for each in transcript.recipients if each.status is not RecipientStatus.NOT_TRIED] if transcript else []
    )
    refused = sum(1 for each in tried_ if each.status is not RecipientStatus.ACCEPTED)
    if len(tried_) < 2 or not refused:
        return None
    later = sum(1 for each in tried_ if each.status is RecipientStatus.DEFERRED)
    all_, some = (
        mark("REFUSED {count} of {all} recipients"),
        mark("REFUSED {count} of {all} recipients ({later} for now)"),
    )
    return say(some if 0 < later < refused else all_, count=refused, all=len(tried_), later=later)


def _accepted(report: Report, peer: str) -> str:
    """The headline of a success: what exactly was accepted."""
    accepted = {
        r.forward_path for t in report.transcripts for r in t.recipients if r.status is RecipientStatus.ACCEPTED
    }
    count = len(accepted)
    phases = tried(report)
    if (sent := report.request.drop_after_send) is not None:
        return say("HUNG UP before the reply to {stage}: {peer}", stage=stage(sent), peer=peer)
    if count and Phase.MESSAGE in phases:
        return say_counted(
            "MESSAGE ACCEPTED by {peer} for {count} recipient",
            "MESSAGE ACCEPTED by {peer} for {count} recipients",
            count,
            peer=peer,
        )
    if count:
        return say_counted(
            "ACCEPTED by {peer} for {count} recipient (no message sent)",
            "ACCEPTED by {peer} for {count} recipients (no message sent)",
            count,
            peer=peer,
        )
    if Phase.MAIL in phases:
        return say("ACCEPTED by {peer} (MAIL only: no recipient was tried)", peer=peer)
    if Phase.AUTH in phases:
        return say("LOGIN ACCEPTED by {peer}", peer=peer)
    if report.request.ends_after is Phase.CONNECT:
        return say("CONNECTED to {peer} (the greeting was not waited for)", peer=peer)
    return say("SESSION HELD with {peer} (no mail transaction was tried)", peer=peer)


def _peer(report: Report, transcript: Transcript | None) -> str:
    if transcript is None:
        return report.target.given
    held = sum(1 for each in report.transcripts if each.exchanges)
    # A login is tried with one of them alone.
    alike = report.outcome.status is Status.ACCEPTED and report.request.wants_several and report.request.user is None
    if alike and held > 1:
        return say("{target} at {count} addresses", target=report.target.host, count=held)
    if addresses := _addresses_in_vain(report):
        return say("{target}, at none of its {count} addresses", target=report.target.host, count=len(addresses))
    software = f" ({transcript.server.software})" if transcript.server.software else ""
    if transcript.port is None:
        return transcript.address + software
    address = f"[{transcript.address}]:{transcript.port}"
    return _reached(report, transcript, address) + software


def _reached(report: Report, transcript: Transcript, address: str) -> str:
    """An address with the name and the MX record that led to it."""
    name = transcript.host or report.target.host
    where = address if name == transcript.address else f"{name} {address}"
    if transcript.preference is None:
        return where
    through = say("MX {preference} of {domain}", preference=transcript.preference, domain=report.target.host)
    return f"{where}, {through}"


def _addresses_in_vain(report: Report) -> tuple[str, ...]:
    """The addresses, where there were several and none of them could be connected to; else none."""
    addresses = tuple(dict.fromkeys(each.address for each in report.transcripts))
    held = report.outcome.phase is not Phase.CONNECT or any(x.exchanges for x in report.transcripts)
    return () if held or len(addresses) < 2 else addresses


def _peers_tried(report: Report) -> tuple[str, ...]:
    """Where a connection was tried in vain, each with the MX record that led there."""
    if not _addresses_in_vain(report):
        return ()
    peers = dict.fromkeys(_reached(report, each, f"[{each.address}]:{each.port}") for each in report.transcripts)
    shown, left = list(peers)[:MAX_PEERS], len(peers) - MAX_PEERS
    text = say("tried: {peers}", peers="; ".join(shown))
    return (text + say(" and {count} more", count=left) if left > 0 else text,)


def _of_login(report: Report) -> tuple[str, ...]:
    """The result with what was tried, and what is offered; nothing where more than the login was asked for."""
    login = report.login
    if login is None or report.request.quit_after is not Phase.AUTH:
        return ()
    tried = ", ".join(f"{each.mechanism} {each.reply_code or say(_UNANSWERED)}" for each in login.attempts)
    if len(login.attempts) == 1:
        tried = login.attempts[0].mechanism
    result = say(_LOGINS.get(login.result, _LOGINS[LoginResult.COULD_NOT_TELL]))
    count = say_counted("{count} attempt", "{count} attempts", len(login.attempts)) if tried else say("no attempt")
    return (f"{result} ({count}: {tried})" if tried else f"{result} ({count})", *_offered(login))


def _offered(login: Login) -> tuple[str, ...]:
    """What EHLO offered before and after TLS."""
    clear, over_tls = login.offered_in_clear, login.offered_over_tls
    if clear is None and over_tls is None:
        return ()
    if clear is None or over_tls is None:
        one = clear if over_tls is None else over_tls
        return (say("AUTH offered: {listed}", listed=_listed(one or ())),)
    return (
        say("AUTH offered before TLS: {before}; over TLS: {after}", before=_listed(clear), after=_listed(over_tls)),
    )


def _listed(mechanisms: tuple[str, ...]) -> str:
    return " ".join(mechanisms) if mechanisms else say(_NONE)
