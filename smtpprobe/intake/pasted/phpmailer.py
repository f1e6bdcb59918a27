"""Errors of PHPMailer's, which has the server's words, its code and its enhanced status code apart, often in several lines."""

from __future__ import annotations

import re

from smtpprobe.intake.found import MAX_REPLY
from smtpprobe.intake.quotation import Quoted

_MOST = 4000  # characters of what is open
_ENHANCED = r"(?P<enhanced>[45]\.\d\.\d{1,3})"
_CODE_FIELD = re.compile(
    r"\sSMTP code: (?P<code>(?:4(?:2\d|3\d|5\d|7\d)|5[0-79]\d))\b"
    rf"(?:\s{{1,4}}Additional SMTP info: {_ENHANCED}\b)?"
)
_DETAIL = "Detail: "
_WITHOUT_DETAIL = re.compile(r" command failed\s{0,4}\Z")
_BEGINS_ROW = " command failed,"
_ENDS_ROW = re.compile(rf",(?P<code>4(?:2\d|3\d|5\d|7\d)|5[0-79]\d),(?:{_ENHANCED}|(?!\d))")
_OPEN = re.compile(r" command failed(?: Detail: |,)")


def phpmailer(words: str) -> Quoted | None:
    """The reply that an error tells, None where there is none."""
    if (last := _CODE_FIELD.search(words)) is not None:
        start = words.rfind(_DETAIL, 0, last.start()) + len(_DETAIL)
        if start >= len(_DETAIL):
            return _quoted(last, words[start : last.start()], start)
        return _quoted(last, "", last.start() + 1) if _WITHOUT_DETAIL.search(words, 0, last.start()) else None
    row = _ENDS_ROW.search(words)
    start = words.rfind(_BEGINS_ROW, 0, row.start()) + len(_BEGINS_ROW) if row else 0
    said = words[start : row.start()] if row and start >= len(_BEGINS_ROW) else ""
    return _quoted(row, said, start) if row and said.strip(" ,") else None


def is_rest(words: str) -> bool:
    """Whether the line has the codes of an error whose words are above it, and so no reply of its own."""
    last = _CODE_FIELD.search(words)
    return last is not None and last["enhanced"] is not None


def goes_on(above: str, line: str) -> str:
    """What the next line may be the rest of: the line, with those above it if an error is open there."""
    if above and len(above) < _MOST and _OPEN.search(above) and not _OPEN.search(line):
        return f"{above} {line.strip()}".rstrip()
    return line


def _quoted(code: re.Match[str], said: str, start: int) -> Quoted:
    parts = (code["code"], code["enhanced"], " ".join(said.split()))
    return Quoted(reply=" ".join(filter(None, parts))[:MAX_REPLY], start=start)
