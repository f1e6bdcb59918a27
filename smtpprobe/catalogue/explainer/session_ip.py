"""The client IP in a session's rejection: by position and form, and by what the session knows."""

from __future__ import annotations

import re

import msgspec

from smtpprobe.catalogue.explainer.addresses import addresses, introduced_addresses, is_version
from smtpprobe.model import names

_WINDOW = 300  # characters before an address that may say what it is
# More words than `captures` has, which takes an address that stands alone for the client's.
_INTRODUCED = re.compile(
    r"\byour (?:reverse )?host ?name,? [\[(]$|\bip name (?:lookup failed|possibly forged) [\[(]$|\byou [\[(]$"
    r"|(?<!\bby )\bthe mail server [\[(]$|\bfrom mail server [\[(]$"
    # In brackets right behind the codes, which every line may repeat, or behind the path that the reply is about.
    r"|(?:\s|\d-)[245]\.\d{1,3}\.\d{1,3} [\[(](?:ipv6:)?$"
    r"|\A(?:[245]\d\d[ -])?(?:[245]\.\d{1,3}\.\d{1,3} )?(?:<[^<>]{0,200}>:? ?)?(?:- )?[\[(](?:ipv6:)?$",
    re.IGNORECASE,
)
_SAID_OF = re.compile(
    r"[\])]?(?::\d{1,5})? (?:is|was|has|have|does|did|cannot|can't|may|must|not|listed|blocked|rejected|refused)\b",
    re.IGNORECASE,
)
# A host name before the bracket: whose address it is, the server's or the client's, its place does not tell.
_NAMED = re.compile(r"[\w-]\.[a-z][a-z\d-]{1,62}\.? ?[\[(]$", re.IGNORECASE)
_HELO = re.compile(
    r"\b(?:helo|ehlo)(?: name| arguments?| argument\(s\)| domain| hostname| string| command)?[\s:=]{1,3}[\[(\"'<]{0,2}$",
    re.IGNORECASE,
)
# What the next hop said to the server: its client is the server.
_QUOTED = re.compile(r"\bsaid: ?[\"']?[245]\d\d\b", re.IGNORECASE)
_CLIENT_HOST = re.compile(r"\]>:? client host\b", re.IGNORECASE)
_HELO_REJECTED = re.compile(r">:? (?:helo|ehlo)\b", re.IGNORECASE)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a session knows of addresses.

    `ours` are the client's own; `not_ours` the server's, and those in the HELO name and the paths that we sent;
    `hosts` the server's names in lower case. `is_near`: the peer is private or loopback, and so we may be.
    """

    ours: frozenset[str] = frozenset()
    not_ours: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    is_near: bool = False


def session_client_ip(text: str, known: Known = Known()) -> str | None:
    """The address that a rejection gives as the client's: words introduce it, its place does, or it is known to be ours."""
    if quoted := _QUOTED.search(text):
        text = text[: quoted.start()]
    for ip, place in introduced_addresses(text):
        if _may_be_clients(text, ip, place, known):
            return ip
    others = {
        ip
        for ip, place in addresses(text)
        if (ip in known.ours or _is_placed(text, *place)) and _may_be_clients(text, ip, place, known)
    }
    return others.pop() if len(others) == 1 else None


def _is_placed(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _WINDOW) : start]
    if _INTRODUCED.search(before):
        return True
    return bool(_SAID_OF.match(text, end)) and not _NAMED.search(before) and not is_version(before)


def _may_be_clients(text: str, ip: str, place: tuple[int, int], known: Known) -> bool:
    ip = names.ip_address(ip)
    if not known.is_near and names.is_local_address(ip):
        return False
    if ip in known.ours:
        return True
    start, end = place
    before = text[max(0, start - _WINDOW) : start]
    return not (
        ip in known.not_ours
        or _HELO.search(before)
        or _host_before(before) in known.hosts
        or _is_in_path(text, before, end)
    )


def _host_before(before: str) -> str:
    """The word before an address and its bracket, in lower case: a host name, if it is one."""
    words = before.rstrip("[(< :").split()[-1:]
    return words[0].strip("<>()[]\"',;:.").lower() if words else ""


def _is_in_path(text: str, before: str, end: int) -> bool:
    """Whether the address stands between `<` and `>`: of a mailbox or a HELO name, not of a client host or a URL."""
    _, opened, inside = before.rpartition("<")
    if not opened or ">" in inside or ">" not in text[end : end + _WINDOW]:
        return False
    if inside.lower().startswith(("http://", "https://")) or _CLIENT_HOST.match(text, end):
        return False
    return bool(inside) or not text.startswith(">", end) or bool(_HELO_REJECTED.match(text, end))
