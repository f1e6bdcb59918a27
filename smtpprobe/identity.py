"""Who the server thinks we are. Found, not assumed: DNSBL, SPF and iprev are about the address that the server saw."""

from __future__ import annotations

from smtpprobe.catalogue.explainer.captures import client_ip, ehlo_client_ip
from smtpprobe.model import names
from smtpprobe.model.transcript import Identity, IpSource, Phase, Transcript


def identify(transcript: Transcript, helo: str | None, given_ip: str | None = None) -> Identity:
    """The client IP with its source, and where sources disagree a warning.

    In this order: the option, the text of a rejection, the reply to EHLO, the socket; the socket's address counts only
    where it is global or the peer is loopback or private itself. An address in a rejection counts by its place and form.
    """
    sources: list[tuple[IpSource, str]] = []
    if given_ip:
        sources.append((IpSource.OPTION, given_ip))
    in_reply = next(
        (
            ip
            for exchange in transcript.negative
            if exchange.reply and (ip := client_ip(exchange.reply.text, strictly=True))
        ),
        None,
    )
    if in_reply:
        sources.append((IpSource.REPLY, names.ip_address(in_reply)))
    in_ehlo = _from_ehlo(transcript)
    if in_ehlo:
        sources.append((IpSource.EHLO, names.ip_address(in_ehlo)))
    local = transcript.local_address
    if local and names.is_ip_address(local) and _socket_counts(local, transcript.address):
        sources.append((IpSource.SOCKET, names.ip_address(local)))
    if not sources:
        why = _why_unknown(local)
        return Identity(
            client_ip=None,
            client_ip_source=IpSource.UNKNOWN,
            helo=helo,
            warnings=why,
            needs="client_ip" if why else None,
        )
    source, ip = sources[0]
    warnings = tuple(
        f"the {_words(other)} says {other_ip}, the {_words(source)} says {ip}: the latter is used"
        for other, other_ip in sources[1:]
        if other_ip != ip
    )
    return Identity(client_ip=ip, client_ip_source=source, helo=helo, warnings=warnings)


def _from_ehlo(transcript: Transcript) -> str | None:
    for exchange in reversed(transcript.exchanges):
        if exchange.phase is Phase.EHLO and exchange.reply and exchange.reply.digit == 2:
            return ehlo_client_ip(exchange.reply.lines)
    return None


def _socket_counts(local: str, peer: str) -> bool:
    return names.is_global(local) or (names.is_ip_address(peer) and names.is_local_address(peer))


def _why_unknown(local: str | None) -> tuple[str, ...]:
    if local is None:
        return ()
    return (f"this host's address {local} is not what the server sees (NAT)",)


def _words(source: IpSource) -> str:
    return {
        IpSource.OPTION: "option",
        IpSource.REPLY: "reply",
        IpSource.EHLO: "reply to EHLO",
        IpSource.SOCKET: "socket",
    }.get(source, source.value)
