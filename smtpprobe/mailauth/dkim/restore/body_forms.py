"""A whole body as it may have been before it was converted: encodings, character sets, wrapping, tabs."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterator

from smtpprobe.mailauth.dkim.message import canonical_body
from smtpprobe.mailauth.dkim.restore.banners import without_banners
from smtpprobe.mailauth.dkim.restore.old_signers import body_forms as old_signers
from smtpprobe.mailauth.dkim.restore.old_signers import not_canonical
from smtpprobe.mailauth.dkim.restore.work import CANONICALIZATION, Wanted
from smtpprobe.model.texts.language import say

MAX_CONVERTED = 1 << 18  # octets of a body that is converted
Form = tuple[str, str, bytes]
_WIDTHS = (72, 76, 78, 79, 80)
_CHARSETS = ("iso-8859-1", "windows-1252", "iso-8859-15", "windows-1251", "koi8-r", "utf-16-le")
_BASE64_WIDTHS = (76, 72, 64, 60)
_ENCODED_PART = re.compile(
    rb"(?im)^(Content-Transfer-Encoding:[ \t]{0,9})(quoted-printable|base64)([ \t]{0,9}\r\n(?:[^\r\n]{1,998}\r\n){0,30}\r\n)"
)
_MAX_PARTS = 10


def rarer_forms(body: bytes, wanted: Wanted, encoding: str) -> Iterator[Form]:
    """Each rewrite's name, its phrase, and the canonical body with it; none for a body that is too long."""
    if len(body) > MAX_CONVERTED:
        return
    for phrase, form in old_signers(body, wanted.canonicalization):
        yield CANONICALIZATION, not_canonical(phrase), form
    for name, phrase, changed in (
        *_blanks(body),
        *_charsets(body),
        *_encoded(body, encoding),
        *_parts(body),
        *_wrapped(body),
        *without_banners(body),
    ):
        yield name, phrase, canonical_body(changed, wanted.canonicalization)


def _blanks(body: bytes) -> Iterator[Form]:
    yield "tabs", say("once the spaces at line starts are tabs"), _leading(body, b" ")
    for count in (8, 4, 2):
        blanks = b" " * count
        words = say("{count} spaces", count=count)
        yield "tabs", say("once each {words} are a tab", words=words), body.replace(blanks, b"\t")
        yield "tabs", say("once {words} at line starts are tabs", words=words), _leading(body, blanks)
        yield "tabs", say("once each tab is {words}", words=words), body.replace(b"\t", blanks)
    yield (
        "tabs",
        say("once tabs are spaces up to the next column of eight"),
        _lines(body, lambda line: line.expandtabs(8)),
    )
    yield (
        "tabs",
        say("once tabs are spaces up to the next column of four"),
        _lines(body, lambda line: line.expandtabs(4)),
    )
    for width in (8, 4):
        unexpanded = _lines(body, lambda line, width=width: _unexpanded(line, width))  # type: ignore[misc]
        yield "tabs", say("once spaces up to the next column of {width} are tabs", width=width), unexpanded
    yield "tabs", say("once each tab is a space"), body.replace(b"\t", b" ")
    for blank, words in (
        (b" ", say("a space")),
        (b"\t", say("a tab")),
        (b"  ", say("two spaces")),
        (b"    ", say("four spaces")),
    ):
        *lines, end = body.split(b"\r\n")
        filled = b"\r\n".join((*(line or blank for line in lines), end))
        yield "blank-lines", say("once each empty line is {words}", words=words), filled
        yield (
            "blank-lines",
            say("with a line of {words} at its end", words=words),
            body.rstrip(b"\r\n") + b"\r\n" + blank + b"\r\n",
        )
    yield (
        "blank-lines",
        say("once lines of white space alone are empty"),
        _lines(body, lambda line: line if line.strip() else b""),
    )
    yield "flowed", say("once lines that go on end in a space, as format=flowed has them"), _flowed(body)
    yield "no-break-spaces", say("once no-break spaces are spaces"), body.replace(b"\xc2\xa0", b" ")
    yield "byte-order-mark", say("with a byte order mark before it"), b"\xef\xbb\xbf" + body
    yield "byte-order-mark", say("without the byte order mark before it"), body.removeprefix(b"\xef\xbb\xbf")
    yield "control-z", say("without the control-Z at its end"), body.rstrip(b"\r\n").removesuffix(b"\x1a")
    yield (
        "last-dot",
        say("with a line of a single dot at its end: it was taken as the end of the message"),
        body + b".\r\n",
    )
    yield "last-dot", say("without the line of a single dot at its end"), body.rstrip(b"\r\n").removesuffix(b"\r\n.")
    yield "null-octets", say("without the null octets"), body.replace(b"\0", b"")


