"""A body whose hash is wrong: which of the changes that mail meets on its way restores it when it is undone."""

from __future__ import annotations

import base64
import binascii
import hashlib
import quopri
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from smtpprobe.mailauth.dkim.message import canonical_body
from smtpprobe.model.evidence.dkim import DkimRestoration, SignedPart
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say, say_counted

MAX_OCTETS = 64 << 20  # hashed for all signatures of one message together
MAX_REWRITTEN = 4 << 20  # a longer body is tried without its last lines alone
MAX_REWRITTEN_LINES = 100_000  # the same for one of more lines: base64 of so many octets has 54,000
MAX_LINES = 5000  # that are looked at from the end
_LINE_COST = 1024  # octets that could be hashed in the time that the digest after a line takes
_TOP_LINES = 20
_BLOCK_LINES = 60
_BLOCK_ENDS = 8

_LINK_REWRITERS = (
    b"safelinks.protection.outlook.com", b"urldefense.proofpoint.com", b"urldefense.com/v3",
    b"linkprotect.cudasvc.com", b"secure-web.cisco.com", b"protect-us.mimecast.com",
)  # fmt: skip


class Wanted(NamedTuple):
    """What the signature says of the body."""

    canonicalization: str
    body_length: int | None
    hash_name: str
    body_hash: bytes


class Budget:
    """How many octets may still be hashed."""

    def __init__(self, octets: int = MAX_OCTETS) -> None:
        self._left = octets

    def spend(self, octets: int) -> bool:
        """Whether so many more may be hashed; they are taken off."""
        self._left -= octets
        return self._left >= 0


def restore(body: bytes, wanted: Wanted, budget: Budget, encoding: str = "") -> DkimRestoration | None:
    """The first change found that, undone, makes the body hash right; None where none of those known does.

    `encoding` is the Content-Transfer-Encoding. The work is bounded by the budget, whatever the body.
    """
    forms: list[tuple[str, str, bytes]] = []
    is_rewritten = len(body) <= MAX_REWRITTEN and body.count(b"\n") <= MAX_REWRITTEN_LINES
    seen = {canonical_body(body, wanted.canonicalization)} if is_rewritten else {b""}
    for name, phrase, form in _forms(body, wanted, encoding) if is_rewritten else ():
        if form in seen:
            continue
        seen.add(form)
        if not budget.spend(len(form)):
            return None
        if _digest(form[: wanted.body_length], wanted) == wanted.body_hash:
            return DkimRestoration(
                part=SignedPart.BODY, rewrite=name, statement=say("the body hash is right {phrase}", phrase=phrase)
            )
        forms.append((name, phrase, form))
    if wanted.body_length is not None:
        return None
    plain = canonical_body(body, wanted.canonicalization)
    for name, phrase, form in (("", "", plain), *forms):
        found = _without_end(form, wanted, budget)
        if found is not None:
            rewrite, statement = found
            return DkimRestoration(
                part=SignedPart.BODY,
                rewrite=name or rewrite,
                statement=f"{statement}, {phrase}" if phrase else statement,
            )
    found = _without_start_or_block(plain, wanted, budget) if len(plain) <= MAX_REWRITTEN else None
    return (
        None
        if found is None
        else DkimRestoration(
            part=SignedPart.BODY,
            rewrite=found[0],
            statement=say("the body hash is right without {found}", found=found[1]),
        )
    )


def suspects(body: bytes) -> tuple[str, ...]:
    """What in the body shows that it was changed on the way in a manner that cannot be undone."""
    found = [host.decode().partition("/")[0] for host in _LINK_REWRITERS if host in body[:MAX_REWRITTEN]]
    return (say("links in the body lead to {found}: a mail filter rewrote them", found=found[0]),) if found else ()


def _digest(octets: bytes, wanted: Wanted) -> bytes:
    return hashlib.new(wanted.hash_name, octets, usedforsecurity=False).digest()


