"""What the transcript shows of the channel: what was offered on it, what was used, and who had logged in."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import ports
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.wire import ehlo

MAX_NAMED = 3  # mechanisms that a text names
_TOKENS = ("XOAUTH2", "OAUTHBEARER")
_HASHED = ("CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "DIGEST-MD5")
_OF_WINDOWS = frozenset(("NTLM", "GSSAPI", "GSS-SPNEGO", "KERBEROS_V4", "KERBEROS_V5"))
_UNKNOWN_COMMAND = (500, 502)  # RFC 5321 §4.2.4


def of_session(rejection: Rejection) -> dict[str, str | None]:
    """The facts of the refused command's channel."""
    exchange = rejection.exchange
    known = of_channel(rejection.transcript, exchange.index, over_tls=exchange.over_tls)
    used = mechanism_used(rejection.transcript, exchange)
    at_auth = exchange.phase is Phase.AUTH
    return known | {
        "at_auth": YES if at_auth else None,
        "over_tls": YES if exchange.over_tls else None,
        "submission": YES if at_auth or known["logged_in"] or ports.is_submission(rejection.transcript.port) else None,
        "token": YES if used in _TOKENS else None,
        "hashed_mechanism": used if used in _HASHED else None,
        "password_not_ascii": YES if rejection.password is not None and not rejection.password.ascii else None,
        "password_blank": YES if rejection.password is not None and rejection.password.blank_at_end else None,
        "lhlo_refused": YES if _is_refused(exchange, "LHLO") else None,
        "hello_refused": YES if _is_refused(exchange, "HELO") else None,
    }


def of_channel(transcript: Transcript, before: int, *, over_tls: bool) -> dict[str, str | None]:
    """What was offered on the channel, and who had logged in, before the exchange of that index."""
    earlier = transcript.exchanges[:before]
    logged_in = any(x.phase is Phase.AUTH and x.reply and x.reply.digit == 2 for x in earlier)
    answered = [
        x.reply
        for x in earlier
        if x.phase is Phase.EHLO and x.reply and not x.reply.is_negative and x.over_tls is over_tls
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
