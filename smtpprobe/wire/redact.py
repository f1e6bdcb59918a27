"""Secrets out of everything that is recorded, in every encoding in which they could appear."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from itertools import accumulate
from typing import NamedTuple

HIDDEN = "‹hidden›"
_SHORTEST = 4  # a shorter secret is replaced only where it stands alone
_MARKS = rb"[\t -/:-@\[-`{-~]*+"
# What a line of a reply begins with behind its code (RFC 5321 §4.2.1): its enhanced status code, or in a looser form, of
# which a part may be the secret's own; at last whatever marks.
_BEGINNINGS = (
    re.compile(rb"(?:[245]\.[0-9]{1,3}\.[0-9]{1,3} )?"),
    re.compile(rb"[ \t]{0,3}(?:[245]\.[0-9]{1,3}\.[0-9]{1,3}[ \t:]{1,3})?"),
    re.compile(_MARKS + rb"(?:\[?[2-5][0-9]{2}\b|[245]\.[0-9]{1,3}\.[0-9]{1,3})?+" + _MARKS),
)
_BREAKS = tuple(re.compile(rb"\r?\n[0-9]{3}[- ]" + each.pattern) for each in _BEGINNINGS)
_LONGEST = 256  # characters; of a longer secret, which is a token and not typed, fewer forms are looked for
_LETTERS = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r"}  # behind a backslash
_RUNS = re.compile(r"\\+|[^\\]")
_ESCAPES = (b"\\", b"%u", b"&", b"\0", b"%2b", b"%2f")  # the last two: of base64 in a URL
_AS_DIGITS = bytes(octet if chr(octet) in "0123456789abcdef" else 0x20 for octet in range(256))
_BLANKS = {" ": (b"\\+", b"_")}  # in a URL, in a header (RFC 2047 §4.2)


class Redactor:
    """Replaces secrets in octets before they are parsed or kept. Secrets learnt later (a computed response) are added."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: dict[bytes, _Secret] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str | bytes, shown: str = HIDDEN, *, typed: bool = True) -> None:
        """Hide this secret and its encodings from now on; `shown` stands in their place.

        `typed`: a person may have typed it, so that it comes in more forms than one that was computed.
        """
        octets = secret.encode() if isinstance(secret, str) else secret
        if not octets:
            return
        self._secrets[octets] = _Secret(octets, shown.encode(), typed)

    def octets(self, data: bytes) -> bytes:
        """The octets with every secret replaced, one that goes on in a reply's next line too; the same object without one."""
        if not self._secrets:
            return data
        ranges = self._found(data, [(0, len(data))])
        for between in _BREAKS if b"\n" in data else ():
            breaks = [each.span() for each in between.finditer(data)]
            starts, ends = [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(data)]
            ranges += self._found(data, list(zip(starts, ends, strict=True))) if breaks else []
        return _replaced(data, ranges)

    def text(self, data: str) -> str:
        """The text with every secret replaced; the same object where there is none."""
        if not self._secrets:
            return data
        octets = data.encode("utf-8", "surrogateescape")
        hidden = _replaced(octets, self._found(octets, [(0, len(octets))]))
        return data if hidden is octets else hidden.decode("utf-8", "replace")

    def lines(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The lines of a reply with every secret replaced, one that goes on in the next line too."""
        if not self._secrets or not lines:
            return tuple(lines)
        octets = [line.encode("utf-8", "surrogateescape") for line in lines]
        starts = list(accumulate((len(line) + 1 for line in octets), initial=0))[:-1]
        whole = b"\n".join(octets)
        ranges = self._found(whole, [(start, start + len(line)) for start, line in zip(starts, octets, strict=True)])
        for beginning in _BEGINNINGS:
            ends = [0, *(beginning.match(line).end() for line in octets[1:])]  # type: ignore[union-attr]
            parts = [(at + end, at + len(line)) for at, end, line in zip(starts, ends, octets, strict=True)]
            ranges += self._found(whole, parts)
        hidden = _replaced(whole, ranges).split(b"\n")
        return tuple(
            line if after == before else after.decode("utf-8", "replace")
            for line, before, after in zip(lines, octets, hidden, strict=True)
        )

    def _found(self, data: bytes, parts: Sequence[tuple[int, int]]) -> list[_Range]:
        """Where secrets are in the data whose parts are read as one text: a range for each part of one."""
        joined = b"".join(data[start:end] for start, end in parts)
        lowered = joined.lower()
        return [
            each
            for secret in self._secrets.values()
            if secret.may_be_in(lowered)
            for each in _ranges(secret.pattern.finditer(joined), secret.shown, parts)
        ]


class _Secret:
    """One secret, and what stands in its place."""

    def __init__(self, octets: bytes, shown: bytes, typed: bool) -> None:
        self.shown = shown
        self._typed = typed
        self._octets = octets

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """What finds it in any form; costly to make, and most replies hold nothing that could be one."""
        # The longest first: a form may begin another.
        sources = sorted(_sources(self._octets, self._typed), key=len, reverse=True)
        return re.compile(b"|".join(sources), re.IGNORECASE)

    def may_be_in(self, lowered: bytes) -> bool:
        """Whether the pattern could match; `lowered` are the octets with ASCII letters in lower case."""
        if self._plain_forms is None or any(mark in lowered for mark in (*_ESCAPES, *self._plain_forms)):
            return True
        if (b"%" in lowered or b"=" in lowered) and any(octet in lowered for octet in self._escaped_octets):
            return True
        runs = lowered.translate(_AS_DIGITS, b" :-").split()
        return max(map(len, runs), default=0) >= 2 * len(self._octets)

    @cached_property
    def _escaped_octets(self) -> tuple[bytes, ...]:
        """One octet of it as a URL or quoted-printable may write it, or the mark itself, escaped again."""
        octets = {0x25, *self._octets, *self._octets.swapcase()}
        return tuple(mark % each for each in octets for mark in (b"%%%02x", b"=%02x"))

    @cached_property
    def _plain_forms(self) -> tuple[bytes, ...] | None:
        """The forms that are not escaped, in lower case; None if the pattern has to look.

        What is typed in ASCII without blanks has two more: hexadecimal, with or without separators, and UTF-16, with NUL.
        """
        if not self._octets.isascii() or b" " in self._octets or not _SHORTEST <= len(self._octets) <= _LONGEST:
            return None
        return tuple({form.lower() for form in (self._octets, *_encodings(self._octets, self._octets.decode()))})


class _Range(NamedTuple):
    """Octets to replace, and what stands in their place."""

    start: int
    end: int
    shown: bytes


def _ranges(secrets: Iterator[re.Match[bytes]], shown: bytes, parts: Sequence[tuple[int, int]]) -> Iterator[_Range]:
    """What was found in the parts as one text, as ranges of the data that they are of."""
    secret, read = next(secrets, None), 0
    for start, end in parts:
        shift, read = start - read, read + end - start
        while secret is not None and secret.start() < read:
            yield _Range(max(secret.start() + shift, start), min(secret.end() + shift, end), shown)
            if secret.end() > read:
                break  # it goes on in the next part
            secret = next(secrets, None)


def _replaced(data: bytes, ranges: list[_Range]) -> bytes:
    """The data with the ranges replaced, those that overlap as one; the same object where there is none."""
    made: list[bytes] = []
    at = 0
    # A secret may be part of another: the longest counts.
    for start, end, shown in sorted(ranges, key=lambda each: (each.start, -each.end)):
        if start >= at and start < end:
            made += [data[at:start], shown]
        at = max(at, end)
    return b"".join((*made, data[at:])) if made else data


def _sources(secret: bytes, typed: bool) -> Iterator[bytes]:
    """A regular expression for each form of the secret, in any case of its letters."""
    try:
        text: str | None = secret.decode()
    except UnicodeDecodeError:
        text = None
    for each in _normal_forms(text) if text is not None else ():
        yield from _by_character(each, typed)
    for needle in _encodings(secret, text):
        # In a URL base64's last two characters are escaped.
        source = re.escape(needle).replace(rb"\+", rb"(?:\+|%2b)").replace(b"/", b"(?:/|%2f)")
        yield _alone(source, len(needle))


def _normal_forms(text: str) -> list[str]:
    """The text as it is and as others may write the same (UAX #15; SASLprep makes NFKC of it, RFC 4013 §2.2)."""
    return list(dict.fromkeys((text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")))))


def _by_character(text: str, typed: bool) -> Iterator[bytes]:
    """Expressions for the text in which every character may come in another case, and written in another way."""
    cases = [_cases(letter) for letter in text]
    if typed and len(text) <= _LONGEST:
        yield _alone(b"".join(map(_in_any_way, _RUNS.findall(text))), len(text.encode()))
        octets = (_either(map(_in_hexadecimal, forms)) for forms in cases)
        yield _alone(b"[ :-]?".join(octets), 2 * len(text.encode()))
    else:
        yield b"".join(_either(re.escape(each.encode()) for each in forms) for forms in cases)
        import urllib.parse

        yield re.escape(urllib.parse.quote(text, safe="").encode())
    for encoding in ("utf-16-le", "utf-16-be"):
        units = (_either(re.escape(each.encode(encoding)) for each in forms) for forms in cases)
        yield _alone(b"".join(units), 2 * len(text))


def _in_any_way(part: str) -> bytes:
    """An expression for one character, or for a run of backslashes: as many, or more that escape them, in one way only."""
    if not part.startswith("\\"):
        return _either(_written(each) for each in _cases(part))
    escaped = rb"[%=](?:25)?5c|%u005c|\\{1,2}(?:x5c|u005c|134)|&(?:amp;)?#(?:92|x5c);?"
    return rb"(?:(?:%s){%d}|\\{%d,%d}+)" % (escaped, len(part), len(part), 4 * len(part))


def _cases(letter: str) -> list[str]:
    """The letter in each case that it has; sigma has another form at the end of a word."""
    forms = {letter, letter.lower(), letter.upper(), letter.title(), letter.casefold()}
    forms |= {"ς"} if "σ" in forms else set()
    # The case of ASCII letters is for the pattern's flag: a letter that two forms match takes twice the time, each time.
    return sorted({"".join(each.lower() if each.isascii() else each for each in form) for form in forms})


def _in_hexadecimal(text: str) -> bytes:
    octets = ({octet, *bytes((octet,)).swapcase()} for octet in text.encode())
    return b"[ :-]?".join(_either(b"%02x" % each for each in sorted(both)) for both in octets)


def _written(text: str) -> bytes:
    """An expression for the text, each character as it is or as a URL, HTML, JSON, a programming language or a header has it."""
    return b"".join(map(_one_written, text))


def _one_written(character: str) -> bytes:
    number, octets = ord(character), character.encode()
    forms = [b"".join(map(_octet_written, octets))]
    numbers = sorted({number, ord(character.swapcase())}) if number < 0x80 else [number]
    forms += [
        rb"\\{1,2}(?:%s)" % b"|".join(b"U%08x|u\\{0{0,4}%x\\}" % (each, each) for each in numbers),
        _either(map(_units_written, map(chr, numbers))),
        rb"&(?:amp;)?#(?:%s);?" % b"|".join(b"0{0,6}%d|x0{0,6}%x" % (each, each) for each in numbers),
    ]
    if (name := _html_names().get(number)) is not None:
        forms.append(b"&(?:amp;)?%s;" % name.encode())
    if 0x80 <= number < 0x100:
        forms.append(_octet_written(number))  # Latin-1
    if number >= 0x80:
        forms.append(re.escape(octets.decode("latin-1").encode()))  # UTF-8 that was read as Latin-1
    if number in _LETTERS:
        forms.append(rb"\\{1,2}%s" % _LETTERS[number])
    elif number < 0x80 and not character.isalnum():
        forms.append(rb"\\{1,3}%s" % re.escape(octets))
    return _either((*forms, *_BLANKS.get(character, ())))


def _units_written(character: str) -> bytes:
    units = character.encode("utf-16-be")
    return b"".join(rb"[\\%%]{1,2}u%s" % units[at : at + 2].hex().encode() for at in range(0, len(units), 2))


def _octet_written(octet: int) -> bytes:
    """An expression for the octet; of a letter of ASCII the other case too, which has another number."""
    raw = bytes((octet,))
    both = sorted({octet, *raw.swapcase()})
    hexadecimal, octal = (b"(?:%s)" % b"|".join(form % each for each in both) for form in (b"%02x", b"%03o"))
    return rb"(?:%s|[%%=](?:25)?%s|\\{1,2}(?:x%s|%s))" % (re.escape(raw), hexadecimal, hexadecimal, octal)


@cache
def _html_names() -> dict[int, str]:
    """The names of characters in HTML."""
    from html.entities import codepoint2name

    return {**codepoint2name, 0x27: "apos"}


def _either(sources: Iterable[bytes]) -> bytes:
    found = list(dict.fromkeys(sources))
    return found[0] if len(found) == 1 else b"(?:%s)" % b"|".join(found)


def _alone(source: bytes, length: int) -> bytes:
    return source if length >= _SHORTEST else rb"(?<![\w.+/=-])" + source + rb"(?![\w.+/=-])"


def _encodings(secret: bytes, text: str | None) -> set[bytes]:
    """The forms that are not written character by character."""
    found = {secret, secret.hex().encode()}
    if text is not None:
        import json

        # With backslashes of its own, or quotation marks that depend on the whole.
        found.update(
            form[1:-1].encode() for form in (repr(text), json.dumps(text), json.dumps(text, ensure_ascii=False))
        )
    once = _base64(secret)
    for encoded in once:
        found |= _base64(encoded)
    found |= once
    for each in _others(text) if text is not None else ():
        found |= _base64(each)
    if len(secret) >= _SHORTEST:
        found.add(hashlib.md5(secret, usedforsecurity=False).hexdigest().encode())
    return {needle for needle in found if needle}


def _others(text: str) -> Iterator[bytes]:
    """The octets that are encoded where the text is written in another way or case."""
    forms = _normal_forms(text)
    for each in {*forms, text.lower(), text.upper()}:
        yield each.encode()
    for each in forms:
        if "\x7f" < max(each, default="") < "\u0100":
            yield each.encode("latin-1")


def _base64(octets: bytes) -> set[bytes]:
    """Base64 of a text that holds the octets: its inner part depends only on where they start, modulo three."""
    found = set()
    for encoder in (base64.b64encode, base64.urlsafe_b64encode):
        found.add(encoder(octets).rstrip(b"="))
        for before in range(3):
            encoded = encoder(b"\0" * before + octets)
            start = (0, 2, 3)[before]
            inner = encoded[start : (before + len(octets)) * 8 // 6]
            if len(inner) >= _SHORTEST:
                found.add(inner)
    return found
