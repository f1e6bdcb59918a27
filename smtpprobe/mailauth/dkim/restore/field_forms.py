"""One header field as it may have stood before servers on the way rewrote it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from email.errors import HeaderParseError
from email.header import decode_header

from smtpprobe.mailauth.dkim.message import Field
from smtpprobe.mailauth.dkim.restore.folds import joined_phrase, without_folds
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import say, say_counted

Form = tuple[str, str, bytes]

MAX_FIELD_OCTETS = 16384
_MAX_WORDS = 6
_BRACKETED = re.compile(rb"\[[^\[\]\r\n]{1,80}\][ \t]*|\{[^{}\r\n]{1,40}\}[ \t]*|\*{2,5}[^*\r\n]{1,40}\*{2,5}[ \t]*")
_ADDRESSES = (b"from", b"to", b"cc", b"reply-to", b"sender")
_NAMES = (b"Message-ID", b"Message-Id", b"MIME-Version", b"Mime-Version", b"Content-ID", b"CC", b"In-reply-to")


def forms(field: Field, canonicalization: str) -> Iterator[Form]:
    """Each rewrite's name, the phrase with `{name}` for the field, and the field's octets; likeliest first."""
    name, _, rest = field.raw.partition(b":")
    if len(field.raw) > MAX_FIELD_OCTETS:
        return
    value = rest.removesuffix(b"\r\n")
    of_kind = _KINDS.get(field.name)
    simple = canonicalization == "simple"
    for rewrite, phrase, changed in (
        *(of_kind(value) if of_kind else ()),
        *(_foldings(value) if simple else ()),
        *_general(field.name, value),
    ):
        yield rewrite, phrase, name + b":" + changed + b"\r\n"
    for other in (name.title(), name.lower(), name.upper(), *_NAMES) if simple else ():
        if other.lower() == field.name:
            yield (
                "name-case",
                say("with the name written {other}", other=other.decode("ascii", "replace")),
                other + b":" + rest,
            )


def _foldings(value: bytes) -> Iterator[Form]:
    stripped = value.rstrip(b" \t")
    unfolded = re.sub(rb"\r\n[ \t]{1,80}", b" ", value)
    yield "trailing-white-space", say("without the white space at the end of {name}"), stripped
    yield "folding", say("with {name} on one line"), unfolded
    yield "folding", say("with {name} on one line"), value.replace(b"\r\n", b"")
    for fold, words in ((b"\r\n\t", say("a tab")), (b"\r\n ", say("a space")), (b"\r\n        ", say("eight spaces"))):
        yield (
            "folding",
            say("with the lines of {{name}} begun by {words}", words=words),
            re.sub(rb"\r\n[ \t]{1,80}", fold, value),
        )
        yield "folding", say("with {name} folded after each comma"), unfolded.replace(b", ", b"," + fold)
        yield "folding", say("with {name} folded after each semicolon"), unfolded.replace(b"; ", b";" + fold)
        yield "folding", say("with {name} folded after its colon"), fold + unfolded.lstrip()
        yield "folding", say("with {name} folded at each space"), b" " + unfolded.strip().replace(b" ", fold)
    yield "white-space", say("with {name} without a space after its colon"), value.lstrip(b" \t")
    for blanks, words in ((b" ", say("one space")), (b"  ", say("two spaces")), (b"\t", say("a tab"))):
        phrase = say("with {words} after the colon of {{name}}", words=words)
        yield "white-space", phrase, blanks + value.lstrip(b" \t")


def _general(name: bytes, value: bytes) -> Iterator[Form]:
    if b"\r\n" in value:
        yield (
            "folding",
            say("with {name} joined at the fold inside a word"),
            re.sub(rb"\r\n[ \t]{1,80}", b"", value),
        )
    for changed, following in without_folds(value):
        phrase = joined_phrase("\0", following).replace("{", "{{").replace("}", "}}").replace("\0", "{name}")
        yield "folding", phrase, changed
    if b"," in value:
        parts = [part.strip(b" \t\r\n") for part in value.split(b",")]
        yield "folding", say("with a space after each comma of {name}"), b" " + b", ".join(parts)
        yield "folding", say("without white space after the commas of {name}"), b" " + b",".join(parts)
    if b"=?" in value:
        decoded = _decoded(value)
        if decoded is not None:
            yield "encoded-words", say("with the encoded words of {name} decoded"), b" " + decoded
            yield from _encoded(decoded)
    elif not value.isascii():
        yield from _encoded(re.sub(rb"\r\n[ \t]{1,80}", b" ", value).strip())
    if name in _ADDRESSES:
        yield "quotes", say("without the quotation marks in {name}"), value.replace(b'"', b"")
        yield (
            "quotes",
            say("with the display name of {name} in quotation marks"),
            re.sub(rb'^([ \t]*+)([^"<>\r\n,]{0,199}[^"<>\r\n, \t])([ \t]*+<)', rb'\1"\2"\3', value),
        )
        bare = re.fullmatch(rb"[^<>,]{0,400}<([^<>,\s]{1,320})>[ \t]*", value)
        if bare:
            yield "display-name", say("with the address of {name} alone"), b" " + bare.group(1)
        elif re.fullmatch(rb"[ \t]*[^<>,\s]{1,320}[ \t]*", value):
            yield "display-name", say("with the address of {name} in angle brackets"), b" <" + value.strip() + b">"


def _decoded(value: bytes) -> bytes | None:
    """The value with its encoded words as UTF-8 (RFC 2047)."""
    try:
        parts = decode_header(re.sub(rb"\r\n[ \t]{1,80}", b" ", value).decode("latin-1").strip())
        texts = [
            part if isinstance(part, str) else part.decode(charset or "latin-1", "replace") for part, charset in parts
        ]
    except (HeaderParseError, ValueError, LookupError):
        return None
    return "".join(texts).encode("utf-8", "replace")


def _encoded(text: bytes) -> Iterator[Form]:
    """The value's text in encoded words, as senders write them: the whole, or each word that is not US-ASCII."""
    for charset in ("utf-8", "UTF-8", "iso-8859-1", "ISO-8859-1", "windows-1252"):
        try:
            octets = text.decode("utf-8").encode(charset)
        except UnicodeError:
            continue
        for encoding in ("q", "Q", "b", "B"):
            coded = _encoded_word(octets, charset, encoding)
            yield (
                "encoded-words",
                say("with {{name}} in encoded words of {charset}, {encoding}", charset=charset, encoding=encoding),
                b" " + coded,
            )
            if b" " in octets:
                parts = [
                    each if each.isascii() else _encoded_word(each, charset, encoding) for each in octets.split(b" ")
                ]
                phrase = say(
                    "with single words of {{name}} encoded in {charset}, {encoding}", charset=charset, encoding=encoding
                )
                yield "encoded-words", phrase, b" " + b" ".join(parts)


