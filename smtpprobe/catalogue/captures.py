"""What a reply names: the client IP, the list, the domain, the URL, the waiting time."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from smtpprobe.catalogue import wording


class Captures(msgspec.Struct, frozen=True):
    """The parts of a reply that advice needs; None where it names none.

    `ip` is the client IP as the server saw it; `list` a DNSBL zone; `wait_s` seconds to wait; `helo` the HELO name;
    `address` the mailbox complained about; `list_refused`: the reply quotes a refusal of the DNSBL query, not a listing.
    """

    ip: str | None = None
    domain: str | None = None
    list: str | None = None
    url: str | None = None
    wait_s: int | None = None
    mechanism: str | None = None
    helo: str | None = None
    address: str | None = None
    list_refused: bool = False


_NAME = r"((?:[\w](?:[\w-]{0,61}[\w])?\.){1,10}[a-z][a-z0-9-]{1,23})"
_ADDRESS = r"(?:ipv6:)?((?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f.]{0,15})"
_ANY_IP = re.compile(rf"(?<![\w.:]){_ADDRESS}(?![\w:]|\.\d)", re.IGNORECASE)
_CLIENT_IP = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bclient(?: host)?[:\s]{{1,3}}[^\s\[\]]{{0,120}}\[{_ADDRESS}\]",
        rf"\bclient(?: host)?[:\s(]{{1,3}}{_ADDRESS}",
        rf"<?[\w.-]{{1,120}}\[{_ADDRESS}\]>?: client host",
        rf"\b(?:sending|sender|source|your|originating|connecting|remote|client)(?: mail)?(?: server)?(?:'s)?"
        rf"(?: ip)?(?: address)?(?: of)?[\s:=\[(]{{1,4}}{_ADDRESS}",
        rf"(?:[?&;]ip(?:_address)?|\bip)=\[?{_ADDRESS}",
        rf"/(?:query/)?(?:ip|bl|listed|lookup)[/?](?:\?)?(?:ip=|searchterm=)?{_ADDRESS}",
        rf"[?]{_ADDRESS}",
        rf"\bwith ip:?\s*\[?{_ADDRESS}",
        rf"\b(?:from|ip|banned sender|sending ip|host|to you|for)(?: address)?[\s:]*[\[(<]?{_ADDRESS}",
        rf"\[?{_ADDRESS}\]?\)? (?:is |was |has been |are )?(?:currently )?(?:listed|blocked|blacklisted|found|in an?\b|on\b|rejected)",
    )
)
_NOT_CLIENT = re.compile(
    r"(?:lastattemptedip|server at|other mxes tried|dns ip|your dns|remote server|relay|nameserver|server)[\s:=\w.()-]{0,40}[\[( =:]$"
    r"|said:? ?$|=$",
    re.IGNORECASE,
)
_RETURN_CODE = re.compile(r"(?<![\d.])127\.255\.255\.\d{1,3}(?!\d)")
_REFUSED = re.compile(
    r"127\.255\.255\.\d|open[- /]?(?:dns )?resolver|public[- /]?(?:dns )?resolver|query refused|queries? (?:was |were )?(?:blocked|refused)"
    r"|refused\.shtml|/returnc/|returnc(?:ode)?s?/pub|too many queries|query limit|rate limit(?:ed)? .{0,20}dnsbl",
    re.IGNORECASE,
)
_ZONE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bblocked (?:using|by|via|at|in) {_NAME}",
        rf"\b(?:rejected|refused|denied|blacklisted|blocklisted|listed|found|present|block) (?:using|by|in|at|on|via|from|with)(?: the)? {_NAME}",
        rf"\bblack ?list(?:ed|ing)?(?: at| in| by| on|:)?[\s(]{{1,2}}{_NAME}",
        rf"\b(?:rbl|dnsbl|rhsbl|block ?list)(?: server)?(?: response| provider| at| in|:)?[\s(]{{1,2}}{_NAME}",
        rf"\bprovider {_NAME}",
    )
)
_DOMAIN_LISTED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:sender|recipient|helo|client)(?: address| command| host)? \[(?:[^\s\]@]*@)?{_NAME}\] blocked using",
        rf"\b{_NAME} (?:is |was |has been )?(?:currently )?(?:black|block)?listed (?:at|in|on|by)",
        rf"(?:url|uri|link|domain)s? .{{0,30}}?[(\[<]{_NAME}[)\]>]",
        rf"\bdomain {_NAME} (?:is |was )?(?:black|block)?listed",
    )
)
_DOMAIN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:dmarc|spf|dkim) (?:policy|record|check|validation)?\s*(?:for|of) (?:\[|<)?{_NAME}",
        rf"(?:email|mail|message) from {_NAME} is not accepted",
        rf"{_NAME}['’]s (?:dmarc|spf|dkim)",
        rf"(?:spf|dkim)(?: check for)? [\[<]{_NAME}[\]>]",
        rf"sending domain [\[<]?{_NAME}",
        rf"from: \[{_NAME}\]",
        rf"[?&;](?:id|s|sender)=(?:[^\s;&@]{{1,64}}@)?{_NAME}",
        rf"spf .{{0,30}}?\bfor {_NAME}",
        rf"<(?:[^\s<>@]{{1,64}}@)?{_NAME}>:? sender address rejected",
        rf"verification failed for <[^\s<>@]{{0,64}}@{_NAME}>",
        rf"\b{_NAME} does(?:n't| not) (?:allow|permit|designate)",
        rf"\bto send (?:mail )?from <?(?:[^\s<>@]{{1,64}}@)?{_NAME}",
        rf"\bdomain (?:of (?:the )?sender |name )?[\[<\"']?{_NAME}",
        rf"\brelay(?:ing)? (?:mail )?(?:for|to) <?(?:[^\s<>@]{{1,64}}@)?{_NAME}",
    )
)
_WAIT = re.compile(
    r"\b(?:for|in|after|within|wait|next|least|another|retry[- ]after[:=]?|every)\s*:?\s*(?:about |approximately |at least )?"
    r"(\d{1,6})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|minuten|h|hrs?|hours?|stunden?|days?)\b"
    r"|\b(\d{1,6})\s*(seconds?|secs?|minutes?|mins?|hours?|sekunden|minuten|segundos|minutos|secondes|minuti)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b(?:in|for|after|wait)\s+(\d\d):(\d\d):(\d\d)\b", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MECHANISM = re.compile(
    r"\b(PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|XOAUTH2|OAUTHBEARER|XOAUTH|SCRAM-SHA-\d{1,3}(?:-PLUS)?|EXTERNAL|ANONYMOUS)\b"
)
_HELO = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"<([^<>\s]{1,255})>: helo command rejected",
        r"\b(?:helo|ehlo)(?: name| argument| domain| hostname| string)?\s*[=:]?\s*[\[(<\"']{1,2}([\w.:-]{1,255})[\])>\"']",
        rf"\b(?:helo|ehlo)(?: name| argument| domain| hostname)? {_NAME}",
    )
)
_MAILBOX = re.compile(r"<([^<>\s@]{1,64}@[\w.-]{1,253})>|\b([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,10}[a-z]{2,24})\b", re.IGNORECASE)
_EHLO_IP = re.compile(rf"\[{_ADDRESS}\]|\({_ADDRESS}\)|\bhello\b.{{0,200}}?\s{_ADDRESS}(?:\s|,|$)", re.IGNORECASE)


def capture(said: wording.Wording, cause: str) -> Captures:
    """The captures of a reply whose cause is known."""
    full = said.full
    listed = cause in ("ip-blocklisted", "domain-blocklisted", "poor-reputation", "policy-rejected", "greylisted")
    zone = _list(said, cause) if listed or "blocked using" in full.lower() else None
    mailbox = _MAILBOX.search(full) if "@" in full else None
    mechanism = _MECHANISM.search(full) if cause in ("auth-method-blocked", "auth-failed", "protocol-error") else None
    return Captures(
        ip=client_ip(full),
        domain=_domain(full, cause),
        list=zone,
        url=said.urls[0] if said.urls else None,
        wait_s=_wait(full) if said.code is None or said.code < 500 else None,
        mechanism=mechanism[1] if mechanism else None,
        helo=_first(_HELO, full) if "elo" in full.lower() or "ehlo" in full.lower() else None,
        address=(mailbox[1] or mailbox[2]) if mailbox else None,
        list_refused=bool(zone) and bool(_REFUSED.search(full)),
    )


def client_ip(full: str) -> str | None:
    """The client IP that a reply names: never a DNSBL's return code, never one given as the server's own."""
    if "." not in full and ":" not in full:
        return None
    for pattern in _CLIENT_IP:
        for match in pattern.finditer(full):
            if _RETURN_CODE.match(match[1]) or _NOT_CLIENT.search(full[max(0, match.start() - 50) : match.start(1)]):
                continue
            if ip := valid_ip(match[1]):
                return ip
    others = {
        ip
        for match in _ANY_IP.finditer(full)
        if (ip := valid_ip(match[1]))
        and not ip.startswith("127.")
        and not _NOT_CLIENT.search(full[max(0, match.start() - 50) : match.start()])
    }
    return others.pop() if len(others) == 1 else None


def ehlo_client_ip(lines: Sequence[str]) -> str | None:
    """The client IP in a reply to EHLO: `mail.example.com Hello client.example.org [192.0.2.7]`; None without one."""
    for line in lines[:1]:
        for match in _EHLO_IP.finditer(line[:1000]):
            if ip := valid_ip(match[1] or match[2] or match[3]):
                return ip
    return None


def valid_ip(text: str) -> str | None:
    """The address in its shortest form, None where the text is none."""
    try:
        return str(ipaddress.ip_address(text.strip("[]. ")))
    except ValueError:
        return None


def _list(said: wording.Wording, cause: str) -> str | None:
    """The zone of the list: named in the words, in a URL, or by its operator's name."""
    for pattern in _ZONE:
        for match in pattern.finditer(said.full):
            name = match[1].lower()
            if wording.list_kind(name) or pattern is _ZONE[0]:
                return _lists()["zones"].get(name, name)
    lowered = said.full.lower()
    for words, zone in _lists()["names"].items():
        if words in lowered and (("dbl" in zone or "uribl" in zone) == (cause == "domain-blocklisted")):
            return str(zone)
    for match in re.finditer(_NAME, lowered):
        if wording.list_kind(match[1]) == ("domain" if cause == "domain-blocklisted" else "ip"):
            return _lists()["zones"].get(match[1], match[1])
    return None


def _lists() -> dict[str, Any]:
    from smtpprobe.catalogue import rules

    found: dict[str, Any] = rules.table("text_rules")["zones"]
    return found


def _domain(full: str, cause: str) -> str | None:
    patterns = _DOMAIN_LISTED if cause == "domain-blocklisted" else _DOMAIN
    found = _first(patterns, full)
    if found is None and cause == "domain-blocklisted":
        found = _first(_DOMAIN, full)
    return found.lower() if found and not wording.list_kind(found.lower()) else None


def _first(patterns: Sequence[re.Pattern[str]], full: str) -> str | None:
    for pattern in patterns:
        if match := pattern.search(full):
            return match[1]
    return None


def _wait(full: str) -> int | None:
    """The waiting time in seconds, None where the reply gives none."""
    if clock := _CLOCK.search(full):
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3])
    if match := _WAIT.search(full):
        amount, unit = match[1] or match[3], (match[2] or match[4]).lower()
        return int(amount) * _UNITS[unit[0]]
    return None