def _lines(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return b"\r\n".join(map(change, body.split(b"\r\n")))


def _leading(body: bytes, blanks: bytes) -> bytes:
    def change(line: bytes) -> bytes:
        rest = line.lstrip(b" ")
        tabs, spaces = divmod(len(line) - len(rest), len(blanks))
        return b"\t" * tabs + b" " * spaces + rest

    return _lines(body, change)


def _unexpanded(line: bytes, width: int) -> bytes:
    """The line with tabs for the spaces that end at a tab stop."""
    pieces = [line[at : at + width] for at in range(0, len(line), width)]
    full = [piece.rstrip(b" ") + b"\t" if piece.endswith(b"  ") else piece for piece in pieces[:-1]]
    return b"".join((*full, *pieces[-1:]))


def _flowed(body: bytes) -> bytes:
    lines = body.split(b"\r\n")
    going_on = [bool(line) and bool(after) for line, after in zip(lines, [*lines[1:], b""], strict=True)]
    return b"\r\n".join(line + b" " if goes else line for line, goes in zip(lines, going_on, strict=True))


def _charsets(body: bytes) -> Iterator[Form]:
    if body.isascii():
        return
    for charset in _CHARSETS:
        for before, after, words in (
            (charset, "utf-8", say("from {charset} to UTF-8", charset=charset)),
            ("utf-8", charset, say("from UTF-8 to {charset}", charset=charset)),
        ):
            try:
                changed = body.decode(before).encode(after)
            except (UnicodeError, LookupError):
                continue
            yield "charset", say("once its text is converted {words}", words=words), changed


def decoded(body: bytes, encoding: str) -> bytes | None:
    """The body without its transfer encoding; None if it has none or cannot be decoded."""
    try:
        if encoding == "quoted-printable":
            return quopri.decodestring(body)
        return base64.b64decode(body) if encoding == "base64" else None
    except (binascii.Error, ValueError):
        return None


def _encoded(body: bytes, encoding: str) -> Iterator[Form]:
    """The body encoded: it was decoded on the way, or decoded and encoded otherwise."""
    plain = decoded(body, encoding)
    text = body if plain is None else plain
    how = say("it was decoded after signing") if plain is None else say("it was encoded again after signing")
    texts = dict.fromkeys(
        (text, text.rstrip(b"\r\n"), text.replace(b"\r\n", b"\n"), text.replace(b"\r\n", b"\n").rstrip(b"\n"))
    )
    for each in texts:
        coded = base64.b64encode(each)
        for width in _BASE64_WIDTHS:
            lines = b"\r\n".join(coded[at : at + width] for at in range(0, len(coded), width))
            yield (
                "transfer-encoding",
                say("once it is base64 in lines of {width}: {how}", width=width, how=how),
                lines + b"\r\n",
            )
        yield "transfer-encoding", say("once it is base64 on one line: {how}", how=how), coded + b"\r\n"
    for width, starts, always in _written(text):
        coded = quoted_printable(re.sub(rb"\r?\n", b"\r\n", text), width, starts, always)
        yield (
            "transfer-encoding",
            say("once it is quoted-printable in lines of {width}: {how}", width=width, how=how),
            coded,
        )
    if plain is not None and encoding == "base64":
        return
    small = re.sub(rb"=[0-9A-F]{2}", lambda match: match.group().lower(), body)
    yield "transfer-encoding", say("with small letters in quoted-printable"), small
    large = re.sub(rb"=[0-9a-fA-F]{2}", lambda match: match.group().upper(), body)
    yield "transfer-encoding", say("with capital letters in quoted-printable"), large
    yield "transfer-encoding", say("without the soft line ends of quoted-printable"), body.replace(b"=\r\n", b"")


def _written(text: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """How encoders write quoted-printable, for `quoted_printable`: fewer ways for longer texts, none where none differs."""
    if text.isascii() and b"=" not in text and max(map(len, text.split(b"\n"))) < min(_QP_WIDTHS):
        return
    for width in _QP_WIDTHS if len(text) <= _MAX_TRIED_QP else ():
        for starts in (b"", b".", b"F.", b"F.-"):
            for always in (b"", b'!"#$@[\\]^`{|}~'):
                yield width, starts, always
    if _MAX_TRIED_QP < len(text) <= _MAX_QP:
        yield 76, b"", b""


_QP_WIDTHS = (76, 75, 73, 72)
_MAX_TRIED_QP = 1 << 13  # octets of a text that is encoded in every way
_MAX_QP = 1 << 16


def quoted_printable(text: bytes, width: int, starts: bytes = b"", always: bytes = b"") -> bytes:
    """The text in quoted-printable (RFC 2045 §6.7), lines of `width` octets with the soft line end's equals sign.

    `starts` are the characters that are encoded at a line's start (of `F` only in "From "), `always` those anywhere.
    """
    out: list[bytes] = []
    for line in text.split(b"\r\n"):
        current = b""
        for at, octet in enumerate(line):
            char = bytes((octet,))
            is_plain = 32 < octet < 127 and octet != 61 and char not in always
            is_plain = is_plain or (octet in (9, 32) and at < len(line) - 1)
            if at == 0 and char in starts and (char != b"F" or line.startswith(b"From ")):
                is_plain = False
            token = char if is_plain else b"=%02X" % octet
            if len(current) + len(token) > width - (at < len(line) - 1):
                out.append(current + b"=\r\n")
                current = b""
            current += token
        out.append(current + b"\r\n")
    return b"".join(out).removesuffix(b"\r\n")


def _parts(body: bytes) -> Iterator[Form]:
    """The body with encoded parts of a multipart decoded again."""
    found = list(_ENCODED_PART.finditer(body))[:_MAX_PARTS]
    for encoding in (b"8bit", b"7bit", b"8Bit", b"binary"):
        chosen = [found, *([part] for part in found)] if len(found) > 1 else [found] if found else []
        for parts in chosen:
            which = say("its parts are") if len(parts) > 1 else say("a part of it is")
            phrase = say(
                "once {which} decoded to {encoding}: converted after signing", which=which, encoding=encoding.decode()
            )
            yield "transfer-encoding", phrase, _with_parts_decoded(body, parts, encoding)


def _with_parts_decoded(body: bytes, parts: list[re.Match[bytes]], encoding: bytes) -> bytes:
    out: list[bytes] = []
    at = 0
    for part in parts:
        end = body.find(b"\r\n--", part.end())
        end = len(body) if end < 0 else end
        plain = decoded(body[part.end() : end], part.group(2).lower().decode())
        if plain is None or part.start() < at:
            continue
        out += [body[at : part.start()], part.group(1), encoding, part.group(3), re.sub(rb"\r?\n", b"\r\n", plain)]
        at = end
    return b"".join((*out, body[at:]))


def _wrapped(body: bytes) -> Iterator[Form]:
    """The body with lines joined that were wrapped, or wrapped that were joined."""
    lines = body.split(b"\r\n")
    longest = max(map(len, lines))
    for width in dict.fromkeys((longest, *_WIDTHS, 512, 990, 998, 1000)):
        if width > longest or width < 20:
            continue
        yield (
            "wrapped-lines",
            say("once lines that were cut at {width} octets are whole again", width=width),
            _joined(lines, width, b"", cut=True),
        )
        for between, words in ((b" ", ""), (b"", say(", their last space being there"))):
            joined = _joined(lines, width, between, cut=False)
            yield (
                "wrapped-lines",
                say("once lines that were wrapped at a space are whole again{words}", words=words),
                joined,
            )
    for width in _WIDTHS:
        if longest > width:
            yield (
                "wrapped-lines",
                say("once lines are wrapped at {width} octets", width=width),
                b"\r\n".join(_rewrapped(lines, width)),
            )


def _joined(lines: list[bytes], width: int, between: bytes, *, cut: bool) -> bytes:
    out: list[bytes] = []
    previous: bytes | None = None
    for line in lines:
        if previous is None or (cut and len(previous) == width):
            out.append(line)
        elif not cut and previous and line and _would_not_fit(previous, line, width):
            out += [between, line]
        else:
            out += [b"\r\n", line]
        previous = line
    return b"".join(out)


def _would_not_fit(line: bytes, after: bytes, width: int) -> bool:
    """Whether the next line's first word could not have stood on this one."""
    word = after.partition(b" ")[0]
    return len(line.rstrip(b" ")) + 1 + len(word) > width


def _rewrapped(lines: list[bytes], width: int) -> Iterator[bytes]:
    for line in lines:
        rest = line
        while len(rest) > width:
            at = rest.rfind(b" ", 1, width + 1)
            if at < 0:
                break
            yield rest[:at]
            rest = rest[at + 1 :]
        yield rest
