"""Secrets out of everything that is recorded, in every encoding in which they could appear."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence

HIDDEN = "‹hidden›"
_SHORTEST = 4  # a shorter secret is replaced only where it stands alone
# Between two lines of a reply: the line's end, the code of the next one, its enhanced status code (RFC 5321 §4.2.1).
_ENHANCED = re.compile(rb"[ \t]{0,3}(?:[245]\.[0-9]{1,3}\.[0-9]{1,3}[ \t:-]{1,3})?")
_BREAK = re.compile(rb"\r?\n[0-9]{3}[- ]" + _ENHANCED.pattern)
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
        if b"\n" in data:
            data = self._over_lines(data, self._pattern)
        return self._pattern.sub(self._replacement, data)

    def text(self, data: str) -> str:
        """The text with every secret replaced; the same object where there is none."""
        if self._pattern is None:
            return data
        octets = data.encode("utf-8", "surrogateescape")
        hidden = self._pattern.sub(self._replacement, octets)
        return data if hidden == octets else hidden.decode("utf-8", "replace")

    def lines(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The lines of a reply with every secret replaced, one that goes on in the next line too."""
        if self._pattern is None or not lines:
            return tuple(lines)
        octets = [line.encode("utf-8", "surrogateescape") for line in lines]
        ends = [0, *(_ENHANCED.match(line).end() for line in octets[1:])]  # type: ignore[union-attr]
        hidden = self._joined([line[end:] for line, end in zip(octets, ends, strict=True)], self._pattern)
        return tuple(
            self.text((line[:end] + part).decode("utf-8", "surrogateescape"))
            for line, end, part in zip(octets, ends, hidden, strict=True)
        )

    def _replacement(self, found: re.Match[bytes]) -> bytes:
        assert found.lastindex is not None
        return self._in_order[found.lastindex - 1]

    def _over_lines(self, data: bytes, pattern: re.Pattern[bytes]) -> bytes:
        """The octets without the secrets that a break between lines divides; their parts are replaced, the breaks stay."""
        breaks = list(_BREAK.finditer(data))
        if not breaks:
            return data
        starts = [0, *(each.end() for each in breaks)]
        parts = [
            data[start:end] for start, end in zip(starts, [*(each.start() for each in breaks), len(data)], strict=True)
        ]
        hidden = self._joined(parts, pattern)
        return b"".join((hidden[0], *(each[0] + part for each, part in zip(breaks, hidden[1:], strict=True))))

    def _joined(self, parts: Sequence[bytes], pattern: re.Pattern[bytes]) -> list[bytes]:
        """The parts of one text with its secrets replaced, each part of a secret by itself. One walk over both."""
        secrets = pattern.finditer(b"".join(parts))
        secret, offset = next(secrets, None), 0
        hidden: list[bytes] = []
        for part in parts:
            end, at, kept = offset + len(part), 0, list[bytes]()
            while secret is not None and secret.start() < end:
                first, last = max(secret.start() - offset, 0), min(secret.end(), end) - offset
                if first < last:
                    kept += [part[at:first], self._replacement(secret)]
                    at = last
                if secret.end() > end:
                    break  # it goes on in the next part
                secret = next(secrets, None)
            hidden.append(b"".join((*kept, part[at:])))
            offset = end
        return hidden


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
