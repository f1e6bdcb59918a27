"""What a reply names: the client IP, the list, the domain, the URL, the waiting time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from smtpprobe.catalogue import zones as dnsbl_zones
from smtpprobe.catalogue.explainer import rules, wording
from smtpprobe.catalogue.explainer.addresses import client_ip, valid_ip


class Captures(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a reply that advice needs; None where it names none.

    `ip` is the client IP as the server saw it; `list` a DNSBL zone; `wait_s` seconds to wait; `helo` the HELO name;
    `address` the mailbox complained about; `contact` the one to write to; `region` that of a mail service; `results` what
    SPF, DKIM and DMARC came to, in the reply's words; `list_refused`: the reply quotes a refusal of the DNSBL query, not a
    listing.
    """

    ip: str | None = None
    domain: str | None = None
    list: str | None = None
    url: str | None = None
    wait_s: int | None = None
    mechanism: str | None = None
    helo: str | None = None
    address: str | None = None
    contact: str | None = None
    region: str | None = None
    results: dict[str, str] = {}
    list_refused: bool = False


_NAME = r"((?:[\w](?:[\w-]{0,61}[\w])?\.){1,10}[a-z][a-z0-9-]{1,23})"
_REFUSED = (
    r"127\.255\.255\.\d|(?:open|public)[- /]?(?:dns )?(?:open[- /]?)?(?:dns )?resolver|(?:query|queries) refused"
    r"|quer(?:y|ies) (?:was |were |is |are )?(?:blocked|refused|denied)|excessive (?:number of )?(?:dns )?quer(?:y|ies)"
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
    rf"[\[(<\"']{_NAME}[\])>\"'],? (?:is |was |has been )?(?:currently )?"
    r"(?:(?:black|block)?listed|found|blocked) (?:at|in|on|by)",
    rf"(?:url|uri|link|domain)s? .{{0,30}}?[(\[<]{_NAME}[)\]>]",
    # Behind the list's name: `listed in multi.surbl.org: NAME`, `SURBL (NAME)`.
    rf"\b(?:(?:at|in|on|by|using|from) (?:the )?[\w.-]{{3,80}}?"
    r"|\w{0,12}(?:surbl|uribl|rhsbl|dbl)\w{0,12}) ?[:;,=(\[<\"'-]{1,3} ?"
    rf"(?:domain |host |url |for )?{_NAME}",
    rf"\b(?:urls?|uris?|links?|hosts?|web ?sites?)(?: to| of| is|:)? [\"'<]?{_NAME}",
    # Where a list is asked, by a query of DNS or on its page.
    rf"\b{_NAME}\.(?:multi\.surbl\.org|(?:multi|black|grey|red)\.uribl\.com|dbl\.spamhaus\.org)\b",
    rf"(?:[?&;](?:d|domains?|searchterm|q|query|url|host|name|lookup)=|/query/domain/){_NAME}",
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
    (rf"spf\b.{{0,60}}?\bfor {_NAME}", "spf"),
    (rf"<(?:[^\s<>@]{{1,64}}@)?{_NAME}>:? sender address rejected", "sender address rejected"),
    (rf"verification failed for <[^\s<>@]{{0,64}}@{_NAME}>", "verification failed"),
    (rf"\b{_NAME} does(?:n't| not) (?:allow|permit|designate)", "does"),
    (rf"\bto send (?:mail )?from <?(?:[^\s<>@]{{1,64}}@)?{_NAME}", "to send"),
    (
        rf"identities failed the check[^:]{{0,40}}: (?:arn:[\w:-]{{1,80}}identity/)?{_NAME}(?![\w@.-])",
        "identities failed",
    ),
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
# Where to write to: behind words that say so, never the mailbox that is only spoken of.
_CONTACT = (
    r"(?:\bmailto:|(?<!deliver )(?<!send )(?<!delivery of )"
    r"\b(?:contact|write to|mail(?:ing)? (?:us )?(?:at|to)|e-?mail (?:us )?(?:at|to)|ask|reach us (?:at|under)"
    r"|report(?:s|ed)? (?:it |this )?to|(?:forward|send)\b[^@<>.]{1,40} to|questions?\b[^@<>.]{0,20} (?:to|at)"
    r")(?: (?:the|our|your))?(?: (?:postmaster|admin(?:istrator)?|support|help ?desk|abuse(?: team)?|us))?(?: (?:at|via|under))?"
    r"[ :]{1,3}[<(\[]?)([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,10}[a-z]{2,24})"
)
_RESULT = (
    r"(?<![a-z])(spf|dkim|dmarc)(?: (?:check|result|status))? ?[=:] ?[(\[\"']?"
    r"(pass|fail|softfail|hardfail|none|neutral|permerror|temperror|invalid|missing)(?:ed)?\b"
)
# As Amazon SES names the one whose identities it looked at.
_REGION = r"\bregion:? ([a-z]{2}(?:-[a-z]{3,10}){1,2}-\d{1,2})\b"
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
# A link of the message that the reply speaks of, by the words before it and behind it: the thing that is listed, no page.
_SPEAKS_OF_LINK = (
    r"\b(?:urls?|uris?|links?|web ?sites?|hyperlinks?)\b(?:(?!\b(?:see|visit|read|refer|check|consult|go|info\w*|details?|at)\b)"
    r"[^/]){0,40}\Z"
)
_SAID_OF_LINK = (
    r"\A[\s\"'>)\]]{0,3}(?:(?:is|was|are|has been|currently) ){0,3}(?:(?:black|block)?listed|found|blocked|in|on) "
)
_CONTENT_CAUSES = frozenset(("domain-blocklisted", "spam-content", "malware-or-attachment"))
_PAGE = r"\.(?:cgi|php|s?html?|aspx?|pl|txt)$"


def capture(said: wording.Wording, cause: str) -> Captures:
    """The captures of a reply whose cause is known."""
    full, lowered = said.full, said.full.lower()
    zone = _list(said, cause) if cause in _LIST_CAUSES or "blocked using" in lowered else None
    contact = _first((_CONTACT,), full) if "@" in full else None
    if contact and full.count(contact) > 1 and f"<{contact}>" in full:
        contact = None  # the mailbox that the reply is about, whatever else it says of it
    others = _compiled(_LINK).sub(" ", full).replace(contact or "\0", " ") if "@" in full else ""
    mailbox = _search(_MAILBOX, others) if "@" in others else None
    mechanism = _search(_MECHANISM, full.upper()) if cause in _LOGIN_CAUSES else None
    link = next((each for each in said.urls if _is_link(each, full)), None) if cause in _CONTENT_CAUSES else None
    domain = _domain(full, cause) if "." in full and cause in _DOMAIN_CAUSES else None
    if link is not None and cause == "domain-blocklisted":
        domain = next(_hosts((link,)), None) or domain
    return Captures(
        ip=client_ip(full),
        domain=domain,
        list=zone,
        url=next((each for each in said.urls if each != link), None),
        wait_s=_wait(full, cause) if cause in _WAIT_CAUSES else None,
        mechanism=mechanism[1] if mechanism else None,
        helo=_first(_HELO, full) if "helo" in lowered or "ehlo" in lowered else None,
        address=(mailbox[1] or mailbox[2]) if mailbox else None,
        contact=contact,
        region=_region(full) if "region" in lowered else None,
        results=results(full) if cause == "email-auth-failed" else {},
        list_refused=bool(zone) and _search(_REFUSED, full) is not None,
    )


def _region(full: str) -> str | None:
    found = _search(_REGION, full)
    return found[1].lower() if found else None


def _is_link(url: str, full: str) -> bool:
    """Whether the URL is one in the message, which the reply speaks of, and not a page about the refusal."""
    if any(wording.list_kind(host) for host in _hosts((url,))):
        return False
    before, _, after = full.partition(url)
    return bool(_search(_SPEAKS_OF_LINK, before[-120:]) or _search(_SAID_OF_LINK, after[:80]))


def results(text: str) -> dict[str, str]:
    """What the text says that SPF, DKIM and DMARC came to, in lower case: `Spf= Fail , Dkim= Pass`."""
    return {match[1].lower(): match[2].lower() for match in _compiled(_RESULT).finditer(text)}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).search(text)


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
    found = _listed(full) if cause == "domain-blocklisted" else None
    lowered = full.lower()
    hinted = [pattern for pattern, *words in _DOMAIN if any(word in lowered for word in words)]
    found = (found or _first(hinted, full) or "").lower().rstrip(".")
    if not found or valid_ip(found) or wording.list_kind(found):
        return None
    return found


def _listed(full: str) -> str | None:
    """The first name that the words say is listed, and that is no list's own."""
    for pattern in _DOMAIN_LISTED:
        for match in _compiled(pattern).finditer(full):
            name = match[1].lower().rstrip(".")
            if not valid_ip(name) and wording.list_kind(name) is None:
                return name
    return None


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
