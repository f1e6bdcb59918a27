"""What stands in DNS beside a key record, or in place of one: other TXT records, and what they were meant as."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from itertools import permutations

import msgspec

from smtpprobe.mailauth.characters import shown
from smtpprobe.mailauth.dkim.key import KeyRecord, base64_octets, is_key_like, public_key, read_key
from smtpprobe.mailauth.other_records import VERSIONS, other_record, unquoted
from smtpprobe.model.evidence.dkim import KeyStatus
from smtpprobe.model.texts.language import say
from smtpprobe.model.texts.statuses import status_words

MAX_OTHERS = 5  # records that are looked at beside the best one
_MAX_OCTETS = 16384  # of records that are put together
_SHOWN = 60

_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}\Z")


def other_than_key(text: str) -> str | None:
    """What a TXT record is that is not meant as a key record; None if nothing better than its text can be said."""
    bare = unquoted(text)
    compact = "".join(bare.split())
    if "PRIVATE KEY-----" in bare.upper():
        return say("a private key: anyone can sign with it now; make a new pair, and publish the public key")
    if "-----BEGIN" in bare.upper():
        return say("a PEM file, of which only the base64 between the lines belongs behind p=")
    if (other := other_record(bare)) is not None:
        return other
    if _BASE64.match(compact):
        octets = base64_octets(compact)
        if octets is not None and public_key("rsa", octets) is not None:
            return say("the base64 of a key without its tags: v=DKIM1; k=rsa; p= is missing before it")
        return say("base64 without tags: a part of a key")
    if re.search(r"(?:^|;)\s{0,9}bh\s{0,9}=", bare[:2000]):
        return say("a DKIM-Signature field, not a key record")
    return None


def as_key(record: KeyRecord) -> KeyRecord:
    """The record that cannot be read as a key, with what it is instead of one as its problem."""
    if record.status is not KeyStatus.BROKEN:
        return record
    start = record.text.find("v=DKIM1")
    if 0 < start <= _MAX_OCTETS and _is_made_of_parts(read_key(record.text[start:] + record.text[:start])):
        problem = say(
            "{problem}; the strings of the record are in the wrong order: v=DKIM1 comes first", problem=record.problem
        )
        return msgspec.structs.replace(record, problem=problem)
    if _is_meant_as_key(record.text):
        return record
    meant = other_than_key(record.text)
    if meant is None:
        return record
    return msgspec.structs.replace(record, problem=say("there is no key, but {meant}", meant=meant))


_STATUSES = (KeyStatus.USABLE, KeyStatus.WEAK, KeyStatus.REVOKED, KeyStatus.BROKEN)


def by_use(records: Sequence[KeyRecord], verified: Container[str] = ()) -> list[KeyRecord]:
    """The key records at one name, the one to go by first, whatever order they came in; those that are broken as they came.

    `verified` are the texts of those that signatures were verified with: they come before all others.
    """

    def rank(record: KeyRecord) -> tuple[bool, int, bool, int, str]:
        broken = record.status is KeyStatus.BROKEN
        # More verifiers know RSA than Ed25519.
        rest = (False, 0, "") if broken else (record.key_type != "rsa", -(record.key_bits or 0), record.text)
        return record.text not in verified, _STATUSES.index(record.status), *rest

    return sorted(records, key=rank)


def beside(best: KeyRecord, texts: Sequence[str]) -> Iterator[str]:
    """What each other TXT record at the key's name is, in words; of many, how many more there are."""
    others = _others(best, texts)
    encoded = "".join(best.text.rpartition("p=")[2].split())
    said = Counter(_what_it_is(best, encoded, text) for text in others[:MAX_OTHERS])
    for words, count in said.items():
        yield say("{words} ({count} times)", words=words, count=count) if count > 1 else words
    if len(others) > MAX_OTHERS:
        yield say("{count} more", count=len(others) - MAX_OTHERS)


def _what_it_is(best: KeyRecord, encoded: str, text: str) -> str:
    """What another record than the best is; `encoded` is the base64 of the best one's key."""
    compact = "".join(text.split())
    record = read_key(text) if _is_meant_as_key(text) and text.strip() else None
    if record is not None and record.octets and record.octets == best.octets:
        return say("another record of the same key ({status})", status=status_words(record.status))
    if record is not None:
        size = f" {record.key_type} {record.key_bits}" if record.key_bits else ""
        return say("another key record ({status}{size})", status=status_words(record.status), size=size)
    if len(compact) >= 16 and compact in encoded:
        return say(
            "a part of the same key ({compact}), left over or entered as a record of its own",
            compact=shown(compact, 20),
        )
    if not text.strip():
        return say("an empty record")
    return other_than_key(text) or say("the text {text}", text=shown(text, _SHOWN))


def put_together(best: KeyRecord, texts: Sequence[str], min_key_bits: int) -> KeyRecord | None:
    """The usable key that several TXT records make in some order, where none of them alone is one."""
    # Some give the tags again with each part.
    others = [text.rpartition("p=")[2] if _is_meant_as_key(text) else text for text in _others(best, texts)]
    if best.status is not KeyStatus.BROKEN or not others or len(others) > 3 or sum(map(len, texts)) > _MAX_OCTETS:
        return None
    for count in range(1, len(others) + 1):
        for chosen in permutations(others, count):
            record = read_key(best.text + "".join(chosen), min_key_bits)
            if _is_made_of_parts(record):
                return record
    return None


def _is_made_of_parts(record: KeyRecord) -> bool:
    """Whether parts that were put together are a key: an RSA key says how long it is, and any 32 octets may be Ed25519."""
    return record.status is KeyStatus.USABLE and record.key_type == "rsa"


def _is_meant_as_key(text: str) -> bool:
    return is_key_like(text) and not text.lower().lstrip("\"' ").startswith(VERSIONS)


def _others(best: KeyRecord, texts: Sequence[str]) -> list[str]:
    """The other records, without one instance of the best."""
    others = list(texts)
    if best.text in others:
        others.remove(best.text)
    return others
