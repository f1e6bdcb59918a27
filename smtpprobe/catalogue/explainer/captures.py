"""What a reply names: the client IP, the list, the domain, the URL, the waiting time."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

import msgspec

from smtpprobe.catalogue import zones as dnsbl_zones
from smtpprobe.catalogue.explainer import rules, wording


class Captures(msgspec.Struct, frozen=True, kw_only=True):
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
# Whole: not part of a host name, which may have an address in it, also backwards, of a range, or of a longer number.
_ADDRESS = (
    r"(?<![\w.])(?<!\.\d-)(?<!\.\d\d-)(?<!\.\d\d\d-)(?<!\d:)(?<!::)(?:ipv6:)?"
    r"((?:\d{1,3}\.){3}\d{1,3}(?!\w|-\w|\.\d|\.[\w-]{1,63}\.\w)"
    r"|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f.]{0,15}(?![\w:-]|\.\w))"
)
_ANY_IP = rf"(?<![\w.]){_ADDRESS}(?![\w:]|\.\d)"
_CLIENT_IP = (
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
    rf"\[?{_ADDRESS}\]?\)? (?:is |was |has been |are )?(?:currently )?"
    r"(?:listed|blocked|blacklisted|found|in an?\b|on\b|rejected)",
)
_NOT_CLIENT = (
    r"(?:lastattemptedip|server at|other mxes tried|dns ip|your dns|remote server|relay=|nameserver)"
    r"[\s:=\w.()-]{0,40}[\[( =:]$"
    r"|said:? ?$|\.\w{2,20}=$"
    # The domain of a mailbox, and the next host of a relay.
    r"|@(?:\[(?:ipv6:)?)?$"
    r"|\bconnect(?:ion|ed|ing)? (?:to|with) (?:host )?[^\s\[(<]{0,255} ?[\[(<]?$"
    # A section of an RFC, and the server's own name with its address behind it.
    r"|\brfc[\s-]?\d{3,5}[\s,;:#§(]{0,4}(?:sections?|sec\.?)?[\s#§]{0,2}$"
    r"|\b(?:accepted|received|rejected|handled|queued) by (?:[\w.-]{1,80} ?)?[\[(<]$"
    # Another machine of the server's or the sender's, a version, and a mechanism of SPF.
    r"|\b(?:upstream|back-?end|database|ldap|sql|policy|milter|scanner|smart ?host|mx|version)"
    r"(?: (?:server|service|daemon|host|address))?(?: (?:at|on))?[\s:=]{1,3}[\[(<]?$"
    r"|\bip[46]:$"
)
_RETURN_CODE = r"(?<![\d.])127\.255\.255\.\d{1,3}(?!\d)"
_REFUSED = (
    r"127\.255\.255\.\d|open[- /]?(?:dns )?resolver|public[- /]?(?:dns )?resolver|query refused"
    r"|queries? (?:was |were )?(?:blocked|refused)"
    r"|refused\.shtml|/returnc/|returnc(?:ode)?s?/pub|too many queries|query limit|rate limit(?:ed)? .{0,20}dnsbl"
)
_ZONE = (
    rf"\bblocked (?:using|by|via|at|in) {_NAME}",
    r"\b(?:rejected|refused|denied|blacklisted|blocklisted|listed|found|present|block)"
    rf" (?:using|by|in|at|on|via|from|with)(?: the)? {_NAME}",
    rf"\bblack ?list(?:ed|ing)?(?: at| in| by| on|:)?[\s(]{{1,2}}{_NAME}",
    rf"\b(?:rbl|dnsbl|rhsbl|block ?list)(?: server)?(?: response| provider| at| in|:)?[\s(]{{1,2}}{_NAME}",
    rf"\bprovider {_NAME}",
)
_DOMAIN_LISTED = (
    rf"(?:sender|recipient|helo|client)(?: address| command| host)? \[(?:[^\s\]@]*@)?{_NAME}\] blocked using",
    rf"\b{_NAME} (?:is |was |has been )?(?:currently )?(?:black|block)?listed (?:at|in|on|by)",
    rf"(?:url|uri|link|domain)s? .{{0,30}}?[(\[<]{_NAME}[)\]>]",
    rf"\bdomain {_NAME} (?:is |was )?(?:black|block)?listed",
)
# Each with words of which one must stand in the text, so that few of them are ever compiled.
_DOMAIN = (
    (rf"(?:dmarc|spf|dkim) (?:policy|record|check|validation)?\s*(?:for|of) (?:\[|<)?{_NAME}", "dmarc", "spf", "dkim"),
    (rf"(?:email|mail|message) from {_NAME} is not accepted", "is not accepted"),
    (rf"{_NAME}['’]s (?:dmarc|spf|dkim)", "dmarc", "spf", "dkim"),
    (rf"(?:spf|dkim)(?: check for)? [\[<]{_NAME}[\]>]", "spf", "dkim"),
    (rf"sending domain [\[<]?{_NAME}", "sending domain"),
    (rf"from: \[{_NAME}\]", "from: ["),
    (rf"[?&;](?:id|s|sender)=(?:[^\s;&@]{{1,64}}@)?{_NAME}", "="),
    (rf"spf .{{0,30}}?\bfor {_NAME}", "spf"),
    (rf"<(?:[^\s<>@]{{1,64}}@)?{_NAME}>:? sender address rejected", "sender address rejected"),
    (rf"verification failed for <[^\s<>@]{{0,64}}@{_NAME}>", "verification failed"),
    (rf"\b{_NAME} does(?:n't| not) (?:allow|permit|designate)", "does"),
    (rf"\bto send (?:mail )?from <?(?:[^\s<>@]{{1,64}}@)?{_NAME}", "to send"),
    (rf"\bdomain (?:of (?:the )?sender |name )?[\[<\"']?{_NAME}", "domain"),
    (rf"\brelay(?:ing)? (?:mail )?(?:for|to) <?(?:[^\s<>@]{{1,64}}@)?{_NAME}", "relay"),
)
_WAIT = (
    r"\b(?:for|in|after|within|wait|next|least|another|retry[- ]after[:=]?|every)\s*(?::\s*)?(?:about |approximately |at least )?"
    r"(\d{1,6})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|minuten|h|hrs?|hours?|stunden?|days?)\b"
    r"|\b(\d{1,6})\s*(seconds?|secs?|minutes?|mins?|hours?|sekunden|minuten|segundos|minutos|secondes|minuti)\b"
)
_NUMBERS = {
    "half an": 0.5, "half": 0.5, "a quarter of an": 0.25, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "eight": 8, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty five": 45, "forty-five": 45,
    "sixty": 60, "ninety": 90,
}  # fmt: skip
# In words only where they say when to come back: "50 messages an hour" does not.
_WAIT_IN_WORDS = (
    r"\b(?:again|back|retry|retried|wait|return|later|resend|deferred|delayed)\b[^.;:]{0,40}?\b"
    rf"({'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\s+(seconds?|minutes?|hours?|days?)\b"
)
_CLOCK = r"\b(?:in|for|after|wait)\s+(\d\d):(\d\d):(\d\d)\b"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MECHANISM = (
    r"\b(PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|XOAUTH2|OAUTHBEARER|XOAUTH|SCRAM-SHA-\d{1,3}(?:-PLUS)?"
    r"|EXTERNAL|ANONYMOUS)\b"
)
_HELO = (
    r"<([^<>\s]{1,255})>: helo command rejected",
    r"\b(?:helo|ehlo)(?: name| argument(?:\(s\)|s)?| domain| hostname| string)?\s*(?:[=:]\s*)?"
    r"[\[(<\"']{1,2}([\w.:-]{2,255})[\])>\"']",
    rf"\b(?:helo|ehlo)(?: name| argument| domain| hostname)? {_NAME}",
)
_MAILBOX = r"<([^<>\s@]{1,64}@[\w.-]{1,253})>|\b([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,10}[a-z]{2,24})\b"
# A page, and where to write to: its user part and its mailbox are not the ones complained about.
_LINK = r"\b(?:[a-z][a-z0-9+.-]{1,20}://|mailto:)[^\s<>\"']{1,400}"
_LIST_CAUSES = frozenset(
    ("ip-blocklisted", "domain-blocklisted", "poor-reputation", "policy-rejected", "helo-rejected")
)
_WAIT_CAUSES = frozenset(
    ("greylisted", "rate-limited", "server-temporary", "recipient-rate-limited", "poor-reputation")
)
_LOGIN_CAUSES = frozenset(("auth-method-blocked", "auth-failed", "tls-required", "protocol-error"))
_DOMAIN_CAUSES = frozenset(
    (
        "domain-blocklisted",
        "email-auth-failed",
        "sender-domain-invalid",
        "sender-blocked",
        "sender-not-permitted",
        "domain-undeliverable",
        "relay-denied",
        "poor-reputation",
        "policy-rejected",
        "spam-content",
    )
)
_PAGE = r"\.(?:cgi|php|s?html?|aspx?|pl|txt)$"
_EHLO_IP = rf"\[{_ADDRESS}\]|\({_ADDRESS}\)|\bhello\b.{{0,200}}?\s{_ADDRESS}(?:\s|,|$)"


def capture(said: wording.Wording, cause: str) -> Captures:
    """The captures of a reply whose cause is known."""
    full, lowered = said.full, said.full.lower()
    zone = _list(said, cause) if cause in _LIST_CAUSES or "blocked using" in lowered else None
    mailbox = _search(_MAILBOX, _compiled(_LINK).sub(" ", full)) if "@" in full else None
    mechanism = _search(_MECHANISM, full.upper()) if cause in _LOGIN_CAUSES else None
    return Captures(
        ip=client_ip(full),
        domain=_domain(full, cause) if "." in full and cause in _DOMAIN_CAUSES else None,
        list=zone,
        url=said.urls[0] if said.urls else None,
        wait_s=_wait(full, cause) if cause in _WAIT_CAUSES else None,
        mechanism=mechanism[1] if mechanism else None,
        helo=_first(_HELO, full) if "helo" in lowered or "ehlo" in lowered else None,
        address=(mailbox[1] or mailbox[2]) if mailbox else None,
        list_refused=bool(zone) and _search(_REFUSED, full) is not None,
    )


def client_ip(full: str) -> str | None:
    """The client IP that a reply names: never a DNSBL's return code, never one given as the server's own."""
    for ip, _ in introduced_addresses(full):
        return ip
    others = {ip for ip, _ in addresses(full)}
    return others.pop() if len(others) == 1 else None


def introduced_addresses(full: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The addresses that words introduce as the client's, each with its place; what `client_ip` never takes is left out."""
    if not _search(_ADDRESS, full):
        return
    for pattern in _CLIENT_IP:
        for match in _compiled(pattern).finditer(full):
            if _search(_RETURN_CODE, match[1]) or _is_servers(full, match.start(), match.start(1)):
                continue
            if ip := _client_address(match[1]):
                yield ip, match.span(1)


