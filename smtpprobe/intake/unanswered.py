"""What mail servers say if no server gave a reply: whether words are such, the stage, and whom they were to reach."""

from __future__ import annotations

import re
from functools import lru_cache

from smtpprobe.model.transcript import Phase

_LIMIT = 4096  # characters of the words that are searched
_CODED = re.compile(r"\s*#?[<\"']{0,2}[245](?:\d\d|\.\d{1,3}\.\d{1,3})\b", re.ASCII)
# The first that is in the words; a lost connection may be at any stage.
_KINDS: tuple[tuple[re.Pattern[str], Phase | None], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), phase)
    for pattern, phase in (
        (
            r"\blost connection with |\bconversation with .{1,300} timed out"
            r"|\bconnection (?:was )?(?:reset|lost|closed|dropped)\b"
            r"|\bclosed (?:the )?connection|\breset by peer|broken pipe|SMTP timeout after |\bread error from "
            r"|premature end-of-input|\btimed out while |\bconnection died\b|SocketError",
            None,
        ),
        (
            r"host or domain name not found|name service error|host found but no data record|host name lookup failure"
            r"|DNS query failed|host unknown \(name server: |couldn't find any host named|host lookup did not complete",
            Phase.DNS,
        ),
        (
            r"TLS is required, but was not offered|TLS session is required, but the server did not offer"
            r"|host did not offer STARTTLS|did not offer TLS support",
            Phase.STARTTLS,
        ),
        (
            r"Cannot start TLS: handshake failure|TLS error on connection|TLS handshake fail"
            r"|server certificate not (?:verified|trusted)",
            Phase.TLS,
        ),
        (
            r"\bconnect to \S{1,300}: |connection refused|connection timed out|operation timed out|no route to host"
            r"|(?:network|host) is unreachable|network unreachable|host is down|failed to connect|unable to connect"
            r"|could not connect|did not accept our requests to connect|to establish an SMTP connection|Winsock error"
            r"|: timed out\]|\bECONN[A-Z]{3,12}|\bETIMEDOUT|\bE(?:HOST|NET)UNREACH",
            Phase.CONNECT,
        ),
    )
)
_DURING = re.compile(r" while (?:sending|receiving(?: the)?|performing(?: the)?) (?P<command>[A-Za-z ]{3,40})")


def is_unanswered(words: str) -> bool:
    """Whether the words are the sending system's own, that no server gave a reply; words with a code are one."""
    return _CODED.match(words) is None and any(pattern.search(words[:_LIMIT]) for pattern, _ in _KINDS)


def phase_unanswered(words: str) -> Phase | None:
    """The stage at which there was no reply; None where the words do not say."""
    return next((phase for pattern, phase in _KINDS if pattern.search(words[:_LIMIT])), None)


_HOST_NAME = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.){1,10}[A-Za-z][A-Za-z0-9-]{1,62}"
_ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}|::1|[0-9A-Fa-f:]{2,39}:[0-9A-Fa-f:.]{0,39}"
_PEER = re.compile(
    rf"(?:(?P<name>{_HOST_NAME}|localhost)\.? ?|(?:\d{{1,3}}\.){{3}}\d{{1,3}})?(?:\([^()\s]{{0,255}}\) )?"
    rf"\[(?:IPv6:)?(?P<address>{_ADDRESS})\](?::(?P<port>\d{{1,5}}))?"
    rf"|(?P<bare>{_HOST_NAME})\.?(?::(?P<bare_port>\d{{1,5}}))?\Z"
    rf"|(?P<plain>(?:\d{{1,3}}\.){{3}}\d{{1,3}})(?::(?P<plain_port>\d{{1,5}}))?\Z"
    rf"|(?P<plain6>{_ADDRESS})\Z"
)
_IN_WORDS = re.compile(
    r"(?:\b(?:connect(?:ion)? (?:to|with)|connection for|conversation with|endpoint attempted was"
    r"|(?:timed out|offered) (?:with|by)(?: host)?|(?:refused|reset|closed) by|failed to|read error from|of server|host"
    r"|ECONN[A-Z]{3,12}|ETIMEDOUT"
    r"|E(?:HOST|NET)UNREACH) |H=|\[|\A)"
    rf"(?P<peer>(?:localhost|(?:\d{{1,3}}\.){{3}}\d{{1,3}})\[(?:{_ADDRESS})\](?::\d{{1,5}})?"
    rf"|{_HOST_NAME}+(?: ?\[(?:{_ADDRESS})\](?::\d{{1,5}})?|:\d{{1,5}})?(?![\w@\[-]|\.\w)"
    rf"|\[?(?:\d{{1,3}}\.){{3}}\d{{1,3}}\]?(?::\d{{1,5}})?(?![\w.]))",
    re.IGNORECASE,
)
_ASKED = re.compile(
    rf"\b(?:name=|name server: |any host named |DNS type '\w{{1,5}}' lookup of )(?P<name>{_HOST_NAME})"
    rf"|\bDNS domain (?P<domain>{_HOST_NAME})",
    re.IGNORECASE,
)
_OF_SERVERS = 25


def server_of(peer: str | None, words: str = "", port: int | None = _OF_SERVERS) -> str | None:
    """The server that a log's or a bounce's words name as their peer, as `host:port`; None where they name none.

    A name alone is one that DNS was asked for.

    `port` is the one where none is named: servers deliver to port 25 (RFC 5321 §4.5.4.2).
    """
    words = words[:_LIMIT]
    if ("name" in (lowered := words.lower()) or "dns" in lowered) and (asked := _ASKED.search(words)):
        # Nobody was reached: the name stands for itself.
        return (asked["name"] or asked["domain"]).lower()
    server = _peer(peer, port) if peer else None
    if server is None and (told := _IN_WORDS.search(words)):
        return _peer(told["peer"].rstrip("."), port)
    return server


@lru_cache(maxsize=1024)  # a log names few servers, and each of them in many lines
def _peer(peer: str, port: int | None) -> str | None:
    named = _PEER.match(peer)
    if named is None:
        return None
    host = named["name"] or named["bare"] or named["address"] or named["plain"] or named["plain6"]
    number = named["port"] or named["bare_port"] or named["plain_port"] or port
    host = f"[{host}]" if ":" in host else host.lower()
    return f"{host}:{number}" if number else host
