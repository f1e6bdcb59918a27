"""What the transcript itself says about a refusal: the channel, what was offered on it, and who had logged in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

import msgspec

from smtpprobe.catalogue.explainer.told import told
from smtpprobe.diagnosis.facts.names import mx_run, of_names
from smtpprobe.diagnosis.facts.order import forgotten
from smtpprobe.diagnosis.facts.reply import of_paths, of_reply
from smtpprobe.diagnosis.facts.session import error_before, is_before_data, mechanism_used, of_session
from smtpprobe.diagnosis.rejection import STATED, Assessment, Rejection
from smtpprobe.diagnosis.statements import not_your_fault
from smtpprobe.model.report import Confidence
from smtpprobe.model.texts.amounts import duration
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase

_OVER_TLS = mark("the command went over TLS when the server asked for it")
_NOT_USED = mark("The server offers STARTTLS, and the command was sent without TLS")
_IN_CLEAR = mark("The command was sent without TLS, and this port offers no STARTTLS")
_LOGGED_IN = mark("the session was logged in when this was refused")
_LOG_IN = mark("This port accepts mail only after a login (it offers AUTH {offered}), and nobody had logged in")
_MAYBE_LOG_IN = mark(
    "The server offers AUTH {offered} and you had not logged in; submission ports typically refuse this way"
)
_LOG_IN_AFTER_TLS = mark("This port accepts mail only after a login, and offers no AUTH without TLS")
_NO_AUTH = mark("The server wants a login, but this port offers no AUTH")
_CREDENTIALS = mark("The server rejects this user name and password; it does not say which")
_NO_REASON = mark(
    "The server rejects this user name and password: the login service behind it said no and gave no reason"
)
_NOT_CHECKED = mark("The server could not check the login just now")
_ON_SUBMISSION = mark("The server wants this mail on port {port}, with a login")
_BY_SUBMISSION = mark("The server wants this mail sent through a submission server, with a login")
_FORGOTTEN = mark("the server had answered {command} with {reply}, and asks for it again: it lost the session's state")
_TOKEN = mark("The access token was not accepted")
_TOKEN_STATUS = mark("The access token was not accepted (status {status})")
_MISSING_AND_LOGIN = mark("The server accepts mail for {domain} only after a login, and {domain} does not exist")
_MISSING_AND_NO_LOGIN = mark("The server does not relay for {domain} without a login, and {domain} does not exist")
_MISSING_AND_NO_RELAY = mark("The server does not relay for {domain}, and {domain} does not exist")
_ELSEWHERE = mark("Mail for {domain} is accepted at {hosts}, not at this server")
_NOBODY_LOGGED_IN = mark("This server accepts mail for other domains only after a login, and nobody had logged in")
_MX_HERE = mark("The MX records of {domain} name this server, which refuses mail for it")
_NOT_OWNED = mark("{login} may not send as {sender}")
_OWNER = re.compile(r"not owned by user <?([^\s<>:;,()]{1,80})", re.IGNORECASE)  # Postfix' words
_MOVED = mark("The recipient has moved: the reply gives {address} as the new address")
_NOT_THE_CONTENT = mark("Refused before any message was sent: this judges the client IP or the sender, not the content")
_NOBODY = mark("This host says that it accepts no mail at all")
_NOT_LMTP = mark("LHLO was sent, which an SMTP server does not know")
_PERHAPS_LMTP = mark("The server knows neither EHLO nor HELO, as LMTP servers do")
_NOT_JUDGED = mark("Not judged: the server hung up after the error for {path}")
_SENDER_RATE = mark("The server limits how many messages {sender} may send")
_SHUTTING_DOWN = mark("The server is shutting down, perhaps only to restart")
_SPOKE_FIRST = mark(
    "the server says that the client spoke before the greeting, and this probe had sent nothing: something in between "
    "did, a proxy, a PROXY header or a firewall"
)
_BARE = {
    "bare_sender": mark("The sender {path} has no domain"),
    "bare_recipient": mark("The recipient {path} has no domain"),
}
_WAIT = mark("The server asks to wait {wait}")
_TOO_OLD = mark("The server refuses TLS versions before 1.2")
_NTLM = mark("The server offers {offered} alone, which is for clients of its own Windows domain")


def tls_required(rejection: Rejection) -> Assessment:
    """tls-required: the transcript shows whether the refused command went in clear."""
    if rejection.exchange.over_tls:
        if "old_tls" in told(rejection.reply.text, rejection.explanation):
            return Assessment(confidence=Confidence.STATED, statement=say(_TOO_OLD))
        return Assessment(
            confidence=Confidence.CONTRADICTED,
            because=(say("the command was sent over TLS"),),
            statement=not_your_fault(say(_OVER_TLS)),
        )
    known = of_session(rejection)
    template = _NOT_USED if known.get("starttls_offered") else _IN_CLEAR if known.get("starttls_missing") else None
    said = say(template) if template else None
    return Assessment(
        confidence=Confidence.CONFIRMED, because=(say("the command was sent without TLS"),), statement=said
    )


def auth_required(rejection: Rejection) -> Assessment:
    """auth-required: the transcript shows whether anybody had logged in."""
    if of_session(rejection).get("logged_in"):
        return Assessment(
            confidence=Confidence.CONTRADICTED,
            because=(say("the session was authenticated when this was refused"),),
            statement=not_your_fault(say(_LOGGED_IN)),
        )
    reply = of_reply(rejection)
    port = reply.get("submission_port")
    if reply.get("submission_named"):
        wants = say(_ON_SUBMISSION, port=port) if port else say(_BY_SUBMISSION)
        return Assessment(confidence=Confidence.STATED, statement=wants)
    words, said = say("nobody had logged in on this session"), login_statement(rejection)
    return Assessment(confidence=Confidence.CONFIRMED, because=(words,), statement=said)


def login_statement(rejection: Rejection, *, supposed: bool = False) -> str | None:
    """What the port offers for the login that it wants, or that it is only `supposed` to want; None if no EHLO tells."""
    known = of_session(rejection)
    if offered := known.get("auth_offered"):
        return say(_MAYBE_LOG_IN if supposed else _LOG_IN, offered=offered)
    if known.get("auth_after_tls"):
        return say(_LOG_IN_AFTER_TLS)
    return say(_NO_AUTH) if known.get("auth_missing") else None


def auth_failed(rejection: Rejection) -> Assessment:
    """auth-failed: whether a password or a token was refused."""
    if mechanism_used(rejection.transcript, rejection.exchange) in ("XOAUTH2", "OAUTHBEARER"):
        status = _token_status(rejection)
        said = say(_TOKEN_STATUS, status=status) if status else say(_TOKEN)
        words = say("the access token was not accepted") + (say(" (status {status})", status=status) if status else "")
        return Assessment(confidence=Confidence.STATED, because=(words,), statement=said)
    if rejection.exchange.phase is Phase.AUTH and rejection.explanation.stated_by_reply:
        unexplained = "reason_unavailable" in told(rejection.reply.text, rejection.explanation)
        return Assessment(confidence=Confidence.STATED, statement=say(_NO_REASON if unexplained else _CREDENTIALS))
    return STATED


def _token_status(rejection: Rejection) -> str | None:
    """The status in the JSON of the challenge that comes before the refusal (RFC 7628 §3.2.3)."""
    for exchange in reversed(rejection.transcript.exchanges[: rejection.exchange.index]):
        if exchange.phase is Phase.AUTH and exchange.reply and exchange.reply.code == 334:
            try:
                error = msgspec.json.decode(base64.b64decode(exchange.reply.text.strip(), validate=True))
            except (binascii.Error, ValueError, RecursionError):
                return None
            status = error.get("status") if isinstance(error, dict) else None
            return str(status)[:40] if status else None
    return None


def method_blocked(rejection: Rejection) -> Assessment:
    """auth-method-blocked: whether anything is offered that takes a password."""
    known = of_session(rejection)
    said = say(_NTLM, offered=known["auth_offered"]) if known.get("ntlm_only") else None
    return Assessment(confidence=Confidence.STATED, statement=said)


def relay_denied(rejection: Rejection) -> Assessment:
    """relay-denied: where mail for the recipient's domain goes, and whether anybody had logged in."""
    known, session = of_names(rejection), of_session(rejection)
    domain, hosts = known.get("recipient_domain"), known.get("recipient_mx")
    runs = mx_run(rejection) if known.get("recipient_known") else ()
    if known.get("recipient_missing"):
        words, said = say("{domain} does not exist in DNS", domain=domain), say(_missing(session), domain=domain)
    elif known.get("recipient_mx_here"):
        words, said = say("the MX records of {domain} name this server", domain=domain), say(_MX_HERE, domain=domain)
    elif hosts:
        words, said = (
            say("the MX records of {domain} name {hosts}", domain=domain, hosts=hosts),
            say(_ELSEWHERE, domain=domain, hosts=hosts),
        )
    else:
        if not session.get("auth_offered") or session.get("logged_in"):
            return Assessment(confidence=Confidence.STATED, checks=runs)
        words, said = say("nobody had logged in on this session"), say(_NOBODY_LOGGED_IN)
    return Assessment(confidence=Confidence.CONFIRMED, because=(words,), checks=runs, statement=said)


