"""Secrets out of everything that is recorded, in every encoding in which they could appear."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import urllib.parse
from collections.abc import Iterable

HIDDEN = "‹hidden›"
_SHORTEST = 4  # a shorter secret is replaced only where it stands alone


class Redactor:
    """Replaces secrets in octets before they are parsed or kept. Secrets learnt later (a computed response) are added."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._shown: dict[bytes, bytes] = {}  # by needle in lower case
        self._pattern: re.Pattern[bytes] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str | bytes, shown: str = HIDDEN) -> None:
        """Hide this secret and its encodings from now on; `shown` stands in their place."""
        octets = secret.encode() if isinstance(secret, str) else secret
        if not octets:
            return
        self._shown.update(dict.fromkeys((needle.lower() for needle in _encodings(octets)), shown.encode()))
        parts = [
            re.escape(needle)
            if len(needle) >= _SHORTEST
            else rb"(?<![\w.+/=-])" + re.escape(needle) + rb"(?![\w.+/=-])"
            for needle in sorted(self._shown, key=len, reverse=True)
        ]
        self._pattern = re.compile(b"|".join(parts), re.IGNORECASE)

    def octets(self, data: bytes) -> bytes:
        """The octets with every secret replaced; the same object where there is none."""
        if self._pattern is None:
            return data
        return self._pattern.sub(self._replacement, data)

    def text(self, data: str) -> str:
        """The text with every secret replaced; the same object where there is none."""
        if self._pattern is None:
            return data
        octets = data.encode("utf-8", "surrogateescape")
        hidden = self._pattern.sub(self._replacement, octets)
        return data if hidden == octets else hidden.decode("utf-8", "replace")

    def _replacement(self, found: re.Match[bytes]) -> bytes:
        return self._shown[found[0].lower()]


def _encodings(secret: bytes) -> set[bytes]:
    text = secret.decode("utf-8", "replace")
    found = {
        secret,
        secret.hex().encode(),
        urllib.parse.quote(text, safe="").encode(),
        repr(text)[1:-1].encode(),
        text.encode(),
        text.encode("ascii", "backslashreplace"),
        text.encode("ascii", "xmlcharrefreplace"),
        text.encode("utf-16-le"),
        html.escape(text).encode(),
        html.escape(text, quote=False).encode(),
        json.dumps(text)[1:-1].encode(),
        json.dumps(text, ensure_ascii=False)[1:-1].encode(),
        urllib.parse.quote_plus(text).encode(),
        text.encode("latin-1") if all(ord(letter) < 256 for letter in text) else secret,
    }
    # Base64 of a text that holds the secret: its inner part depends only on where the secret starts, modulo three.
    for encoder in (base64.b64encode, base64.urlsafe_b64encode):
        found.add(encoder(secret).rstrip(b"="))
        for before in range(3):
            encoded = encoder(b"\0" * before + secret)
            start = (0, 2, 3)[before]
            inner = encoded[start : (before + len(secret)) * 8 // 6]
            if len(inner) >= _SHORTEST:
                found.add(inner)
    if len(secret) >= _SHORTEST:
        found.add(hashlib.md5(secret, usedforsecurity=False).hexdigest().encode())
    return {needle for needle in found if needle}