def addresses(full: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """All other addresses that may be the client's, each with its place."""
    for match in _compiled(_ANY_IP).finditer(full):
        ip = _client_address(match[1])
        if ip and not ip.startswith("127.") and not _is_servers(full, match.start(), match.start()):
            yield ip, match.span(1)


def addresses_in(text: str) -> Iterator[str]:
    """The addresses in a text, whatever they stand for."""
    return (ip for match in _compiled(_ANY_IP).finditer(text) if (ip := valid_ip(match[1])))


def _client_address(text: str) -> str | None:
    """The address in its shortest form, None where the text is none, or `::add`."""
    ip = valid_ip(text)
    # RFC 4291 §2.5.5.1: IPv4-compatible addresses are no more; what looks like one is a word between colons.
    return None if ip and ip.startswith("::") and ip != "::1" and not ip.startswith("::ffff:") else ip


def ehlo_client_ip(lines: Sequence[str], echoed: Collection[str] = ()) -> str | None:
    """The client IP in a reply to EHLO: `mail.example.com Hello client.example.org [192.0.2.7]`; None without one.

    `echoed` are addresses that we sent: to repeat them says nothing.
    """
    for line in lines[:1]:
        for match in _compiled(_EHLO_IP).finditer(line[:1000]):
            if (ip := valid_ip(match[1] or match[2] or match[3])) and ip not in echoed:
                return ip
    return None


def valid_ip(text: str) -> str | None:
    """The address in its shortest form, None where the text is none."""
    try:
        return str(ipaddress.ip_address(text.strip("[]. ")))
    except ValueError:
        return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).search(text)


