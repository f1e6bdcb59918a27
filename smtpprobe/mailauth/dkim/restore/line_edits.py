"""A body of which single lines were changed: each line put otherwise in turn, as far as the budget goes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import combinations

from smtpprobe.mailauth.dkim.restore.work import Budget, Wanted
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say

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
    return (
        _one_line(lines, wanted, budget) or _several_dots(lines, wanted, budget) or _empty_lines(lines, wanted, budget)
    )


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
                return rewrite, say("the body hash is right {phrase}", phrase=phrase)
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
        phrase = say(
            "with a dot before line {number} ({shown}): a leading dot was lost on the way (RFC 5321 §4.5.2)",
            number=number,
            shown=shown,
        )
        yield "dot-stuffing", phrase, b"." + whole, 0
    if line.startswith(b"."):
        phrase = say(
            "without a dot of line {number} ({shown}): a leading dot was doubled on the way (RFC 5321 §4.5.2)",
            number=number,
            shown=shown,
        )
        yield "dot-stuffing", phrase, whole[1:], 0
        phrase = say(
            "with two dots more before line {number} ({shown}), which were lost on the way (RFC 5321 §4.5.2)",
            number=number,
            shown=shown,
        )
        yield "dot-stuffing", phrase, b".." + whole, 0
    if line.startswith(b">From "):
        yield "from-escaping", say('once ">From" in line {number} is "From"', number=number), whole[1:], 0
    if line.startswith(b"From "):
        yield "from-escaping", say('once "From" in line {number} is ">From"', number=number), b">" + whole, 0
    if at + 1 < len(lines):
        after = lines[at + 1]
        for between, words in ((b" ", say("with a space")), (b"", say("without anything")), (b"\t", say("with a tab"))):
            phrase = say(
                "once lines {number} and {other_number} are one, {words} between them: a line was broken on the way",
                number=number,
                other_number=number + 1,
                words=words,
            )
            yield "wrapped-lines", phrase, line + between + after + b"\r\n", len(after) + 2
        yield "inserted-lines", say("without line {number} ({shown})", number=number, shown=shown), b"", 0
    yield from _of_lines_and_blanks(line, number, shown)


def _of_lines_and_blanks(line: bytes, number: int, shown: str) -> Iterator[tuple[str, str, bytes, int]]:
    """The edits that put a line before it, or change the white space at its ends."""
    whole = line + b"\r\n"
    yield (
        "removed-lines",
        say("with an empty line before line {number} ({shown})", number=number, shown=shown),
        b"\r\n" + whole,
        0,
    )
    yield (
        "removed-lines",
        say("with a line of a single dot before line {number} ({shown})", number=number, shown=shown),
        b".\r\n" + whole,
        0,
    )
    for blank, words in () if line else _BLANKS:
        phrase = say("with {words} in line {number}, which is empty", words=say(words), number=number)
        yield "blank-lines", phrase, blank + whole, 0
    for blank, words in _BLANKS[:2] if line else ():
        yield (
            "trailing-white-space",
            say("with {words} at the end of line {number} ({shown})", words=say(words), number=number, shown=shown),
            line + blank + b"\r\n",
            0,
        )
    if line.startswith(b" "):
        yield (
            "white-space",
            say("without the space at the start of line {number} ({shown})", number=number, shown=shown),
            whole[1:],
            0,
        )
    elif line:
        yield (
            "white-space",
            say("with a space at the start of line {number} ({shown})", number=number, shown=shown),
            b" " + whole,
            0,
        )


_BLANKS = (
    (b" ", mark("a space")),
    (b"\t", mark("a tab")),
    (b"  ", mark("two spaces")),
    (b"    ", mark("four spaces")),
    (b"\xc2\xa0", mark("a no-break space")),
)


def _several_dots(lines: list[bytes], wanted: Wanted, budget: Budget) -> Found | None:
    """The same where dots before several lines were lost: lines that follow one another, or any two."""
    for chosen in _dotted(lines) if len(lines) <= _MAX_DOTTED_LINES else ():
        changed = b"".join((b"." if at in chosen else b"") + line + b"\r\n" for at, line in enumerate(lines))
        if not budget.spend(len(changed) + _TRIAL_COST):
            return None
        if wanted.matches(changed):
            named = [str(at + 1) for at in chosen[:_MAX_NAMED]]
            more = [say("{count} more", count=len(chosen) - _MAX_NAMED)] if len(chosen) > _MAX_NAMED else [named.pop()]
            numbers = say("{named} and {more}", named=", ".join(named), more=more[0])
            return "dot-stuffing", (
                say(
                    "the body hash is right with dots before lines {numbers}: leading dots were lost on the way "
                    "(RFC 5321 §4.5.2)",
                    numbers=numbers,
                )
            )
    return None


def _empty_lines(lines: list[bytes], wanted: Wanted, budget: Budget) -> Found | None:
    """The same where several empty lines were lost: before every line, or before any of a few."""
    at = range(1, len(lines))
    few = (chosen for size in range(2, len(lines) - 1) for chosen in combinations(at, size))
    for chosen in (tuple(at), *(few if len(lines) <= _MAX_LINES_OF_GAPS else ())):
        changed = b"".join((b"\r\n" if number in chosen else b"") + line + b"\r\n" for number, line in enumerate(lines))
        if not budget.spend(len(changed) + _TRIAL_COST):
            return None
        if wanted.matches(changed):
            return "removed-lines", say(
                "the body hash is right with {count} empty lines, which were lost", count=len(chosen)
            )
    return None


_MAX_LINES_OF_GAPS = 11


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
_RULE = re.compile(rb"[^\r\n{]{1,200}+\{")  # as of a style sheet
_ONE_WORD = re.compile(rb"[^ \t\r\n]{1,200}+\Z")
