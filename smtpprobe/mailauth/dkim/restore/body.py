"""A body whose hash is wrong: which of the changes that mail meets on its way restores it when it is undone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator

from smtpprobe.mailauth.dkim.message import canonical_body
from smtpprobe.mailauth.dkim.restore.banners import before_end_of_page
from smtpprobe.mailauth.dkim.restore.body_forms import MAX_CONVERTED, Form, decoded, rarer_forms
from smtpprobe.mailauth.dkim.restore.line_edits import edited
from smtpprobe.mailauth.dkim.restore.links import rewriter, without_rewriters
from smtpprobe.mailauth.dkim.restore.old_signers import not_canonical
from smtpprobe.mailauth.dkim.restore.work import BARE_LF, BODY_LENGTH, CANONICALIZATION, Budget, Wanted
from smtpprobe.model.evidence.dkim import DkimRestoration, SignedPart
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say, say_counted

MAX_REWRITTEN = 4 << 20  # a longer body is tried without its last lines alone
MAX_REWRITTEN_LINES = 100_000  # the same for one of more lines: base64 of so many octets has 54,000
MAX_LINES = 5000  # that are looked at from the end
_REWRITING_COST = 16  # times that a body could be hashed while its forms are made
_LINE_COST = 1024  # octets that could be hashed in the time that the digest after a line takes
_TOP_LINES = 20
_BLOCK_LINES = 60
_BLOCK_ENDS = 8


def restore(
    body: bytes, wanted: Wanted, budget: Budget, encoding: str = "", mixed: bytes | None = None
) -> DkimRestoration | None:
    """The first change found that, undone, makes the body hash right; None where none of those known does.

    `encoding` is the Content-Transfer-Encoding, `mixed` the body as it arrived where lines of it end in a bare LF.
    The work is bounded by the budget, whatever the body.
    """
    if budget.is_spent:
        return None
    plain = canonical_body(body, wanted.canonicalization)
    found = _as_it_is(plain, wanted, mixed) or _rewritten(body, plain, wanted, budget, encoding)
    return None if found is None else DkimRestoration(part=SignedPart.BODY, rewrite=found[0], statement=found[1])


Found = tuple[str, str]


def _rewritten(body: bytes, plain: bytes, wanted: Wanted, budget: Budget, encoding: str) -> Found | None:
    """The rewrite's name and the statement of the first change that, undone, makes the hash right."""
    tried: list[Form] = []
    is_rewritten = len(body) <= MAX_REWRITTEN and body.count(b"\n") <= MAX_REWRITTEN_LINES
    found = _of_forms(_forms(body, wanted, encoding) if is_rewritten else (), plain, wanted, budget, tried)
    if found is None and wanted.body_length is None:
        found = _without_lines(plain, tried, wanted, budget)
    if found is None and len(body) <= MAX_CONVERTED:
        converted: list[Form] = []
        found = _of_forms(rarer_forms(body, wanted, encoding), plain, wanted, budget, converted)
        found = found or _of_forms(before_end_of_page(plain), plain, wanted, budget, [])
        found = found or edited(plain, wanted, budget)
        if found is None and wanted.body_length is None:
            found = _ends_of(converted, wanted, budget)
    if is_rewritten:
        # Forms that come to the same as another were made and not hashed: the next signature has that much less.
        budget.spend(_REWRITING_COST * len(body))
    return found


def _as_it_is(plain: bytes, wanted: Wanted, mixed: bytes | None) -> Found | None:
    """The rewrite's name and the statement, where the signer hashed the body as it arrived, but otherwise than it should."""
    if mixed is not None and wanted.matches(canonical_body(mixed, wanted.canonicalization)):
        return BARE_LF, say(
            "the body hash is right with each bare LF as it arrived; RFC 5322 §2.3 allows none, and servers make CRLF of it"
        )
    # RFC 6376 §3.5: l= must not be larger than the body.
    if wanted.body_length is not None and wanted.body_length > len(plain) and wanted.matches(plain):
        return BODY_LENGTH, say("the body hash is that of the whole body: l= was too large from the start")
    return None


