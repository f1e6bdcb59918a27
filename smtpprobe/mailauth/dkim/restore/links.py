"""A body whose links a mail filter had lead through itself, with the links as they were."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from smtpprobe.mailauth.dkim.restore.body_forms import Form
from smtpprobe.model.texts.language import say

MAX_LINKS = 2000  # in a body; one with more is left as it is
_LINK = re.compile(rb"https?://[^\s\"<>]+")
_TOKEN = re.compile(rb"\*(?:\*(.))?")
# How many characters two asterisks of urldefense.com/v3 stand for, by the letter behind them.
_RUNS = {
    letter: count for count, letter in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 2)
}


def without_rewriters(body: bytes) -> Iterator[Form]:
    """The body with its links as they were before each filter that is in them; not canonical."""
    for host, undo, _ in _FILTERS:
        if undo is None or not 0 < body.count(host) <= MAX_LINKS:
            continue
        phrase = say("once the links lead past {host} again, which rewrote them", host=host.decode())
        # In HTML an ampersand is written &amp;; whether the link had it so, the rewritten one does not show.
        for ampersand in (b"&", b"&amp;"):
            restored = _LINK.sub(lambda link: _restored(link.group(), host, undo, ampersand), body)  # noqa: B023
            if restored != body:
                yield "rewritten-links", phrase, restored


def rewriter(body: bytes) -> str | None:
    """The host of the first filter that links in the body lead through; None where none is seen."""
    for each in _FILTERS:
        if each.host in body and any(
            _leads_through(link.group(), each) for link in islice(_LINK.finditer(body), MAX_LINKS)
        ):
            return each.host.decode()
    return None


def _leads_through(link: bytes, through: _Filter) -> bool:
    if through.host not in link.split(b"/", 3)[2]:
        return False
    return not through.has_pages or (through.undo is not None and through.undo(link) is not None)


def _restored(link: bytes, host: bytes, undo: Callable[[bytes], tuple[bytes, bytes] | None], ampersand: bytes) -> bytes:
    found = undo(link) if host in link.split(b"/", 3)[2] else None
    return link if found is None else found[0].replace(b"&", ampersand) + found[1]


def _parameter(link: bytes, name: bytes) -> bytes | None:
    """The value of a parameter in the query."""
    for each in link.partition(b"?")[2].replace(b"&amp;", b"&").split(b"&"):
        key, _, value = each.partition(b"=")
        if key == name:
            return value
    return None


def _safelinks(link: bytes) -> tuple[bytes, bytes] | None:
    url = _parameter(link, b"url")
    # The last parameter is reserved=0; what follows it is not of the link.
    _, is_whole, tail = link.partition(b"reserved=")
    return (unquote_to_bytes(url), tail[1:] if is_whole else b"") if url else None


def _proofpoint_2(link: bytes) -> tuple[bytes, bytes] | None:
    """Hyphens for percent signs, underscores for slashes."""
    url = _parameter(link, b"u")
    return (unquote_to_bytes(url.replace(b"-", b"%").replace(b"_", b"/")), b"") if url else None


def _proofpoint_3(link: bytes) -> tuple[bytes, bytes] | None:
    """The URL with asterisks for the characters that follow it in base64, up to a dollar sign."""
    text, is_whole, rest = link.partition(b"/v3/__")[2].rpartition(b"__;")
    encoded, is_encoded, rest = rest.partition(b"!")
    _, is_ended, tail = rest.partition(b"$")
    if not (is_whole and is_encoded and is_ended):
        return None
    left = _base64(encoded)
    if left is None:
        return None
    at = 0

    def put(token: re.Match[bytes]) -> bytes:
        nonlocal at
        count = _RUNS.get(token.group(1)[0], 1) if token.group(1) else 1
        at += count
        return left[at - count : at]

    return _TOKEN.sub(put, text), tail


def _base64(encoded: bytes) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(encoded.rstrip(b"=") + b"==") if encoded else b""
    except (binascii.Error, ValueError):
        return None


def _sophos(link: bytes) -> tuple[bytes, bytes] | None:
    encoded = _parameter(link, b"u")
    url = _base64(encoded) if encoded else None
    return (url, b"") if url else None


def _in_parameter(name: bytes) -> Callable[[bytes], tuple[bytes, bytes] | None]:
    def undo(link: bytes) -> tuple[bytes, bytes] | None:
        url = _parameter(link, name)
        return (unquote_to_bytes(url), b"") if url else None

    return undo


def _in_path(link: bytes) -> tuple[bytes, bytes] | None:
    parts = link.split(b"/", 4)
    return (unquote_to_bytes(parts[4]), b"") if len(parts) == 5 and parts[4][:4] == b"http" else None


class _Filter(NamedTuple):
    """A filter that leads links through its host. `undo` gives a link as it was, with what stands behind it."""

    host: bytes
    undo: Callable[[bytes], tuple[bytes, bytes] | None] | None
    has_pages: bool = False  # mail links to the host for its own sake too


_FILTERS = (
    _Filter(b"safelinks.protection.outlook.com", _safelinks),
    _Filter(b"urldefense.proofpoint.com", _proofpoint_2),
    _Filter(b"urldefense.com", _proofpoint_3),
    _Filter(b"linkprotect.cudasvc.com", _in_parameter(b"a")),
    _Filter(b"secure-web.cisco.com", _in_path),
    _Filter(b"protect-us.mimecast.com", None),
    _Filter(b"fireeye.com", _in_parameter(b"u"), has_pages=True),
    _Filter(b"trendmicro.com", _in_parameter(b"url"), has_pages=True),
    _Filter(b"protection.sophos.com", _sophos),
)
