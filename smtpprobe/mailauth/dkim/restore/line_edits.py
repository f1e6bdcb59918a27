"""A body of which single lines were changed: each line put otherwise in turn, as far as the budget goes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import combinations

from smtpprobe.mailauth.dkim.restore.work import Budget, Wanted
from smtpprobe.model.quoting import quoted

MAX_EDITED_LINES = 1000  # of a body of which single lines are tried
_MAX_PAIRED_LINES = 60
_MAX_NAMED = 12  # lines in one statement
_MAX_RUN = 12
_MAX_DOTTED_LINES = 200
_TRIAL_COST = 1024  # octets that could be hashed in the time that a trial takes beside its hashing

Found = tuple[str, str]


def edited(form: bytes, wanted: Wanted, budget: Budget) -> Found | None:
    """The rewrite's name and the statement, where one line (of dots: some lines) put otherwise makes the hash right."""
    lines = form.removesuffix(b"\r\n").split(b"\r\n")
    if wanted.body_length is not None or len(lines) > MAX_EDITED_LINES:
        return None
    return _one_line(lines, wanted, budget) or _several_dots(lines, wanted, budget)


def _one_line(lines: list[bytes], wanted: Wanted, budget: Budget) -> Found | None:
    ends = [b"\r\n".join(lines[at:]) + b"\r\n" for at in range(len(lines))] if _is_short(lines) else None
    hashing = hashlib.new(wanted.hash_name, usedforsecurity=False)
    for at, line in enumerate(lines):
        rest = ends[at + 1] if ends and at + 1 < len(lines) else b"".join(after + b"\r\n" for after in lines[at + 1 :])
        for rewrite, phrase, changed, skipped in _edits(lines, at):
            tail = rest[skipped:]
            if not budget.spend(len(changed) + len(tail) + _TRIAL_COST):
                return None
            trial = hashing.copy()
            trial.update(changed + tail)
            if trial.digest() == wanted.body_hash:
                return rewrite, f"the body hash is right {phrase}"
        hashing.update(line + b"\r\n")
    return None


def _is_short(lines: list[bytes]) -> bool:
    """Whether all ends of the body together take little memory."""
    return sum(map(len, lines)) * len(lines) < 32 << 20


def _edits(lines: list[bytes], at: int) -> Iterator[tuple[str, str, bytes, int]]:
    """The rewrite's name, its phrase, what stands for the line, and how many octets after it that replaces, too."""
    line, number = lines[at], at + 1
    whole = line + b"\r\n"
    shown = quoted(line.decode("utf-8", "replace"))
    if line:
        phrase = f"with a dot before line {number} ({shown}): a leading dot was lost on the way (RFC 5321 §4.5.2)"
        yield "dot-stuffing", phrase, b"." + whole, 0
    if line.startswith(b"."):
        phrase = f"without a dot of line {number} ({shown}): a leading dot was doubled on the way (RFC 5321 §4.5.2)"
        yield "dot-stuffing", phrase, whole[1:], 0
        phrase = f"with two dots more before line {number} ({shown}), which were lost on the way (RFC 5321 §4.5.2)"
        yield "dot-stuffing", phrase, b".." + whole, 0
    if line.startswith(b">From "):
        yield "from-escaping", f'once ">From" in line {number} is "From"', whole[1:], 0
    if line.startswith(b"From "):
        yield "from-escaping", f'once "From" in line {number} is ">From"', b">" + whole, 0
    if at + 1 < len(lines):
        after = lines[at + 1]
        for between, words in ((b" ", "with a space"), (b"", "without anything"), (b"\t", "with a tab")):
            phrase = f"once lines {number} and {number + 1} are one, {words} between them: a line was broken on the way"
            yield "wrapped-lines", phrase, line + between + after + b"\r\n", len(after) + 2
        yield "inserted-lines", f"without line {number} ({shown})", b"", 0
    yield "removed-lines", f"with an empty line before line {number} ({shown})", b"\r\n" + whole, 0
    yield "removed-lines", f"with a line of a single dot before line {number} ({shown})", b".\r\n" + whole, 0
    for blank, words in ((b" ", "a space"), (b"\t", "a tab")):
        yield "trailing-white-space", f"with {words} at the end of line {number} ({shown})", line + blank + b"\r\n", 0
    if line.startswith(b" "):
        yield "white-space", f"without the space at the start of line {number} ({shown})", whole[1:], 0
    elif line:
        yield "white-space", f"with a space at the start of line {number} ({shown})", b" " + whole, 0


def _several_dots(lines: list[bytes], wanted: Wanted, budget: Budget) -> Found | None:
    """The same where dots before several lines were lost: lines that follow one another, or any two."""
    for chosen in _dotted(lines) if len(lines) <= _MAX_DOTTED_LINES else ():
        changed = b"".join((b"." if at in chosen else b"") + line + b"\r\n" for at, line in enumerate(lines))
        if not budget.spend(len(changed) + _TRIAL_COST):
            return None
        if wanted.matches(changed):
            named = [str(at + 1) for at in chosen[:_MAX_NAMED]]
            more = [f"{len(chosen) - _MAX_NAMED} more"] if len(chosen) > _MAX_NAMED else [named.pop()]
            numbers = f"{', '.join(named)} and {more[0]}"
            return "dot-stuffing", (
                f"the body hash is right with dots before lines {numbers}:"
                " leading dots were lost on the way (RFC 5321 §4.5.2)"
            )
    return None


def _dotted(lines: list[bytes]) -> Iterator[tuple[int, ...]]:
    """The lines that may have begun with a dot: those of one kind, those that follow one another, any two or three."""
    texts = [at for at, line in enumerate(lines) if line]
    for kind in (_ANYTHING, _SMALL_LETTER, _DIGIT, _RULE, _ONE_WORD):
        chosen = tuple(at for at in texts if kind.match(lines[at]))
        if len(chosen) > 1:
            yield chosen
    for length in range(2, _MAX_RUN + 1):
        for first in range(len(texts) - length + 1):
            yield tuple(texts[first : first + length])
    if len(texts) <= _MAX_PAIRED_LINES:
        yield from combinations(texts, 2)
    if len(texts) <= _MAX_LINES_OF_THREES:
        yield from combinations(texts, 3)


_MAX_LINES_OF_THREES = 30
_ANYTHING, _SMALL_LETTER, _DIGIT = re.compile(rb"."), re.compile(rb"[a-z]"), re.compile(rb"[0-9]")
_RULE = re.compile(rb"[^\r\n{]{1,200}\{")  # as of a style sheet
_ONE_WORD = re.compile(rb"[^ \t\r\n]{1,200}\Z")
