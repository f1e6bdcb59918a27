"""What looks like a reply, or like the words of one, and is none: counts, statuses of HTTP, versions, code, documents."""

from __future__ import annotations

import re
from functools import lru_cache

from smtpprobe.intake.pasted.prose import is_prose

_COUNT = re.compile(
    r"\d{3} (?:(?:[kKMGT]i?)?[bB]|(?:kilo|mega|giga)?bytes?|octets|ms|s|secs?|seconds|min(?:utes)?|hours|days|px|pt|%)(?:/s)?"
    r"(?:[ ,.;:]+(?:free|used|left|read|written|sent|received|copied|transferred|remaining|available|elapsed|ago|in \d.*))?\W*\Z"
    r"|\d{3} (?:(?:e-?)?mails?|messages|users|mailboxes|recipients|senders|connections|jobs|accounts|addresses|items|files|lines"
    r"|requests|bounces|records|rows|errors|warnings|tests?|deliveries|entries|packages|hosts|domains) "
    r"(?:(?:were|have been)\b|.{0,60}\b(?:today|yesterday|tonight|this (?:week|month|year|morning|hour|run)"
    r"|last (?:week|month|year|hour|night)|so far|in total|per (?:second|minute|hour|day))\W*\Z)",
    re.ASCII,
)
_HTTP = re.compile(
    r"(?P<status>[45]\d\d) (?P<phrase>[A-Z][A-Za-z' -]{3,40}?)\W*\Z|\d{3} (?:Server|Client) Error\b.{0,200}\bfor url\b",
    re.ASCII,
)
_HTTP_ALSO = (
    "503 service temporarily unavailable",
    "504 gateway time-out",
    "408 request time-out",
    "413 request entity too large",
)
_VERSION = re.compile(
    r"\b(?:v|version|release[ds]?|section|chapter|paragraph|appendix|RFC ?\d{1,5},?(?: section)?|§{1,2}) ?"
    r"[245]\.\d{1,3}\.\d{1,3}\b"
    r"|\b[245]\.\d{1,3}\.\d{1,3} (?:is |was )?(?:released|is out|changelog|release notes)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^[ \t]{0,40}(?:(?:def|fn|func|function|sub|class) \w{1,80}\s?[({:]|import \w|from \S{1,80} import\b|#include\b|#define\b"
    r"|(?:const|let|var|my) \$?\w{1,80} ?=|(?:SELECT|INSERT|UPDATE|DELETE)\b.{0,200}\b(?:FROM|INTO|SET|WHERE)\b"
    r"|assert\b.{0,200}[=!]=|(?:echo|printf) [\"']|(?:case [^:\n]{1,80}|except \w{1,80}):|catch \()"
    r"|\b(?:if|while|elif)\b[^\n]{1,120}(?:[=!]=|=~)[^\n]{1,120}(?:[:{)]|\bthen\b)"
    r"|\b(?:print|println|printf|console\.\w{3,5}|log(?:ger|ging)?\.\w{3,9}|raise \w{2,60}|(?:throw|new|throw new) \w{2,60})\("
    r"|(?:^|[:{;)])[ \t]{0,40}return [\"'(\[{\w][^\n]{0,200}[;\"')\]}][ \t]*$"
    r"|^[a-z]{1,30}(?:_[a-z0-9]{1,30}){2,8} ?= "  # a setting, as Postfix has them
    r"|^[ \t]{0,40}(?:// |/\*|<!--|#\s?(?:[A-Za-z]+ ){2})",
    re.MULTILINE,
)
_DOCUMENT = re.compile(
    r"^readme\b|(?:^|[:.!] )how[ -]to\b|\bwhat\b[^\n?]{1,100}\bmeans?\b(?![^\n]{0,100}\?)|\b(?:todo|fixme|changelog)\b|^#{1,6} \w"
    r"|\bthis (?:document|page|article|guide|section|chapter|function|method|test|script|tutorial) (?:explain|describe|show|check"
    r"|return|is about)",
    re.IGNORECASE | re.MULTILINE,
)
_HOUSE = re.compile(
    r"\b\d{3} (?:[A-Z][\w.'-]{1,30} ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Boulevard|Blvd|Square|Court)\b"
)
_PLACE = re.compile(r"\bline \d{1,6}:", re.IGNORECASE)


@lru_cache(maxsize=1)
def _http() -> frozenset[str]:
    from http import HTTPStatus

    return frozenset((*(f"{each.value} {each.phrase}".lower() for each in HTTPStatus), *_HTTP_ALSO))


def is_no_reply(line: str) -> bool:
    """Whether a line that begins with a reply code is prose, counts something, or is what an HTTP server says."""
    if _COUNT.match(line) or is_prose(line):
        return True
    http = _HTTP.match(line)
    return http is not None and (http["status"] is None or f"{http['status']} {http['phrase']}".lower() in _http())


def has_version(words: str) -> bool:
    """Whether what looks like an enhanced status code is a version, or a section."""
    return _VERSION.search(words) is not None


def is_code_or_document(words: str) -> bool:
    """Whether the words are somebody's source code or letter, or are about refusals instead of being one."""
    return any(known.search(words) is not None for known in (_CODE, _DOCUMENT, _PLACE, _HOUSE))
