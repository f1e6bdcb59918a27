"""The key record that was meant by one that cannot be read, where a key can be found in it, and what was wrong with it."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

import msgspec

from smtpprobe.mailauth.characters import ZONE_LINE, replaced, shown
from smtpprobe.mailauth.dkim.key import (
    BLANKS_FOR_PLUS,
    MIN_KEY_BITS,
    KeyRecord,
    base64_octets,
    key_in_certificate,
    public_key,
    read_key,
)
from smtpprobe.mailauth.dkim.key_data import SPKI_PREFIX_ED25519
from smtpprobe.model.evidence.dkim import KeyStatus
from smtpprobe.model.texts.language import say

MAX_OCTETS = 8192  # of a record that is looked at
_KEY = re.compile(r"(?:^|[\s;,|])p\s{0,9}[=:]+\s{0,9}", re.IGNORECASE)
_BARE_KEY = re.compile(r"[;,]\s{0,9}([A-Za-z0-9+/]{40,}={0,2})\s{0,9};?\s{0,9}\Z")  # behind other tags, without its own
_VERSION = re.compile(r"v\s{0,9}[=:]\s{0,9}DKIM-?1?(?![0-9])", re.IGNORECASE)
_OTHER_TAG = re.compile(r"(?:^|[\s;,|])([hst])\s{0,9}=\s{0,9}([A-Za-z0-9:*_-]{1,60})(?=[\s;,|]|\Z)")
# Letters of other scripts that look like p (U+0440, U+0420, U+03C1), as the name of a tag.
_LIKE_P = re.compile(r"(?<![^\s;])[\u0440\u0420\u03c1](?=\s{0,9}=)")
# Values that are often written for those that the standard has (RFC 6376 §3.6.1).
_VALUES = {
    "h": {"sha-256": "sha256", "sha_256": "sha256", "rsa-sha256": "sha256", "sha256": "sha256"},
    "s": {"mail": "email", "e-mail": "email", "smtp": "email", "email": "email"},
}
_NOTE = re.compile(r";\s{0,9}n\s{0,9}=\s{0,9}([^;=]{1,200})(?=;)")
_TYPE = re.compile(r"(?:^|[\s;,|])k\s{0,9}[=:]\s{0,9}([A-Za-z0-9-]{0,30})", re.IGNORECASE)
_PEM_LINE = re.compile(r"-{2,6}\s?(?:BEGIN|END)[A-Z ]{1,40}-{2,6}")


class RespelledKey(msgspec.Struct, frozen=True):
    """What was wrong, in words, and the record that was meant: a verifier can use its key, or it is too short alone."""

    faults: tuple[str, ...]
    record: KeyRecord


def respelled(text: str, min_key_bits: int = MIN_KEY_BITS) -> RespelledKey | None:
    """The record that was meant by a text that is no usable key record; None where no public key can be found in it."""
    if len(text) > MAX_OCTETS or "PRIVATE KEY" in text:
        return None
    bare = _LIKE_P.sub("p", replaced(html.unescape(text)).strip())
    start = _KEY.search(bare)
    if start is None and (bare_key := _BARE_KEY.search(bare)) is not None:
        # What is no key is told apart below: then nothing is proposed.
        bare = f"{bare[: bare_key.start(1)]}p={bare[bare_key.start(1) :]}"
        start = _KEY.search(bare)
    if start is None:
        return None
    before, value = bare[: start.start()], bare[start.end() :]
    again = _VERSION.search(value)
    faults = [*_faults_before(before, start.group(), whole=bare)]
    if again or len(_VERSION.findall(before)) > 1:
        faults.append(say("the record is in it more than once"))
    if html.unescape(text) != text:
        faults.append(say("it contains characters as HTML writes them"))
    value = value[: again.start()] if again else value
    encoded, _, rest = value.partition(";")
    if rest.strip().startswith("-") or re.match(r"\s*[A-Za-z-]+\s+[A-Za-z]", rest):
        faults.append(say("a comment of a zone file follows the key"))
    kind = _TYPE.search(before)
    written = kind.group(1) if kind else "rsa"
    # A blank in a value is a line's end or a word's, and 43 letters of any text are 32 octets.
    may_be_ed25519 = len(encoded.split()) == 1 or written.lower() == "ed25519"
    for fault, candidate, is_whole in (*_candidates(encoded), _with_other_half(encoded, before)):
        octets = base64_octets(candidate)
        if octets is not None and (inner := key_in_certificate(octets)) is not None:
            octets, fault = inner, say("p= contains a certificate, not the public key alone")
        key_type = _type_of(octets, is_whole=is_whole and may_be_ed25519) if octets else None
        if octets is None or key_type is None:
            continue
        if octets.startswith(SPKI_PREFIX_ED25519):
            octets = octets[len(SPKI_PREFIX_ED25519) :]
        if fault:
            faults.append(fault)
        if written != key_type:
            faults.append(_type_fault(written, key_type))
        others = f"{before};{rest}"
        tags = ""
        for name, listed in _OTHER_TAG.findall(others):
            value = _value_meant(name, listed)
            tags += f"{name}={value}; "
            faults += [] if value == listed else [_value_fault(name, listed, value)]
        note = _NOTE.search(others)
        tags += f"n={note.group(1).strip()}; " if note and note.group(1).isascii() else ""
        record = read_key(f"v=DKIM1; k={key_type}; {tags}p={base64.b64encode(octets).decode()}", min_key_bits)
        return RespelledKey(tuple(faults), record) if record.status in (KeyStatus.USABLE, KeyStatus.WEAK) else None
    return None


def _value_meant(name: str, listed: str) -> str:
    return ":".join(_VALUES.get(name, {}).get(word.lower(), word) for word in listed.split(":"))


def _value_fault(name: str, written: str, meant: str) -> str:
    return say("{name}={written} is written {name}={meant}", name=name, written=written, meant=meant)


def _faults_before(before: str, start: str, *, whole: str) -> Iterator[str]:
    """What is wrong with the text before p=."""
    zone_line = ZONE_LINE.match(before)
    version = _VERSION.search(before)
    if zone_line:
        yield say("it contains the name or the type of a line of a zone file")
    elif version and before[: version.start()].strip(" (;") and not _other_half(before):
        yield say("{before} is before v=DKIM1, which comes first", before=shown(before[: version.start()].strip()))
    if before.strip() and ";" not in start and not before.rstrip().endswith(";"):
        yield say("a semicolon is missing before p=")
    if ":" in start:
        yield say("a colon is behind p instead of an equals sign")


def _with_other_half(encoded: str, before: str) -> _Candidate:
    return None, _padded(_compact(encoded) + _other_half(before)), False


def _other_half(before: str) -> str:
    """The base64 before the version, where the strings of a record are in the wrong order; else nothing."""
    version = _VERSION.search(before)
    half = _compact(before[: version.start()]) if version else ""
    return half if re.fullmatch(r"[A-Za-z0-9+/]{16,}={0,2}", half) else ""


def _type_fault(written: str, key_type: str) -> str:
    if written.lower() == key_type:
        return say("k={key_type} is written in small letters", key_type=key_type)
    return say("the key in p= is one of k={key_type}", key_type=key_type)


_Candidate = tuple[str | None, str, bool]


def _candidates(encoded: str) -> Iterator[_Candidate]:
    """The key data as it is written, then as it was meant: what was wrong with it, and whether it is the whole value."""
    text = _PEM_LINE.sub("", encoded)
    is_whole = text == encoded
    if not is_whole:
        yield None, _compact(text), False
    compact = _compact(text)
    yield None, compact, is_whole
    unbroken = compact.replace("\\n", "").replace("\\r", "")
    bare = re.sub(r"[^A-Za-z0-9+/_%-]", "", unbroken)
    is_whole = is_whole and bare == unbroken.rstrip("=.")
    yield None, _padded(bare), is_whole
    if "%" in bare:
        unquoted = unquote(bare)
        plain = re.sub(r"[^A-Za-z0-9+/]", "", unquoted)
        fault = say("p= is written with percent signs, as in a URL")
        yield fault, _padded(plain), is_whole and plain == unquoted.rstrip("=")
    if "-" in bare or "_" in bare:
        yield None, _padded(bare.replace("-", "+").replace("_", "/")), is_whole
    if " " in text.strip():
        yield say(BLANKS_FOR_PLUS), _padded(text.strip().replace(" ", "+")), is_whole
    octets = base64_octets(_padded(bare))
    if octets and octets.isascii():
        inner = octets.decode("ascii")
        is_pem = "-----BEGIN" in inner
        fault = say("p= is the base64 of a PEM file") if is_pem else say("p= is base64 twice over")
        yield fault, _compact(_PEM_LINE.sub("", inner)), is_whole and not is_pem
    if re.fullmatch(r"[0-9A-Fa-f]{64,}", bare) and len(bare) % 2 == 0:
        yield say("p= is hexadecimal, not base64"), base64.b64encode(bytes.fromhex(bare)).decode(), is_whole


def _compact(text: str) -> str:
    return "".join(text.split())


def _padded(text: str) -> str:
    bare = text.rstrip("=")
    return bare + "=" * (-len(bare) % 4)


def _type_of(octets: bytes, *, is_whole: bool) -> str | None:
    """The type of key that the octets are; None if they are none.

    Any 32 octets may be an Ed25519 key: they are taken for one where they are the whole value alone.
    """
    if (len(octets) == 32 and is_whole) or (len(octets) == 44 and octets.startswith(SPKI_PREFIX_ED25519)):
        return "ed25519"
    return "rsa" if public_key("rsa", octets) is not None else None
