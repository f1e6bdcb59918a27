"""A body without the warning that a gateway put at the top of its text, of its HTML, or of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import say

MAX_OCTETS = 1 << 16  # of a body in which banners are sought
_MAX_LINES = 6
_MAX_ENDS = 12
_MAX_TAGS = 100
_SHOWN = 60
_LOOKED_AT = 8192  # octets behind the start of a page
_TEXT_PART = re.compile(rb"(?im)^Content-Type:[ \t]{0,9}text/plain[^\r\n]*\r\n(?:[^\r\n]+\r\n){0,30}\r\n")
_PAGE = re.compile(rb"<body[^<>]{0,1000}>", re.IGNORECASE)
_END = re.compile(rb"(?:</(?:div|table|p|center|span|blockquote)>|<[bh]r ?/?>)(?:\r\n)?", re.IGNORECASE)


def without_banners(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Each rewrite's name, its phrase, and the body with what stands first in text part, page or both left out."""
    if len(body) > MAX_OCTETS:
        return
    text, page = _TEXT_PART.search(body), _PAGE.search(body)
    if page is None or (text is not None and text.end() > page.start()):
        return
    start = text.end() if text else 0
    lines = _line_ends(body, start) if text else [start]
    ends = [page.end(), *_ends(body, page.end())]
    for line in lines:
        for end in ends:
            if line == start and end == page.end():
                continue
            phrase = say("without what is first in it, {shown}", shown=_places(line > start, end > page.end()))
            yield "banner", phrase, body[:start] + body[line : page.end()] + body[end:]


def before_end_of_page(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Each rewrite's name, its phrase, and the body without what stands last in its HTML, from each tag on."""
    end = max(body.rfind(b"</body"), body.rfind(b"</BODY"))
    if end < 0 or len(body) > MAX_OCTETS:
        return
    starts = [found.start() for found in re.finditer(rb"<[a-z!]", body[max(0, end - _LOOKED_AT) : end], re.IGNORECASE)]
    for start in reversed(starts[-_MAX_TAGS:]):
        at = max(0, end - _LOOKED_AT) + start
        shown = quoted(body[at:end].decode("utf-8", "replace"), _SHOWN)
        yield (
            "inserted-html",
            say("without {shown} before </body>, which was inserted", shown=shown),
            body[:at] + body[end:],
        )


def _places(in_text: bool, in_page: bool) -> str:
    if in_text and in_page:
        return say("in its text and in its HTML: a gateway's banner")
    return say("in its HTML: a gateway's banner") if in_page else say("in its text: a gateway's banner")


def _line_ends(body: bytes, start: int) -> list[int]:
    """The start, and where each of the first lines behind it ends."""
    ends = [start]
    for _ in range(_MAX_LINES):
        end = body.find(b"\r\n", ends[-1])
        if end < 0 or body.startswith(b"--", ends[-1]):
            break
        ends.append(end + 2)
    return ends


def _ends(body: bytes, start: int) -> Iterator[int]:
    for found in islice(_END.finditer(body, start, start + _LOOKED_AT), _MAX_ENDS):
        yield found.end()
        if found.group().endswith(b"\r\n"):
            yield found.end() - 2
