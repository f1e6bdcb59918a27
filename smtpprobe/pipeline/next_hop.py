"""The session's mail host as a sending MTA sees it, and whether the policies about its TLS are looked up."""

from __future__ import annotations

from smtpprobe.checks.base import NextHop, SessionView, Skip, not_applicable
from smtpprobe.checks.tls.channel import seen
from smtpprobe.model.names import domain_of, is_ip_address
from smtpprobe.model.ports import is_submission
from smtpprobe.model.request import Envelope, Protocol, Request
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Transcript


def next_hop(request: Request, envelope: Envelope, transcript: Transcript) -> NextHop | Skip:
    """The mail host, or why there is none that MTA-STS or DANE could be about."""
    target, host = request.target, (transcript.host or request.target.host).rstrip(".").lower()
    if target.socket is not None or transcript.port is None or target.protocol is Protocol.LMTP:
        return not_applicable(say("the target is not a mail exchanger but a local delivery service"))
    # RFC 7672 §3.1.3, RFC 8461 §1: both are about mail between domains, not about submission.
    if request.user is not None or is_submission(transcript.port):
        return not_applicable(say("this is submission, not mail between domains"))
    if is_ip_address(host):
        return not_applicable(say("the target is an address, which no policy names"))
    if "." not in host:
        return not_applicable(say("{host} is not a name in the public DNS", host=host))
    through_mx = not target.literal
    domains = [domain_of(path.value) for path in envelope.forward_paths]
    domain = target.host if through_mx else next((each for each in domains if each), None)
    return NextHop(host=host, domain=domain, through_mx=through_mx)


def tls_policies_apply(session: SessionView) -> bool:
    """Whether the policies about TLS are looked up without a refusal: where mail is exchanged, and where TLS is in trouble."""
    channel = seen(session)
    if channel is None or not isinstance(session.next_hop, NextHop):
        return False
    if channel.tls is not None:
        return session.next_hop.through_mx or not channel.tls.verified
    # A host named by itself may be anyone's test server: that it lacks TLS is nothing to ask the world about.
    return channel.offered or session.next_hop.through_mx