def _encoded_word(octets: bytes, charset: str, encoding: str) -> bytes:
    """One encoded word (RFC 2047 §2, §4)."""
    if encoding in "bB":
        text = b64encode(octets)
    else:
        text = b"".join(
            bytes((octet,)) if octet < 128 and chr(octet).isalnum() else b"_" if octet == 32 else b"=%02X" % octet
            for octet in octets
        )
    return b"=?%s?%s?%s?=" % (charset.encode(), encoding.encode(), text)


def _subject(value: bytes) -> Iterator[Form]:
    """Subject without what lists and filters put in front or behind."""
    for match in list(_BRACKETED.finditer(value))[:4]:
        prefix = quoted(match.group().decode("utf-8", "replace").strip())
        yield (
            "subject-prefix",
            say("without {prefix} in {{name}}", prefix=prefix.replace("{", "{{").replace("}", "}}")),
            (value[: match.start()] + value[match.end() :]),
        )
    words = value.split()
    for count in range(1, min(_MAX_WORDS, len(words) + 1)):
        first = say_counted("without the first word of {{name}}", "without the first {count} words of {{name}}", count)
        last = say_counted("without the last word of {{name}}", "without the last {count} words of {{name}}", count)
        yield "subject-prefix", first, b" " + b" ".join(words[count:])
        yield (
            "subject-suffix",
            last,
            (b" " + b" ".join(words[:-count])),
        )
    for before in (b"Re: ", b"RE: "):
        yield (
            "subject-prefix",
            say("with {before} before {{name}}", before=before.decode().strip()),
            b" " + before + value.lstrip(),
        )