def _of_forms(forms: Iterable[Form], plain: bytes, wanted: Wanted, budget: Budget, tried: list[Form]) -> Found | None:
    """The rewrite's name and the statement of the form that is right; those that are not are added to `tried`."""
    seen = {plain}
    for name, phrase, form in forms:
        if form in seen:
            continue
        seen.add(form)
        if not budget.spend(len(form)):
            return None
        if wanted.matches(form):
            return name, say("the body hash is right {phrase}", phrase=phrase)
        tried.append((name, phrase, form))
    return None


def _without_lines(plain: bytes, forms: Iterable[Form], wanted: Wanted, budget: Budget) -> Found | None:
    """The same where lines were added at the end, at the start or in between."""
    found = _without_end(plain, wanted, budget) or _ends_of(forms, wanted, budget)
    if found is None and len(plain) <= MAX_REWRITTEN:
        start_or_block = _without_start_or_block(plain, wanted, budget)
        found = start_or_block and (
            start_or_block[0],
            say("the body hash is right without {start_or_block}", start_or_block=start_or_block[1]),
        )
    return found


def _ends_of(forms: Iterable[Form], wanted: Wanted, budget: Budget) -> Found | None:
    """The same for forms that lack their last lines."""
    for name, phrase, form in forms:
        found = _without_end(form, wanted, budget)
        if found is not None:
            return name, f"{found[1]}, {phrase}"
    return None


def suspects(body: bytes) -> tuple[str, ...]:
    """What in the body may have come of a change that cannot be undone."""
    if not body.strip(b"\r\n"):
        return (say("the message has no body"),)
    found = rewriter(body[:MAX_REWRITTEN])
    said = (
        [
            say(
                "links in the body lead to {found}, a mail filter; whether they did when it was signed cannot be told",
                found=found,
            )
        ]
        if found
        else []
    )
    part = _PART.search(body[:MAX_REWRITTEN])
    if part and b"\n--" + part.group(1) + b"--" not in body:
        delimiter = part.group(1).decode("utf-8", "replace")
        said.append(
            say("the last delimiter {delimiter} is missing: the body was cut", delimiter=quoted(f"--{delimiter}--", 80))
        )
    elif len(body) >= _CUT_FROM and len(body) % _CUT_UNIT == 0 and not body.endswith(b"\n"):
        count = format(len(body), ",")
        said.append(say("the body ends in the middle of a line, after exactly {count} octets: it was cut", count=count))
    return tuple(said)


_PART = re.compile(rb"(?m)^--([^\r\n]{1,70})\r\nContent-")
_CUT_FROM, _CUT_UNIT = 4096, 1024  # octets: where programs cut


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
    (
        "white-space",
        mark("in relaxed form: white space was added on the way, or the signer hashed in a form that c= does not name"),
        lambda body: canonical_body(body, "relaxed"),
    ),
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
    for name, phrase, changed in without_rewriters(body):
        yield name, phrase, canonical_body(changed, wanted.canonicalization)
    canonical = canonical_body(body, wanted.canonicalization)
    # No server changes all line ends to LF: SMTP would not let them arrive as CRLF again, so it was the signer.
    yield CANONICALIZATION, not_canonical(say("with LF instead of CRLF")), canonical.replace(b"\r\n", b"\n")
    yield "line-ends", say("without the last line end"), canonical.removesuffix(b"\r\n")
    other = "simple" if wanted.canonicalization == "relaxed" else "relaxed"
    yield CANONICALIZATION, say("in {other} form, which c= does not name", other=other), canonical_body(body, other)
    plain = decoded(body, encoding)
    if plain is not None:
        text = re.sub(rb"\r?\n", b"\r\n", plain)
        phrase = say("once {encoding} is decoded: the body was converted after signing", encoding=encoding)
        yield "transfer-encoding", phrase, canonical_body(text, wanted.canonicalization)


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
        if wanted.matches(b"".join(line + b"\r\n" for line in rest)):
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
    if not head and wanted.matches(canonical_body(b"", wanted.canonicalization)):
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
