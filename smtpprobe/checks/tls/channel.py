"""What became of TLS in a session, as a sender bound by MTA-STS or DANE judges it; shared by those checks."""

from __future__ import annotations

import msgspec

from smtpprobe.checks.base import NO_SESSION, CheckInput, NextHop, SessionView, Skip, missing, not_applicable
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Exchange, Phase, TlsSession, Transcript
from smtpprobe.wire.ehlo import extensions


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """TLS came about where `tls` is known; else `why_not` says why there is none. `exchange` shows it.

    `unverified`: a certificate that did not verify ended the handshake and is not known, as in reports of an earlier
    version. `offered` is False where the reply to EHLO did not name STARTTLS.
    """

    tls: TlsSession | None
    why_not: str | None = None
    exchange: int | None = None
    unverified: bool = False
    offered: bool = True


def channel(transcript: Transcript) -> Channel | None:
    """The session's channel; None where the session ended before it could become one over TLS, or went without on purpose."""
    starttls = next((each for each in transcript.exchanges if each.phase is Phase.STARTTLS), None)
    handshake = next((each for each in transcript.exchanges if each.phase is Phase.TLS), None)
    if handshake is not None:
        return _handshaken(handshake)
    if starttls is not None:
        return Channel(tls=None, why_not=_refusal(starttls), exchange=starttls.index)
    greeted = next((x for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply and x.reply.digit == 2), None)
    if greeted is None or greeted.reply is None or "STARTTLS" in extensions(greeted.reply.lines):
        return None
    return Channel(tls=None, why_not=say("the server does not offer STARTTLS"), exchange=greeted.index, offered=False)


def _handshaken(handshake: Exchange) -> Channel:
    if handshake.tls is not None:
        return Channel(tls=handshake.tls, exchange=handshake.index)
    detail = handshake.detail or say("no reason given")
    unverified = handshake.tls_fault is not None and handshake.tls_fault.is_of_certificate
    return Channel(
        tls=None,
        why_not=say("the handshake failed: {detail}", detail=detail),
        exchange=handshake.index,
        unverified=unverified,
    )


def _refusal(starttls: Exchange) -> str:
    if starttls.reply is None:
        return say("STARTTLS was not answered ({breakage})", breakage=starttls.breakage or say("no reply"))
    return say("STARTTLS was answered with {code}", code=starttls.reply.code)


def seen(session: SessionView) -> Channel | None:
    """The session's channel; None where there is none to judge."""
    if session.transcript is None or not isinstance(session.next_hop, NextHop):
        return None
    return channel(session.transcript)


def why_no_channel(check_input: CheckInput) -> Skip | None:
    """Why nothing of the session can be judged; None where it can."""
    session = check_input.session
    if not isinstance(session.next_hop, NextHop):
        return session.next_hop or NO_SESSION
    if session.transcript is None:
        return NO_SESSION
    if seen(session) is None:
        return not_applicable(say("the session ended before TLS"))
    return None


def policy_domain(check_input: CheckInput) -> str | None:
    """The domain whose policy applies: the one given to a check run alone, else the next hop's."""
    if check_input.options.domains:
        return check_input.options.domains[0]
    next_hop = check_input.session.next_hop
    return next_hop.domain if isinstance(next_hop, NextHop) else None


def why_no_policy_domain(check_input: CheckInput) -> Skip | None:
    """Why there is no domain whose policy could be looked up; None where there is one."""
    if check_input.options.domains:
        return None
    return why_no_channel(check_input) or (
        None
        if policy_domain(check_input)
        else missing("rcpt_to", say("no forward-path names the domain whose mail goes to this host"))
    )
