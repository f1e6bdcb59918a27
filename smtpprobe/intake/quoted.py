"""Replies inside other words: an error of a library (`(535, b'5.7.8 …')`), a line of a program's own log."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from smtpprobe.intake.found import MAX_REPLY, Found, text

_CODE = r"4(?:2[12]|3\d|5\d|71)|5(?:0[0-5]|[1-57]\d)"
_QUOTED = re.compile(
    rf"\((?P<code>{_CODE}), ?b?(?P<quote>['\"])(?P<said>.{{1,1000}}?)(?P=quote)[,)]"
    rf"|(?:^|[\s:='\"(<>])(?P<reply>(?:{_CODE})[ -]\(?#?[45]\.\d{{1,3}}\.\d{{1,3}}(?!\.?\d).{{0,4000}})"
)
_ENHANCED = re.compile(r"(?:^|[\s:'\"(<>])([45]\.\d\.\d{1,3} \S.{0,4000})")
_BARE = re.compile(
    r"\b(?:error|reply|response|answer|reject(?:ed|ion)?|refused|bounced?|failed|failure|said|message|server|CLIENT)['\"]?"
    r"(?:: ?| ?= ?| )b?['\"]?((?:4(?:21|3\d|5\d|71)|5(?:01|[1-57]\d))[ -][A-Za-z<].{0,4000})",
    re.IGNORECASE,
)
_SMTP = re.compile(r"smtp|\brcpt\b|\bmail ?from\b|server -> client", re.IGNORECASE)
_TIME = re.compile(
    r"(?:<\d{1,3}>(?:1 )?)?\[?(?P<when>[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?)\b",
    re.ASCII,
)
_LINE_END = re.compile(r"(?:\\r)?\\n")
_BEGUN = re.compile(r"[45]\d\d-[^\n]*\Z")


def replies_in(words: str, dated: bool = False) -> Iterator[str]:
    """The replies that the words quote.

    In a dated line an enhanced status code alone is none: programs log their versions, which look the same.
    """
    found = None
    for found in _QUOTED.finditer(words):
        if found["code"]:
            yield f"{found['code']} {found['said']}".replace("\\n", f"\n{found['code']} ").strip()
        else:
            yield _ended(found, "reply")
    if found is not None:
        return
    if (found := _BARE.search(words)) and _SMTP.search(words):
        yield _ended(found, 1)
    elif not dated and (found := _ENHANCED.search(words)):
        yield found[1].strip()


def _ended(found: re.Match[str], group: str | int) -> str:
    """The reply as far as the quotation marks go that it stands in."""
    reply, before = found[group], found.string[: found.start(group)][-1:]
    if before in ("'", '"'):
        end = re.search(rf"(?<!\\){before}", reply)
        reply = _LINE_END.sub("\n", reply[: end.start()] if end else reply)
    return reply.strip()[:MAX_REPLY]


def time_of(line: str) -> str | None:
    """The date and time that the line begins with, as it writes them."""
    found = _TIME.match(line)
    return found["when"] if found else None


def quotes(head: bytes) -> bool:
    """Whether a line of the text quotes a reply."""
    lines = text(head).splitlines()
    return any(True for line in lines for _ in replies_in(line, time_of(line) is not None))


class Quotations:
    """Quoted replies made whole: lines right below a reply that goes on (`550-…`) and continue it belong to it."""

    def __init__(self) -> None:
        self._held: Found | None = None

    @property
    def open(self) -> bool:
        """Whether a reply goes on."""
        return self._held is not None

    def heard(self, number: int, words: str, when: str | None) -> Iterator[Found]:
        """The refusals that are complete with this line."""
        held = self._held
        replies = list(replies_in(words, when is not None))
        if held is not None and not replies and re.match(rf"\s*{held.reply[:3]}[ -]", words):
            replies = [words.strip()]
        for reply in replies:
            if held is not None and reply[:3] == held.reply[:3] and len(held.reply) + len(reply) < MAX_REPLY:
                held = msgspec.structs.replace(held, reply=f"{held.reply}\n{reply}")
            else:
                if held is not None:
                    yield held
                held = Found(reply=reply[:MAX_REPLY], when=when, line=number)
            if not _BEGUN.search(reply):
                yield held
                held = None
        if held is not None and not replies:
            yield held
            held = None
        self._held = held

    def ended(self) -> Iterator[Found]:
        """The reply that still goes on where the text ends."""
        if self._held is not None:
            yield self._held
        self._held = None