def _missing(session: Mapping[str, str | None]) -> str:
    """What is said of a domain that does not exist, at a server that does not relay for it: what a login would change."""
    if session.get("logged_in"):
        return _MISSING_AND_NO_RELAY
    if session.get("auth_offered"):
        return _MISSING_AND_LOGIN
    return _MISSING_AND_NO_LOGIN if session.get("auth_after_tls") else _MISSING_AND_NO_RELAY


def not_permitted(rejection: Rejection) -> Assessment:
    """sender-not-permitted: which login may not send as which address."""
    owner = _OWNER.search(rejection.reply.text)
    if owner is None or not rejection.reverse_path or not of_session(rejection).get("logged_in"):
        return STATED
    said = say(_NOT_OWNED, login=owner[1], sender=rejection.reverse_path)
    return Assessment(confidence=Confidence.STATED, statement=said)


def address_syntax(rejection: Rejection) -> Assessment:
    """address-syntax: whether the path that is refused has a domain."""
    for name, path in of_paths(rejection).items():
        if path:
            words = say("the path {path} has no domain", path=path)
            return Assessment(confidence=Confidence.CONFIRMED, because=(words,), statement=say(_BARE[name], path=path))
    return STATED


def moved(rejection: Rejection) -> Assessment:
    """recipient-inactive: the new address that the reply gives."""
    address = told(rejection.reply.text, rejection.explanation).get("new_address")
    return Assessment(confidence=Confidence.STATED, statement=say(_MOVED, address=address) if address else None)


