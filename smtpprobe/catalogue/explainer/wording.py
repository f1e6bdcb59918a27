"""A reply's own words, read apart from its codes and from what changes between two replies of one meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.model.names import is_at_or_below
from smtpprobe.model.transcript import Phase

LIMIT = 4096  # characters of a reply that are read; the longest known refusal has under 2000

_CODE = re.compile(r"\s*(?:[\"'<]{1,3}\s*)?([2-5]\d\d)(?=[\s\-:;,.#]|$)")
_SAID = re.compile(
    r"\b(?:said|responded|replied|returned|answered|answer was|response was)\b[^0-9]{0,20}([2-5]\d\d)(?=[ \-])"
)
_ENHANCED = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.]*\d)")
_REPLY_TO = re.compile(r"\(?in reply to (?:the )?(?:end of )?([a-z ]{2,20}?) ?(?:command)?\)? ?$", re.IGNORECASE)
_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s\x00-\x1f\x7f-\x9f<>\"'\])]{1,400}"
    r"|\bwww\.[a-z0-9.-]{3,120}(?:/[^\s\x00-\x1f\x7f-\x9f<>\"'\])]{0,300})?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<?[\w.!#$%&'*+/=?^`{|}~*-]{1,64}@(?:[\w-]{1,63}\.){0,10}[\w-]{1,63}>?")
_IP = re.compile(
    r"(?:ipv6:)?(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])"
    r"|(?<![\w.])(?<!section )(?<!clause )(?<!§)(?<!§ )(?<!paragraph )[\dx]{1,3}(?:\.[\dx]{1,3}){3}(?![\w]|\.\w)",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?<![\w.@-])(?:[A-Za-z0-9_](?:[\w-]{0,61}[A-Za-z0-9_])?\.){1,10}([A-Za-z]{2,24})(?![\w-])")
_ANGLE = re.compile(
    r"<(?!(?:lf|cr|crlf|data|bdat|mail|rcpt|ehlo|helo|auth|starttls)>|/)([^<>\s]{1,200})>", re.IGNORECASE
)
_IDENTIFIER = re.compile(
    r"\b(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[a-z])[0-9a-z]{12,200}(?:[-_][0-9a-z]{1,40}){0,5}\b|\b[0-9a-f]{16,200}\b",
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"\[[\w.-]+\.prod\.(?:protection\.)?outlook\.com[^\]]{0,200}\]|\s[\w-]+\.\d+\s+-\s+gsmtp", re.IGNORECASE
)
_ELISION = re.compile(r"\b[ld]['’]")  # l'utente, d'utilisateur
_BLANK = re.compile(r"\s+")
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_NO_TOPS = re.compile(
    r"(?:if|or|see|for|the|you|not|and|as|an|is|it|in|to|at|no|we|use|ask|get|our|one|two|your|this|that|please|contact|visit|message|error|reason|check|refer|rejected|blocked|try|php|html|htm)\Z",
    re.IGNORECASE,
)  # words after a missing blank

_PHASES = {
    "helo": Phase.EHLO,
    "ehlo": Phase.EHLO,
    "starttls": Phase.STARTTLS,
    "auth": Phase.AUTH,
    "mail from": Phase.MAIL,
    "rcpt to": Phase.RCPT,
    "data": Phase.DATA,
    "initial server greeting": Phase.GREETING,
    "initial greeting": Phase.GREETING,
}


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply says.

    `text`: lower case, without accents, apostrophes and codes, with IP, ADDR, DOM, ARPA, RBL, RHSBL, URL, RBLURL, NAME,
    ID in place of what varies; `full`: the text of the same octets on one line, case and all; `phase`: where the text
    itself names the command.
    """

    code: int | None
    enhanced: str | None
    text: str
    full: str
    urls: tuple[str, ...]
    phase: Phase | None


def read(text: str, code: int | None = None) -> Wording:
    """The wording of a whole reply, of lines without code where `code` is given, or of any line that quotes one."""
    lines = text[:LIMIT].splitlines()
    own = code
    kept = []
    for line in lines:
        found = _CODE.match(line)
        if found and (own is None or int(found[1]) == own):
            own = int(found[1])
            line = f"{own} " + line[found.end() :].lstrip("-").strip()
        kept.append(line.strip())
    full = _BLANK.sub(" ", " ".join(kept)).strip()
    if own is None and (said := _SAID.search(full)):
        own, full = int(said[1]), full[said.end() :].lstrip("- ")
    phase = None
    if tail := _REPLY_TO.search(full):
        phase = Phase.MESSAGE if "end of" in tail[0].lower() else _PHASES.get(tail[1].strip().lower())
        full = full[: tail.start()].rstrip()
    enhanced = _enhanced(full, own)
    full = _without_codes(full, own)
    urls = tuple(match[0].rstrip(".,;:") for match in _URL.finditer(full))
    return Wording(code=own, enhanced=enhanced, text=mask(full), full=full, urls=urls, phase=phase)