def _is_servers(full: str, start: int, stop: int) -> bool:
    """Whether the words before the address give it as the server's, a relay's or a resolver's."""
    return _search(_NOT_CLIENT, full[max(0, start - 300) : stop]) is not None


def _list(said: wording.Wording, cause: str) -> str | None:
    """The zone of the list: named in the words, in a URL, or by its operator's name."""
    tables = rules.table("text_rules")["zones"]
    zones, names, none = tables["zones"], tables["names"], tables["none"]
    for pattern in _ZONE:
        for match in _compiled(pattern).finditer(said.full):
            name = match[1].lower().rstrip(".")
            if name not in none and not valid_ip(name) and (wording.list_kind(name) or pattern is _ZONE[0]):
                return str(zones.get(name, name))
    lowered = said.full.lower()
    wanted = "domain" if cause == "domain-blocklisted" else "ip"
    for words, zone in names.items():
        if words in lowered and wording.list_kind(zone) == wanted:
            return str(zone)
    for url in said.urls:
        lowered = lowered.replace(url.lower(), " ")
    for match in _compiled(_NAME).finditer(lowered):
        if match[1] not in none and not _search(_PAGE, match[1]) and wording.list_kind(match[1]) == wanted:
            return str(zones.get(match[1], match[1]))
    return next((zone for host in _hosts(said.urls) if (zone := _zone_of_page(host, zones, wanted))), None)


