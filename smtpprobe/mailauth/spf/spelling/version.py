"""TXT records that were meant for SPF and are none, since they do not begin with v=spf1 and a blank (RFC 7208 §4.5)."""

from __future__ import annotations

import re

from smtpprobe.mailauth.characters import QUOTES, odd_characters
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record
from smtpprobe.mailauth.spf.spelling.words import in_ascii
from smtpprobe.model.texts.language import say

_SPAN = 30  # characters in which a misspelt version is looked for
_MAX_BEFORE = 320  # characters of a zone file's line before the record: a name, a TTL, IN TXT
_INVISIBLE = " \t\r\n\v\f\u00a0\u200b\ufeff"
_QUOTES = f"{QUOTES}\\"
_BRACKETS = "()[]{}<>"
_SEPARATORS = ";:,."
_VERSION = re.compile(
    r"v\s*(?:[=:_\-][=:_\-\s]*)?(?:spf|sfp|psf|sp(?=-?1))(?:\s*(?:[v=\-]\s*)?(?:1|(?-i:[lI])(?![A-Za-z])))?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"v=spf([0-9]+(?:\.[0-9]+)*\.?)(?![A-Za-z0-9])", re.IGNORECASE)
_BARE = re.compile(r"=?spf=?v?1(?=[\s:;,])", re.IGNORECASE)
_GLUED = re.compile(r"ip[46v]|include|all\b|a[:/]|mx\b|ptr\b|exists|redirect", re.IGNORECASE)
_ELSEWHERE = re.compile(r"v=spf1(?:\s|$)", re.IGNORECASE)
_SENDER_ID = re.compile(r"(?:v=)?spf2\.[0-9](?:/|\Z)|spf2\.[0-9]", re.IGNORECASE)
# The line of a zone file (RFC 1035 §5.1), or what a form calls its field.
_BEFORE = re.compile(
    r"\A(?:[\w.@*\-]+\s+)?(?:[0-9]+[smhdw]?\s+)?(?:IN\s+)?(?:[0-9]+[smhdw]?\s+)?"
    r"(?:TXT|SPF|value|content|data|record)\b[\s:=(\"']*\Z",
    re.IGNORECASE,
)


def look_alike(text: str) -> tuple[str, str, str | None] | None:
    """What makes a TXT record that was meant for SPF none: lint id, message, and the record as it was meant.

    None for an SPF record, and for one that has nothing to do with SPF. The third is None where that is a guess.
    """
    if is_spf_record(text):
        return None
    bare = text.strip(_INVISIBLE)
    if is_spf_record(bare):
        odd = odd_characters(text[: text.index(bare)])
        spaces = say("white space stands before v=spf1, so it is no SPF record")
        message = say("{characters} before v=spf1, so it is no SPF record", characters=odd) if odd else spaces
        return "spf-leading-space", message, bare
    unquoted = bare.strip(_QUOTES + _INVISIBLE)
    if is_spf_record(unquoted):
        return "spf-quoted", say("quotation marks are part of the text, so it is not an SPF record"), unquoted
    if _SENDER_ID.match(unquoted):
        return "spf-sender-id", say("Sender ID (spf2.0) is obsolete; nobody reads it"), None
    number = _NUMBER.match(unquoted)
    if number and number.group(1) != "1":
        message = say("{group} is no version of SPF: v=spf1 is the only one", group=number.group())
        return "spf-version-unknown", message, _with_version(unquoted[number.end() :])
    return _misspelt(unquoted) or _elsewhere(text, unquoted)


def _misspelt(unquoted: str) -> tuple[str, str, str | None] | None:
    unquoted = unquoted.lstrip(_BRACKETS + _QUOTES)
    beginning = unquoted[:_SPAN]
    plain = beginning if beginning.isascii() else in_ascii(beginning)
    version = _VERSION.match(plain) or _BARE.match(plain)
    if version is None or not _is_whole(plain, version.end()):
        return None
    return (
        "spf-version-malformed",
        _why_malformed(beginning, version.end()),
        f"v=spf1 {unquoted[version.end() :].lstrip(_INVISIBLE + _SEPARATORS)}",
    )


def _why_malformed(beginning: str, end: int) -> str:
    """What is wrong with the version that ends there."""
    behind = beginning[end : end + 1]
    if beginning[:end].lower() == "v=spf1" and behind and behind in _SEPARATORS:
        character = f'"{behind}"'
        return say("{character} stands behind v=spf1 instead of a blank, so it is no SPF record", character=character)
    odd = odd_characters(beginning[: end + 1])
    contains = say(" (it contains {characters})", characters=odd) if odd else ""
    return say("it does not begin with v=spf1 and a blank{contains}, so it is no SPF record", contains=contains)


def _is_whole(text: str, end: int) -> bool:
    """Whether no word goes on behind the version, but for a term that is glued to it."""
    behind = text[end:]
    return not behind[:1].isalnum() or _GLUED.match(behind) is not None


def _elsewhere(text: str, unquoted: str) -> tuple[str, str, str | None] | None:
    found = _ELSEWHERE.search(unquoted)
    if found is None:
        return None
    message = say("v=spf1 stands inside the text; it must be the first thing in it")
    is_line = found.start() <= _MAX_BEFORE and _BEFORE.match(unquoted[: found.start()])
    return (
        "spf-version-misplaced",
        message,
        unquoted[found.start() :].rstrip(_BRACKETS + _QUOTES + " ") if is_line else None,
    )


def _with_version(behind: str) -> str | None:
    """The record with the only version that there is, where terms are behind it that SPF knows."""
    record = f"v=spf1 {behind.lstrip(_INVISIBLE + _SEPARATORS)}".rstrip()
    terms = parse_record(record).terms
    return record if terms and all(term.problem is None for term in terms) else None