def _date(value: bytes) -> Iterator[Form]:
    text = value.strip()
    phrase = say("with Date written {how}")
    for how, changed in (
        (say("without its comment"), re.sub(rb"[ \t]{0,4}\([^()]{0,40}\)$", b"", text)),
        (say("with GMT"), re.sub(rb"[+-]0000(?: \(\w+\))?$", b"GMT", text)),
        (say("with +0000"), re.sub(rb"(?:GMT|UTC|-0000)$", b"+0000", text)),
        (say("with (UTC)"), text + b" (UTC)"),
        (say("with a day of one digit"), re.sub(rb"(^|, )0(\d )", rb"\1\2", text)),
        (say("with a day of two digits"), re.sub(rb"(^|, )(\d )", rb"\g<1>0\2", text)),
        (say("without the day of the week"), re.sub(rb"^\w{3}, ", b"", text)),
    ):
        yield "date-form", phrase.format(how=how), b" " + changed


def _message_id(value: bytes) -> Iterator[Form]:
    text = value.strip()
    yield "message-id", say("without the angle brackets of {name}"), b" " + text.strip(b"<>")
    yield "message-id", say("with {name} in angle brackets"), b" <" + text + b">"


def _content_type(value: bytes) -> Iterator[Form]:
    unfolded = re.sub(rb"\r\n[ \t]{1,80}", b" ", value)
    lower_charset = re.sub(rb'(?i)(charset="?)([\w.-]{1,40})', lambda m: m[1] + m[2].lower(), unfolded)
    upper_charset = re.sub(rb'(?i)(charset="?)([\w.-]{1,40})', lambda m: m[1] + m[2].upper(), unfolded)
    for changed in (
        unfolded.replace(b'"', b""),
        re.sub(rb'=([^\s;"]{1,200})', rb'="\1"', unfolded),
        lower_charset, lower_charset.replace(b'"', b""), upper_charset, upper_charset.replace(b'"', b""),
        re.sub(rb"(?i);[ \t]*charset=\"?[\w.-]{1,40}\"?", b"", unfolded),
        re.sub(rb"(?i);[ \t]*format=\"?flowed\"?(;[ \t]*delsp=\"?\w{1,3}\"?)?", b"", unfolded),
        re.sub(rb";[ \t]*", b";", unfolded), re.sub(rb";[ \t]*", b"; ", unfolded),
    ):  # fmt: skip
        yield "content-type", say("with the parameters of {name} written as senders write them"), changed


def _transfer_encoding(value: bytes) -> Iterator[Form]:
    for encoding in (b"7bit", b"8bit", b"quoted-printable", b"base64", b"binary", b"7Bit", b"8Bit", b"8BIT", b"7BIT"):
        words = encoding.decode()
        yield (
            "transfer-encoding",
            say("with {words} in {{name}}: the body was converted after signing", words=words),
            b" " + encoding,
        )


_KINDS: dict[bytes, Callable[[bytes], Iterator[Form]]] = {
    b"subject": _subject,
    b"date": _date,
    b"message-id": _message_id,
    b"content-type": _content_type,
    b"content-transfer-encoding": _transfer_encoding,
}
