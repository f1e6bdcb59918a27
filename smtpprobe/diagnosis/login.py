"""How a test of credentials came out: one word for what the replies, and the verdict on them, come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.model.report import Login, LoginAttempt, LoginResult, Verdict
from smtpprobe.model.transcript import Exchange, Outcome, OutcomeFault, Phase, Status, Transcript
from smtpprobe.wire.ehlo import extensions
from smtpprobe.wire.sasl.steps import accepted_unproved

_TOKENS = frozenset({"XOAUTH2", "OAUTHBEARER"})
_BY_CAUSE = {
    "auth-failed": LoginResult.WRONG_CREDENTIALS,
    "auth-method-blocked": LoginResult.METHOD_BLOCKED,
    "auth-required": LoginResult.METHOD_BLOCKED,
    "challenge-invalid": LoginResult.COULD_NOT_TELL,
    "tls-required": LoginResult.TLS_NEEDED,
    "sender-account-limited": LoginResult.LOCKED_OR_LIMITED,
    "rate-limited": LoginResult.LOCKED_OR_LIMITED,
    "policy-rejected": LoginResult.NOT_FROM_HERE,
    "ip-blocklisted": LoginResult.NOT_FROM_HERE,
    "poor-reputation": LoginResult.NOT_FROM_HERE,
    "server-temporary": LoginResult.SERVER_TROUBLE,
    "server-misconfigured": LoginResult.SERVER_TROUBLE,
    "protocol-error": LoginResult.METHOD_BLOCKED,
}


def login(transcripts: Sequence[Transcript], verdicts: Sequence[Verdict], outcome: Outcome) -> Login:
    """The result of the session in which a login was tried, else of the last; of none that came to it: could not tell.

    Of several logins the one that was accepted counts, else the first: what comes after it is refused more readily.
    """
    held = [(number, each) for number, each in enumerate(transcripts) if each.exchanges]
    tried = [(number, each) for number, each in held if any(x.phase is Phase.AUTH for x in each.exchanges)]
    if not held:
        return Login(result=LoginResult.COULD_NOT_TELL)
    number, transcript = _telling(tried) if tried else held[-1]
    commands = [each for each in transcript.exchanges if _is_attempt(each)]
    mechanism = (commands[-1].sent or "").split()[1].upper() if commands else None
    return Login(
        result=_result(transcript, number, verdicts, outcome, mechanism),
        mechanism=mechanism,
        attempts=tuple(found for each in transcripts for found in _attempts(each)),
        offered_in_clear=_offered(transcript, over_tls=False),
        offered_over_tls=_offered(transcript, over_tls=True),
    )


def _telling(tried: Sequence[tuple[int, Transcript]]) -> tuple[int, Transcript]:
    last = tried[-1]
    if last[1].outcome is not None and last[1].outcome.status is Status.ACCEPTED:
        return last
    # RFC 4954 §6: 535 is about the credentials, where 504 and 534 are about the mechanism.
    judged = (each for each in tried if each[1].outcome is not None and each[1].outcome.reply_code == 535)
    return next(judged, tried[0])


def _attempts(transcript: Transcript) -> Iterator[LoginAttempt]:
    """The logins of a session, each with the code of the last reply in it."""
    mechanism, code = None, None
    for each in transcript.exchanges:
        if _is_attempt(each):
            if mechanism is not None:
                yield LoginAttempt(mechanism=mechanism, reply_code=code)
            mechanism = (each.sent or "").split()[1].upper()
        if each.phase is Phase.AUTH:
            code = each.reply.code if each.reply is not None else None
    if mechanism is not None:
        yield LoginAttempt(mechanism=mechanism, reply_code=code)


def _is_attempt(exchange: Exchange) -> bool:
    return exchange.phase is Phase.AUTH and (exchange.sent or "").startswith("AUTH ")


def _result(
    transcript: Transcript, number: int, verdicts: Sequence[Verdict], outcome: Outcome, mechanism: str | None
) -> LoginResult:
    own = transcript.outcome or outcome
    last = next((each for each in reversed(transcript.exchanges) if each.phase is Phase.AUTH), None)
    if last is None:
        return _before(own)
    if last.reply is None:
        return LoginResult.COULD_NOT_TELL  # hung up: a lock-out, a ban, or a fault
    if own.fault is OutcomeFault.LOGIN_CANCELLED:
        return LoginResult.COULD_NOT_TELL
    if last.reply.digit == 2:
        return LoginResult.COULD_NOT_TELL if accepted_unproved(transcript.exchanges) else LoginResult.ACCEPTED
    verdict = next((each for each in verdicts if each.transcript == number and each.exchange == last.index), None)
    cause = verdict.causes[0].id if verdict is not None and verdict.causes else None
    result = _BY_CAUSE.get(cause or "", LoginResult.COULD_NOT_TELL)
    return LoginResult.TOKEN_REFUSED if result is LoginResult.WRONG_CREDENTIALS and mechanism in _TOKENS else result


def _before(outcome: Outcome) -> LoginResult:
    """What kept the credentials back."""
    if outcome.fault is OutcomeFault.CREDENTIALS_UNFIT:
        return LoginResult.NOT_SENT
    if outcome.fault is OutcomeFault.CREDENTIALS_NOT_SENT:
        return LoginResult.TLS_NEEDED if outcome.needs == "insecure_auth" else LoginResult.METHOD_BLOCKED
    if outcome.fault is OutcomeFault.NOT_OFFERED and outcome.phase is Phase.STARTTLS:
        return LoginResult.TLS_NEEDED
    return LoginResult.COULD_NOT_TELL


def _offered(transcript: Transcript, *, over_tls: bool) -> tuple[str, ...] | None:
    hellos = [
        each.reply
        for each in transcript.exchanges
        if each.phase is Phase.EHLO and each.over_tls is over_tls and each.reply is not None and each.reply.digit == 2
    ]
    return extensions(hellos[-1].lines).get("AUTH", ()) if hellos else None
