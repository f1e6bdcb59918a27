"""A reply as people are shown it on one line: joined lines without the code that each began with, URLs kept."""

from __future__ import annotations

import re

_ENHANCED = r"[245]\.\d{1,3}\.\d{1,3}(?=\s|\Z)"
_BEGIN = re.compile(rf"([2-5]\d\d)([ -])({_ENHANCED})?", re.ASCII)
_URL = re.compile(r"(?:\bhttps?://|\bwww\.[a-z0-9-]{1,63}\.)[^\s<>\"')\]]{1,400}", re.IGNORECASE)
_MAX_URLS = 2
_SEARCHED = 8192  # characters of a reply in which URLs are looked for


def unfolded(line: str) -> str:
    """The line; where several lines of a reply were joined into it, without the codes of all but the first.

    A line that is no joined one comes back as it is, the hyphen after its code too.
    """
    begin = _BEGIN.match(line)
    if begin is None:
        return line
    code, mark, enhanced = begin.groups()
    rest = line[begin.end() :]
    if enhanced:
        rest = re.sub(rf"(?<=\s){code}[ -]{re.escape(enhanced)}(?:\s+|\Z)", "", rest)
    # RFC 5321 §4.2.1: a hyphen follows the code of every line but the last.
    if mark == "-":
        # A telephone number that begins like the code is no line of its own.
        pieces = re.split(rf"(?:(?<=\s)|\A){code}-(?:{_ENHANCED}|(?!\d+\b))\s*", rest)
        pieces[-1] = re.sub(rf"(?:(?<=\s)|\A){code}(?: (?:{_ENHANCED})?\s*|\Z)", "", pieces[-1], count=1)
        rest = "".join(pieces)
    if rest == line[begin.end() :]:
        return line
    return " ".join([code, *([enhanced] if enhanced else []), *rest.split()])


def shortened(reply: str, most: int) -> str:
    """The reply on one line of about so many characters; URLs beyond them follow the cut, two at most."""
    whole = unfolded(" ".join(reply.split()))
    if len(whole) <= most:
        return whole
    end = most
    blank = whole.rfind(" ", most - most // 5, most + 1)
    end = blank if blank > 0 else most
    beyond: dict[str, None] = {}
    for found in _URL.finditer(whole[:_SEARCHED]):
        if found.end() > end:
            end = min(end, found.start())
            beyond[found[0].rstrip(".,;:")] = None
    head, urls = whole[:end].rstrip(), list(beyond)[:_MAX_URLS]
    if urls and whole.startswith(urls[0], end):
        head, urls = f"{head} {urls[0]}", urls[1:]
    return " ".join([head, "…", *urls])