def _each_line(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return b"\r\n".join(map(change, body.split(b"\r\n")))


def _unwrapped(body: bytes) -> bytes:
    """The body without the line ends that servers put into lines of nearly 1000 octets (RFC 5321 §4.5.3.1.6)."""
    out: list[bytes] = []
    previous = 0
    for line in body.split(b"\r\n"):
        if previous >= _WRAPPED_FROM and (line.startswith(b" ") or out[-1].endswith(b"!")):
            out[-1] = out[-1].removesuffix(b"!")
            out.append(line.removeprefix(b" "))
        else:
            out += [b"\r\n", line] if out else [line]
        previous = len(line)
    return b"".join(out)


_WRAPPED_FROM = 900  # octets

_Rewrite = tuple[str, str, Callable[[bytes], bytes]]
_REWRITES: tuple[_Rewrite, ...] = (
    (
        "trailing-white-space",
        mark("once white space at line ends is removed"),
        lambda body: _each_line(body, lambda line: line.rstrip(b" \t")),
    ),
    ("white-space", mark("once each run of white space is one space"), lambda body: canonical_body(body, "relaxed")),
    (
        "signature-separator",
        mark('once the line "--" has its trailing space again'),
        lambda body: re.sub(rb"(?m)^--\r$", b"-- \r", body),
    ),
    (
        "from-escaping",
        mark('once ">From" at line starts is "From"'),
        lambda body: re.sub(rb"(?m)^>From ", b"From ", body),
    ),
    (
        "from-escaping",
        mark('once "From" at line starts is ">From"'),
        lambda body: re.sub(rb"(?m)^From ", b">From ", body),
    ),
    ("dot-stuffing", mark("once two dots at line starts are one"), lambda body: re.sub(rb"(?m)^\.\.", b".", body)),
    ("dot-stuffing", mark("once each dot at a line start is doubled"), lambda body: re.sub(rb"(?m)^\.", b"..", body)),
    ("wrapped-lines", mark("once lines that were broken before 1000 octets are whole again"), _unwrapped),
    (
        "doubled-line-ends",
        mark("once every second line end is removed"),
        lambda body: body.replace(b"\r\n\r\n", b"\r\n"),
    ),
    ("bare-cr", mark("once each CR before a line end is removed"), lambda body: body.replace(b"\r\r\n", b"\r\n")),
    ("bare-cr", mark("once bare CRs are line ends"), lambda body: re.sub(rb"\r(?!\n)", b"\r\n", body)),
    ("leading-empty-line", mark("with an empty line before it"), lambda body: b"\r\n" + body),
    ("leading-empty-line", mark("without the empty lines before it"), lambda body: body.lstrip(b"\r\n")),
)


def _forms(body: bytes, wanted: Wanted, encoding: str) -> Iterator[tuple[str, str, bytes]]:
    """Each rewrite's name, its phrase, and the canonical body with it."""
    for name, phrase, rewrite in _REWRITES:
        yield name, say(phrase), canonical_body(rewrite(body), wanted.canonicalization)
    canonical = canonical_body(body, wanted.canonicalization)
    yield "line-ends", say("with LF instead of CRLF"), canonical.replace(b"\r\n", b"\n")
    yield "line-ends", say("without the last line end"), canonical.removesuffix(b"\r\n")
    other = "simple" if wanted.canonicalization == "relaxed" else "relaxed"
    yield "canonicalization", say("in {other} form, which c= does not name", other=other), canonical_body(body, other)
    decoded = _decoded(body, encoding)
    if decoded is not None:
        text = re.sub(rb"\r?\n", b"\r\n", decoded)
        phrase = say("once {encoding} is decoded: the body was converted after signing", encoding=encoding)
        yield "transfer-encoding", phrase, canonical_body(text, wanted.canonicalization)


def _decoded(body: bytes, encoding: str) -> bytes | None:
    try:
        if encoding == "quoted-printable":
            return quopri.decodestring(body)
        return base64.b64decode(body) if encoding == "base64" else None
    except (binascii.Error, ValueError):
        return None


def _without_end(form: bytes, wanted: Wanted, budget: Budget) -> tuple[str, str] | None:
    """The rewrite's name and the statement, where the body without its last lines is right."""
    head, lines = _last_lines(form)
    kept = _kept(head, lines, wanted, budget)
    if kept is None:
        return None
    if not any((*head, *lines[:kept])):
        return "empty-body", say("the body hash is that of an empty body: the body came after the signature")
    return "footer", say("the body hash is right without the last {lines}", lines=_lines(lines[kept:]))


def _without_start_or_block(form: bytes, wanted: Wanted, budget: Budget) -> tuple[str, str] | None:
    """The rewrite's name and what is to be left out, where lines were put first (and last), or in between."""
    head, lines = _last_lines(form)
    if head:
        return None
    for top in range(1, min(_TOP_LINES, len(lines))):
        rest = lines[top:]
        if _digest(b"".join(line + b"\r\n" for line in rest), wanted) == wanted.body_hash:
            return "banner", say("the first {lines}", lines=_lines(lines[:top]))
        kept = _kept([], rest, wanted, budget)
        if kept:
            return "banner", say(
                "the first {lines} and the last {other_lines}",
                lines=_lines(lines[:top]),
                other_lines=_lines(rest[kept:]),
            )
    return _without_block(lines, wanted, budget)


def _last_lines(form: bytes) -> tuple[list[bytes], list[bytes]]:
    """What stands before the last lines, as one element or none, and those lines without their line ends."""
    lines = form.removesuffix(b"\r\n").rsplit(b"\r\n", MAX_LINES)
    return (lines[:1], lines[1:]) if len(lines) > MAX_LINES else ([], lines)


def _kept(head: list[bytes], lines: list[bytes], wanted: Wanted, budget: Budget) -> int | None:
    """How many lines are to be kept for the hash to be right, at least one being cut; None where no number does."""
    size = sum(map(len, head)) + sum(map(len, lines)) + _LINE_COST * len(lines)
    if not budget.spend(size):
        return None
    if not head and _digest(canonical_body(b"", wanted.canonicalization), wanted) == wanted.body_hash:
        return 0
    hashing = hashlib.new(wanted.hash_name, usedforsecurity=False)
    for line in head:
        hashing.update(line + b"\r\n")
    for number, line in enumerate(lines[:-1]):
        hashing.update(line + b"\r\n")
        # RFC 6376 §3.4.3: empty lines at the end are not hashed, so a body ends with a line that is not.
        if line and hashing.copy().digest() == wanted.body_hash:
            return number + 1
    return None


def _without_block(lines: list[bytes], wanted: Wanted, budget: Budget) -> tuple[str, str] | None:
    """The same for lines inserted before a MIME delimiter or the end of an HTML page."""
    ends = [at for at, line in enumerate(lines) if line.lower().startswith((b"--", b"</body", b"</html"))]
    for end in reversed(ends[-_BLOCK_ENDS:]):
        first = max(0, end - _BLOCK_LINES)
        rest = b"\r\n".join(lines[end:]) + b"\r\n"
        before = b"".join(line + b"\r\n" for line in lines[:first])
        hashing = hashlib.new(wanted.hash_name, before, usedforsecurity=False)
        for start in range(first, end):
            if not budget.spend(len(rest) + len(lines[start]) + _LINE_COST):
                return None
            trial = hashing.copy()
            trial.update(rest)
            if trial.digest() == wanted.body_hash:
                block = lines[start:end]
                return "inserted-lines", say("the {lines} before line {end}", lines=_lines(block), end=end + 1)
            hashing.update(lines[start] + b"\r\n")
    return None


def _lines(removed: list[bytes]) -> str:
    """How many lines, and the first of them that says something."""
    count = say_counted("line", "{count} lines", len(removed))
    first = next((line for line in removed if line.strip(b"_-= \t*")), b"".join(removed[:1]))
    return f"{count} ({quoted(first.decode('utf-8', 'replace').strip())})" if first.strip() else count