def _hosts(urls: Sequence[str]) -> Iterator[str]:
    """The host names in the URLs, lower case."""
    for url in urls:
        if match := _search(rf"\A(?:[a-z]+://)?{_NAME}", url):
            yield match[1].lower()


def _zone_of_page(host: str, zones: Mapping[str, str], wanted: str) -> str | None:
    """The zone whose page this host has; None for one that the catalogue does not know: a web server is no list."""
    zone = zones.get(host, host)
    return zone if wording.list_kind(host) == wanted and dnsbl_zones.zone(zone).known else None


def _domain(full: str, cause: str) -> str | None:
    found = _first(_DOMAIN_LISTED, full) if cause == "domain-blocklisted" else None
    lowered = full.lower()
    hinted = [pattern for pattern, *words in _DOMAIN if any(word in lowered for word in words)]
    found = (found or _first(hinted, full) or "").lower().rstrip(".")
    if not found or valid_ip(found) or wording.list_kind(found):
        return None
    return found


def _first(patterns: Sequence[str], full: str) -> str | None:
    for pattern in patterns:
        if match := _search(pattern, full):
            return match[1]
    return None


def _wait(full: str, cause: str) -> int | None:
    """The waiting time in seconds, None where the reply gives none."""
    if clock := _search(_CLOCK, full):
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3])
    match = _search(_WAIT, full)
    if match and (cause == "greylisted" or not match[0].lower().startswith("for")):
        amount, unit = match[1] or match[3], (match[2] or match[4]).lower()
        return int(amount) * _UNITS[unit[0]]
    words = _search(_WAIT_IN_WORDS, full) if match is None else None
    return int(_NUMBERS[words[1].lower()] * _UNITS[words[2][0].lower()]) if words else None