def reputation(rejection: Rejection) -> Assessment:
    """poor-reputation: whom a refusal as spam is about that comes before there is any message."""
    as_spam = "called_spam" in told(rejection.reply.text, rejection.explanation)
    if not as_spam or not is_before_data(rejection.exchange.phase):
        return STATED
    return Assessment(confidence=Confidence.STATED, statement=say(_NOT_THE_CONTENT))


def policy(rejection: Rejection) -> Assessment:
    """policy-rejected: whether the reply says that the host serves nobody."""
    nobody = "serves_nobody" in told(rejection.reply.text, rejection.explanation)
    return Assessment(confidence=Confidence.STATED, statement=say(_NOBODY) if nobody else None)


def protocol(rejection: Rejection) -> Assessment:
    """protocol-error: whether the server speaks another protocol than was spoken to it."""
    known = of_session(rejection)
    if known.get("spoke_first"):
        words = say("nothing had been sent before the greeting")
        said = not_your_fault(say(_SPOKE_FIRST))
        return Assessment(confidence=Confidence.CONTRADICTED, because=(words,), statement=said)
    if (lost := forgotten(rejection)) is not None:
        words = say("{command} was answered with {code}", command=lost.command, code=lost.code)
        said = not_your_fault(say(_FORGOTTEN, command=lost.command, reply=lost.code))
        return Assessment(confidence=Confidence.CONTRADICTED, because=(words,), statement=said)
    if known.get("lhlo_refused"):
        words = say("the server does not know LHLO")
        return Assessment(confidence=Confidence.CONFIRMED, because=(words,), statement=say(_NOT_LMTP))
    if known.get("hello_refused"):
        return Assessment(confidence=Confidence.STATED, statement=say(_PERHAPS_LMTP))
    return STATED


def deferred(rejection: Rejection) -> Assessment:
    """greylisted, rate-limited, server-temporary: whom it is about, and how long the reply asks to wait."""
    if path := error_before(rejection):
        words = say("the reply came after the error for {path}", path=path)
        return Assessment(confidence=Confidence.CONFIRMED, because=(words,), statement=say(_NOT_JUDGED, path=path))
    cause, words_told = rejection.explanation.cause, told(rejection.reply.text, rejection.explanation)
    if cause == "rate-limited" and "sender_rate" in words_told and rejection.reverse_path:
        return Assessment(confidence=Confidence.STATED, statement=say(_SENDER_RATE, sender=rejection.reverse_path))
    if cause == "server-temporary" and "shutting_down" in words_told:
        return Assessment(confidence=Confidence.STATED, statement=say(_SHUTTING_DOWN))
    if cause == "server-temporary" and rejection.exchange.phase is Phase.AUTH:
        return Assessment(confidence=Confidence.STATED, statement=say(_NOT_CHECKED))
    seconds = rejection.explanation.captures.wait_s
    if not seconds:
        return STATED
    wait = duration(seconds)
    return Assessment(confidence=Confidence.STATED, statement=say(_WAIT, wait=wait))
