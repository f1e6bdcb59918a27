"""Secrets out of everything that is recorded, in every encoding in which they could appear."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

HIDDEN = "‹hidden›"
_SHORTEST = 4  # a shorter secret is replaced only where it stands alone
# What a line of a reply begins with behind its code (RFC 5321 §4.2.1): its enhanced status code, or in a looser form, of
# which a part may be the secret's own.
_BEGINNINGS = (
    re.compile(rb"(?:[245]\.[0-9]{1,3}\.[0-9]{1,3} )?"),
    re.compile(rb"[ \t]{0,3}(?:[245]\.[0-9]{1,3}\.[0-9]{1,3}[ \t:]{1,3})?"),
)
_BREAKS = tuple(re.compile(rb"\r?\n[0-9]{3}[- ]" + each.pattern) for each in _BEGINNINGS)
# Each writes a text character by character, so that every character may come in another case.
_BY_CHARACTER: tuple[Callable[[str], bytes], ...] = (
    lambda text: text.encode("utf-8", "surrogatepass"),
    lambda text: text.encode("utf-8", "surrogatepass").decode("latin-1").encode(),  # read as Latin-1 and sent as UTF-8
    lambda text: text.encode("latin-1", "replace") if text <= "\xff" else text.encode("utf-8", "surrogatepass"),
    lambda text: text.encode("utf-16-le", "surrogatepass"),
    lambda text: text.encode("ascii", "backslashreplace"),
    lambda text: text.encode("ascii", "xmlcharrefreplace"),
    lambda text: repr(text)[1:-1].encode("utf-8", "surrogatepass"),
    lambda text: html.escape(text).encode("utf-8", "surrogatepass"),
    lambda text: html.escape(text, quote=False).encode("utf-8", "surrogatepass"),
    lambda text: json.dumps(text)[1:-1].encode(),
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass"),
    lambda text: urllib.parse.quote(text, safe="", errors="surrogatepass").encode(),
    lambda text: urllib.parse.quote_plus(text, errors="surrogatepass").encode(),
)


class Redactor:
    """Replaces secrets in octets before they are parsed or kept. Secrets learnt later (a computed response) are added."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._shown: dict[bytes, bytes] = {}  # what stands in place of what a source matches
        self._in_order: list[bytes] = []
        self._pattern: re.Pattern[bytes] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str | bytes, shown: str = HIDDEN) -> None:
        """Hide this secret and its encodings from now on; `shown` stands in their place."""
        octets = secret.encode() if isinstance(secret, str) else secret
        if not octets:
            return
        self._shown.update(dict.fromkeys(_sources(octets), shown.encode()))
        # The longest first: a secret may be part of another.
        sources = sorted(self._shown, key=len, reverse=True)
        self._in_order = [self._shown[source] for source in sources]
        self._pattern = re.compile(b"|".join(b"(%s)" % source for source in sources), re.IGNORECASE)

    def octets(self, data: bytes) -> bytes:
        """The octets with every secret replaced, one that goes on in a reply's next line too; the same object without one."""
        if self._pattern is None:
            return data
        ranges = self._found(data, [(0, len(data))])
        for between in _BREAKS if b"\n" in data else ():
            breaks = [each.span() for each in between.finditer(data)]
            starts, ends = [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(data)]
            ranges += self._found(data, list(zip(starts, ends, strict=True))) if breaks else []
        return _replaced(data, ranges)

    def text(self, data: str) -> str:
        """The text with every secret replaced; the same object where there is none."""
        if self._pattern is None:
            return data
        octets = data.encode("utf-8", "surrogateescape")
        hidden = _replaced(octets, self._found(octets, [(0, len(octets))]))
        return data if hidden is octets else hidden.decode("utf-8", "replace")

    def lines(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The lines of a reply with every secret replaced, one that goes on in the next line too."""
        if self._pattern is None or not lines:
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
        """Where secrets are in the data whose parts are read as one text: a range for each part of one. One walk over both."""
        assert self._pattern is not None
        secrets = self._pattern.finditer(b"".join(data[start:end] for start, end in parts))
        secret, read = next(secrets, None), 0
        ranges: list[_Range] = []
        for start, end in parts:
            shift, read = start - read, read + end - start
            while secret is not None and secret.start() < read:
                assert secret.lastindex is not None
                first, last = max(secret.start() + shift, start), min(secret.end() + shift, end)
                ranges.append(_Range(first, last, self._in_order[secret.lastindex - 1]))
                if secret.end() > read:
                    break  # it goes on in the next part
                secret = next(secrets, None)
        return ranges


class _Range(NamedTuple):
    """Octets to replace, and what stands in their place."""

    start: int
    end: int
    shown: bytes


def _replaced(data: bytes, ranges: list[_Range]) -> bytes:
    """The data with the ranges replaced, those that overlap as one; the same object where there is none."""
    made: list[bytes] = []
    at = 0
    for start, end, shown in sorted(ranges):
        if start >= at and start < end:
            made += [data[at:start], shown]
        at = max(at, end)
    return b"".join((*made, data[at:])) if made else data


def _sources(secret: bytes) -> Iterator[bytes]:
    """A regular expression for each form of the secret, in any case of its letters."""
    try:
        text: str | None = secret.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None:
        for write in _BY_CHARACTER:
            yield _alone(b"".join(_any_case(letter, write) for letter in text), len(write(text)))
    for needle in _encodings(secret, text):
        yield _alone(re.escape(needle), len(needle))


def _any_case(letter: str, write: Callable[[str], bytes]) -> bytes:
    # The case of ASCII letters is for the pattern's flag.
    if letter.isascii():
        return re.escape(write(letter))
    forms = sorted({re.escape(write(form)) for form in (letter, letter.lower(), letter.upper())})
    return forms[0] if len(forms) == 1 else b"(?:%s)" % b"|".join(forms)


def _alone(source: bytes, length: int) -> bytes:
    return source if length >= _SHORTEST else rb"(?<![\w.+/=-])" + source + rb"(?![\w.+/=-])"


def _encodings(secret: bytes, text: str | None) -> set[bytes]:
    """The forms that are not written character by character."""
    found = {secret, secret.hex().encode()}
    if text is not None:
        # Which quotation marks Python escapes depends on the whole.
        found.add(repr(text)[1:-1].encode("utf-8", "surrogatepass"))
    once = _base64(secret)
    found |= once
    for encoded in once:
        found |= _base64(encoded)
    if len(secret) >= _SHORTEST:
        found.add(hashlib.md5(secret, usedforsecurity=False).hexdigest().encode())
    return {needle for needle in found if needle}


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
