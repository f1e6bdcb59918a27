"""What the transcript shows of the channel: what was offered on it, what was used, and who had logged in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smtpprobe.catalogue.explainer.told import told
from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.facts.login import of_login
from smtpprobe.diagnosis.facts.order import forgotten
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import ports
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.wire import ehlo

LATE_S = 2.0  # of a greeting
MAX_NAMED = 3  # mechanisms that a text names
_TOKENS = ("XOAUTH2", "OAUTHBEARER")
_BOUND = ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS")
_HASHED = ("CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "DIGEST-MD5", *_BOUND)
_OF_WINDOWS = frozenset(("NTLM", "GSSAPI", "GSS-SPNEGO", "KERBEROS_V4", "KERBEROS_V5"))
_UNKNOWN_COMMAND = (500, 502)  # RFC 5321 §4.2.4


def of_session(rejection: Rejection) -> dict[str, str | None]:
    """The facts of the refused command's channel."""
    exchange = rejection.exchange
    known = of_channel(rejection.transcript, exchange.index, over_tls=exchange.over_tls)
    used = mechanism_used(rejection.transcript, exchange)
    at_auth, lost = exchange.phase is Phase.AUTH, forgotten(rejection)
    transcript = rejection.transcript
    return (
        known
        | of_login(rejection.login, transcript.host, transcript.started_at)
        | {
            "at_auth": YES if at_auth else None,
            "before_data": YES if is_before_data(exchange.phase) else None,
            "port_25": YES if rejection.transcript.port == ports.SMTP else None,
            "over_tls": YES if exchange.over_tls else None,
            "submission": YES if at_auth or known["logged_in"] or _is_for_submission(rejection, known) else None,
            "errors_before": error_before(rejection),
            "greeting_late": YES if _greeting_is_late(exchange) else None,
            "spoke_first": YES if _spoke_first(rejection) else None,
            "token": YES if used in _TOKENS else None,
            "hashed_mechanism": used if used in _HASHED else None,
            "bound_mechanism": used if used in _BOUND else None,
            "user_whole": YES if "@" in (rejection.user or "").strip("@") else None,
            "forgotten": lost.command if lost is not None else None,
            "forgotten_reply": str(lost.code) if lost is not None else None,
            "lhlo_refused": YES if _is_refused(exchange, "LHLO") else None,
            "hello_refused": YES if _is_refused(exchange, "HELO") else None,
        }
    )


def _greeting_is_late(exchange: Exchange) -> bool:
    """Whether the greeting is a 421 for which somebody has waited first."""
    late = exchange.phase is Phase.GREETING and (exchange.last_octet_s or 0.0) >= LATE_S
    return late and exchange.reply is not None and exchange.reply.code == 421


def is_before_data(phase: Phase) -> bool:
    """Whether nothing of a message can have been sent by then."""
    return phase not in (Phase.DATA, Phase.MESSAGE)


# Postfix' answer on a submission port to whoever has not logged in.
_ACCESS_DENIED = re.compile(r"recipient address rejected: access denied")


def _is_for_submission(rejection: Rejection, known: dict[str, str | None]) -> bool:
    """Whether the port is one for submission by its number, or by the way in which it refuses."""
    return ports.is_submission(rejection.transcript.port) or wants_login(rejection, known)


def wants_login(rejection: Rejection, known: dict[str, str | None]) -> bool:
    """Whether the server refuses as those do that want a login, offers one, and nobody has logged in."""
    offered = known.get("auth_offered") or known.get("auth_after_tls")
    if rejection.exchange.phase is not Phase.RCPT or not offered or known.get("logged_in"):
        return False
    return _ACCESS_DENIED.search(rejection.text) is not None


def error_before(rejection: Rejection) -> str | None:
    """The recipient for which the server reported an error before it hung up, because of errors, at this one."""
    exchange = rejection.exchange
    hung_up = exchange.phase is Phase.RCPT and rejection.reply.code == 421
    if not hung_up or "errors" not in told(rejection.reply.text, rejection.explanation):
        return None
    earlier = (x for x in reversed(rejection.transcript.exchanges[: exchange.index]) if x.phase is Phase.RCPT)
    refused = next((x for x in earlier if x.reply is not None and x.reply.is_negative), None)
    return (refused.sent or "").partition("<")[2].partition(">")[0] or None if refused is not None else None


def _spoke_first(rejection: Rejection) -> bool:
    """Whether the greeting complains of a client that spoke before it, though this one had sent nothing."""
    silent = not any(each.phase is Phase.PROXY for each in rejection.transcript.exchanges)
    return (
        silent
        and rejection.exchange.phase is Phase.GREETING
        and "too_early" in told(rejection.reply.text, rejection.explanation)
    )


def of_channel(transcript: Transcript, before: int, *, over_tls: bool) -> dict[str, str | None]:
    """What was offered on the channel, and who had logged in, before the exchange of that index."""
    earlier = transcript.exchanges[:before]
    logged_in = any(x.phase is Phase.AUTH and x.reply and x.reply.digit == 2 for x in earlier)
    answered = [
        x.reply for x in earlier if x.phase is Phase.EHLO and x.reply and x.reply.code == 250 and x.over_tls is over_tls
    ]
    if not answered:
        return {"logged_in": YES if logged_in else None}
    offered = ehlo.extensions(answered[-1].lines)
    starttls = "STARTTLS" in offered and not over_tls
    mechanisms = offered.get("AUTH", ())
    return {
        "logged_in": YES if logged_in else None,
        "offer_known": YES,
        "auth_offered": _named(mechanisms) or None,
        "auth_missing": YES if not mechanisms and not starttls else None,
        "auth_after_tls": YES if not mechanisms and starttls else None,
        "starttls_offered": YES if starttls else None,
        "starttls_missing": YES if "STARTTLS" not in offered and not over_tls else None,
        "size_limit": next((each for each in offered.get("SIZE", ()) if each.isdigit() and each != "0"), None),
        "ntlm_only": YES if mechanisms and _OF_WINDOWS.issuperset(mechanisms) else None,
    }


def _named(mechanisms: Sequence[str]) -> str:
    """The first mechanisms, and how many more there are."""
    more = len(mechanisms) - MAX_NAMED
    return " ".join(mechanisms[:MAX_NAMED]) + (f" (+{more})" if more > 0 else "")


def mechanism_used(transcript: Transcript, exchange: Exchange) -> str | None:
    """The SASL mechanism of the login that the exchange belongs to; None where it is of none."""
    if exchange.phase is not Phase.AUTH:
        return None
    for each in reversed(transcript.exchanges[: exchange.index + 1]):
        words = (each.sent or "").upper().split()
        if each.phase is Phase.AUTH and len(words) > 1 and words[0] == "AUTH":
            return words[1]
    return None


def _is_refused(exchange: Exchange, verb: str) -> bool:
    """Whether the exchange is this way of introducing oneself, and the server does not know the command."""
    reply = exchange.reply
    sent = (exchange.sent or "").upper().startswith(verb)
    return exchange.phase is Phase.EHLO and sent and reply is not None and reply.code in _UNKNOWN_COMMAND