def _enhanced(full: str, code: int | None) -> str | None:
    """The first enhanced status code whose class agrees with the code, else the first at the start of the text."""
    found = list(_ENHANCED.finditer(full))[:20]
    for match in found:
        if code is None or match[1][0] == str(code)[0]:
            return match[1]
    return found[0][1] if found and found[0].start() < 4 else None


def _without_codes(full: str, code: int | None) -> str:
    """The text without the enhanced status code in front and without codes repeated from joined lines."""
    if code is not None:
        full = re.sub(rf"^{code}$|(?:^|(?<=\s)){code}[- ](?:#?[245]\.\d\.\d{{1,3}}(?=[\s:;,]|$))?", "", full)
    return re.sub(r"^[\s\-'\"#:,;]*(?:[245]\.\d{1,3}\.\d{1,3}(?:[\s:;,\-]+|$))+", "", full).strip()


@lru_cache(maxsize=4096)
def mask(full: str) -> str:
    """The text with its variable parts replaced by upper-case tokens, everything else folded to lower case."""
    text = _TRACE.sub(" ", full.replace("\0", " "))
    for pattern, token in _MASKS:
        text = pattern.sub(token, text)
    pieces = text.split("\0")
    pieces[::2] = map(folded, pieces[::2])
    return _BLANK.sub(" ", " ".join(pieces)).strip()


def folded(text: str) -> str:
    """The text in lower case without accents, apostrophes and underscores."""
    text = _ELISION.sub("", text.lower())
    if not text.isascii():
        text = text.replace("’", "'").replace("‘", "'").casefold().translate(_STROKES)
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.replace("'", "").replace("_", " ")


def _mask_url(match: re.Match[str]) -> str:
    url = match[0].lower()
    if "spamhaus.org/dbl" in url or "spamhaus.org/query/domain" in url:
        return "\0RHSBL\0"
    host = re.sub(r"^\w+://", "", url)
    kind = list_kind(re.split(r"[/:?]", host, maxsplit=1)[0])
    if kind:
        return "\0RBLURL\0" if kind == "ip" else "\0RHSBL\0"
    return "\0RBLURL\0" if _LIST_PATH.search(host) else "\0URL\0"


_REVERSE_ZONE = re.compile(r"(?:^|\.)(?:in-addr|ip6)\.arpa\Z", re.IGNORECASE)
_FILE = re.compile(r"(?:main|master)\.cf\Z|\.(?:exe|scr|js|vbs|bat|zip|rar|iso|docm|xlsm|conf|cfg|db|map|sock)\Z", re.I)
_LIST_PATH = re.compile(r"dnsbl|\brbl\b|/bl[/.?]|blacklist|blocklist|denyip|/query/ip|[?&]bl=")


def _mask_domain(match: re.Match[str]) -> str:
    last = match[1]
    if _REVERSE_ZONE.search(match[0]):
        return "\0ARPA\0"
    if (
        _FILE.search(match[0])
        or (last != last.lower() and last != last.upper())
        or _NO_TOPS.match(last)
        or len(last) > 10
    ):
        return match[0]
    kind = list_kind(match[0].lower())
    return {"ip": "\0RBL\0", "domain": "\0RHSBL\0", None: "\0DOM\0"}[kind]


_MASKS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_URL, _mask_url),
    (_ADDRESS, "\0ADDR\0"),
    (_IP, "\0IP\0"),
    (_DOMAIN, _mask_domain),
    (_ANGLE, "\0NAME\0"),
    (_IDENTIFIER, "\0ID\0"),
)


@lru_cache(maxsize=2048)
def list_kind(host: str) -> str | None:
    """`ip` or `domain` where the name is a DNSBL's or its operator's, None where it is not known to be one."""
    lists = _lists()
    for kind in ("domain", "ip"):
        if any(is_at_or_below(host, known) for known in lists[kind]):
            return kind
    labels = host.split(".")
    if any(label in lists["domain_labels"] for label in labels[:-1]):
        return "domain"
    if any(label in lists["ip_labels"] for label in labels[:-1]) or "dnsbl" in host:
        return "ip"
    return None


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    return {key: frozenset(value) for key, value in load.table("text_rules")["lists"].items()}
