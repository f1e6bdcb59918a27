"""Who the server thinks we are. Found, not assumed: DNSBL, SPF and iprev are about the address that the server saw."""

from __future__ import annotations

from collections.abc import Iterable

from smtpprobe.catalogue.explainer.addresses import addresses_in, ehlo_client_ip
from smtpprobe.catalogue.explainer.session_ip import Known, session_client_ip
from smtpprobe.model import names
from smtpprobe.model.request import Request
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Exchange, Identity, IpSource, Phase, Transcript

_OTHERS = {
    IpSource.REPLY: mark("the refusal quotes"),
    IpSource.EHLO: mark("the reply to EHLO quotes"),
    IpSource.SOCKET: mark("the connection itself came from"),
}


def identify(
    transcript: Transcript, helo: str | None, given_ip: str | None = None, told: tuple[IpSource, str] | None = None
) -> Identity:
    """The client IP with its source, and a warning if sources disagree.

    In this order: the option, what was `told` by XCLIENT or a PROXY header, the text of a rejection, the reply to
    EHLO, the socket; the socket's address counts only if it is global or the peer is loopback or private itself. An
    address in a rejection counts by its place and form, and by what the session knows: one that we sent, or that is
    the server's, is not ours because a reply repeats it.
    """
    sources: list[tuple[IpSource, str]] = []
    if given_ip:
        sources.append((IpSource.OPTION, given_ip))
    if told is not None:
        sources.append(told)
    local = transcript.local_address
    ours = _addresses(given_ip, local, told[1] if told else None)
    in_ehlo = _from_ehlo(transcript, helo, ours)
    known = _known(transcript, helo, ours | _addresses(in_ehlo))
    in_reply = next(
        (
            ip
            for exchange in transcript.negative
            if exchange.reply and (ip := session_client_ip(exchange.reply.text, known))
        ),
        None,
    )
    if in_reply:
        sources.append((IpSource.REPLY, names.ip_address(in_reply)))
    if in_ehlo:
        sources.append((IpSource.EHLO, names.ip_address(in_ehlo)))
    # Whoever is told of another client looks at no socket.
    if told is None and local and names.is_ip_address(local) and _socket_counts(local, transcript.address):
        sources.append((IpSource.SOCKET, names.ip_address(local)))
    if not sources:
        why = _why_unknown(local, transcript.via)
        return Identity(
            client_ip=None,
            client_ip_source=IpSource.UNKNOWN,
            helo=helo,
            warnings=why,
            needs="client_ip" if why else None,
        )
    source, ip = sources[0]
    warnings = tuple(f"{say(_OTHERS[other])} {other_ip}" for other, other_ip in sources[1:] if other_ip != ip)
    return Identity(client_ip=ip, client_ip_source=source, helo=helo, warnings=warnings)


def told_client(request: Request, exchanges: Iterable[Exchange]) -> tuple[IpSource, str] | None:
    """The client that the server was told of, and how; None where it was told of none."""
    done = {each.phase for each in exchanges if each.reply is None or each.reply.digit == 2}
    if request.xclient is not None and Phase.XCLIENT in done:
        from smtpprobe.wire.xclient import client_ip

        if (address := client_ip(request.xclient)) is not None:
            return IpSource.XCLIENT, address
    if request.proxy_source is not None and Phase.PROXY in done:
        from smtpprobe.wire.dialogue.proxy import client

        return IpSource.PROXY, client(request.proxy_source)[0]
    return None


def _from_ehlo(transcript: Transcript, helo: str | None, ours: frozenset[str]) -> str | None:
    for exchange in reversed(transcript.exchanges):
        if exchange.phase is Phase.EHLO and exchange.reply and exchange.reply.digit == 2:
            return ehlo_client_ip(exchange.reply.lines, _sent(transcript, helo) - ours)
    return None


def _known(transcript: Transcript, helo: str | None, ours: frozenset[str]) -> Known:
    """What the transcript tells of addresses before any rejection is read."""
    peer = transcript.address
    hosts = {transcript.host.lower()} if transcript.host else set()
    not_ours = set(_sent(transcript, helo) | _addresses(peer))
    for exchange in transcript.exchanges:
        if exchange.phase in (Phase.GREETING, Phase.EHLO) and exchange.reply and exchange.reply.lines:
            # RFC 5321 §4.2: both begin with the server's name.
            name = exchange.reply.lines[0][:255].split(" ")[0].rstrip(".").lower()
            if "." in name and names.is_domain(name):
                hosts.add(name)
            elif literal := names.literal_address(name):
                not_ours.add(literal)
    return Known(
        ours=ours,
        not_ours=frozenset(not_ours),
        hosts=frozenset(hosts),
        is_near=not names.is_ip_address(peer) or names.is_local_address(peer),
    )


def _sent(transcript: Transcript, helo: str | None) -> frozenset[str]:
    """The addresses in the HELO name and the paths that we sent."""
    phases = (Phase.EHLO, Phase.MAIL, Phase.RCPT)
    commands = [exchange.sent for exchange in transcript.exchanges if exchange.phase in phases]
    return _addresses(*(ip for text in (helo, *commands) if text for ip in addresses_in(text)))


def _addresses(*given: str | None) -> frozenset[str]:
    """Those of the texts that are IP addresses, each in its shortest form."""
    return frozenset(names.ip_address(text) for text in given if text and names.is_ip_address(text))


def _socket_counts(local: str, peer: str) -> bool:
    return not names.is_local_address(local) or (names.is_ip_address(peer) and names.is_local_address(peer))


def _why_unknown(local: str | None, via: str | None) -> tuple[str, ...]:
    if via is not None:
        return (say("the server sees the address of the proxy {via}, which is not known here", via=via),)
    if local is None:
        return ()
    return (say("this host's address {local} is not what the server sees (NAT)", local=local),)
