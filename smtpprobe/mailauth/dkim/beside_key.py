"""What stands in DNS beside a key record, or in place of one: other TXT records, and what they were meant as."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import permutations

import msgspec

from smtpprobe.mailauth.dkim.key import KeyRecord, base64_octets, is_key_like, public_key, read_key
from smtpprobe.model.evidence.dkim import KeyStatus
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.quoting import quoted

MAX_OTHERS = 5  # records that are looked at beside the best one
_MAX_OCTETS = 16384  # of records that are put together
_SHOWN = 60

_HOST_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,30}[a-z][a-z0-9-]{0,62}\.?\Z", re.IGNORECASE)
_CNAME = re.compile(r"(?:in\s{1,9})?cname[\s:=]{1,9}(\S{1,255})\Z", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}\Z")
_TOKEN = re.compile(
    r"(?:ms=ms\d|[\w.-]{0,60}(?:verif|validat|challenge|ownership|owner|site-code|domain-code)[\w.-]{0,60}[=:])",
    re.IGNORECASE,
)
_BEGINNINGS = (
    ("v=spf1", "an SPF record, which belongs at the domain itself"),
    ("v=dmarc1", "a DMARC record, which belongs at _dmarc below the domain"),
    ("v=tlsrptv1", "a TLSRPT record, which belongs at _smtp._tls below the domain"),
    ("v=stsv1", "an MTA-STS record, which belongs at _mta-sts below the domain"),
    ("v=bimi1", "a BIMI record, which belongs at default._bimi below the domain"),
    ("dkim=", "an ADSP record (RFC 5617), which nobody reads any longer"),
    ("o=", "a DomainKeys policy (RFC 4870), which nobody reads any longer"),
    ("t=y; o=", "a DomainKeys policy (RFC 4870), which nobody reads any longer"),
    ("ssh-", "an SSH key"),
    ("http://", "a URL"),
    ("https://", "a URL"),
    ("<", "HTML or XML"),
    ("{", "JSON"),
)

_OTHER_STANDARDS = tuple(beginning for beginning, _ in _BEGINNINGS if beginning.startswith("v="))


def other_than_key(text: str) -> str | None:
    """What a TXT record is that is not meant as a key record; None if nothing better than its text can be said."""
    bare = text.strip().strip("\"'").strip()
    compact = "".join(bare.split())
    lower = bare.lower()
    if "PRIVATE KEY-----" in bare.upper():
        return "a private key: anyone can sign with it now; make a new pair, and publish the public key"
    if "-----BEGIN" in bare.upper():
        return "a PEM file, of which only the base64 between the lines belongs behind p="
    for beginning, words in _BEGINNINGS:
        if lower.startswith(beginning):
            return words
    named = _CNAME.match(bare)
    if named or _HOST_NAME.match(bare):
        name = named.group(1) if named else bare
        return "an IP address" if is_ip_address(name) else f"the host name {quoted(name, _SHOWN)}: {_AS_CNAME}"
    if is_ip_address(bare):
        return "an IP address"
    if _BASE64.match(compact):
        octets = base64_octets(compact)
        if octets is not None and public_key("rsa", octets) is not None:
            return "the base64 of a key without its tags: v=DKIM1; k=rsa; p= is missing before it"
        return "base64 without tags: a part of a key"
    if _TOKEN.match(bare):
        return "a verification token"
    if re.search(r"(?:^|;)\s{0,9}bh\s{0,9}=", bare[:2000]):
        return "a DKIM-Signature field, not a key record"
    return None


_AS_CNAME = "the target of a CNAME was entered as TXT; publish a CNAME record with it instead"


def as_key(record: KeyRecord) -> KeyRecord:
    """The record that cannot be read as a key, with what it is instead of one as its problem."""
    if record.status is not KeyStatus.BROKEN:
        return record
    start = record.text.find("v=DKIM1")
    if 0 < start <= _MAX_OCTETS and read_key(record.text[start:] + record.text[:start]).status is KeyStatus.USABLE:
        problem = f"{record.problem}; the strings of the record are in the wrong order: v=DKIM1 comes first"
        return msgspec.structs.replace(record, problem=problem)
    if _is_meant_as_key(record.text):
        return record
    meant = other_than_key(record.text)
    if meant is None:
        return record
    return msgspec.structs.replace(record, problem=f"there is no key, but {meant}")


def beside(best: KeyRecord, texts: Sequence[str]) -> Iterator[str]:
    """What each other TXT record at the key's name is, in words; of many, how many more there are."""
    others = _others(best, texts)
    encoded = "".join(best.text.rpartition("p=")[2].split())
    for text in others[:MAX_OTHERS]:
        compact = "".join(text.split())
        if _is_meant_as_key(text) and text.strip():
            record = read_key(text)
            size = f" {record.key_type} {record.key_bits}" if record.key_bits else ""
            yield f"another key record ({record.status}{size})"
        elif len(compact) >= 16 and compact in encoded:
            yield f"a part of the same key ({quoted(compact, 20)}), left over or entered as a record of its own"
        else:
            yield other_than_key(text) or (f"the text {quoted(text, _SHOWN)}" if text.strip() else "an empty record")
    if len(others) > MAX_OTHERS:
        yield f"{len(others) - MAX_OTHERS} more"


def put_together(best: KeyRecord, texts: Sequence[str], min_key_bits: int) -> KeyRecord | None:
    """The usable key that several TXT records make in some order, where none of them alone is one."""
    # Some give the tags again with each part.
    others = [text.rpartition("p=")[2] if _is_meant_as_key(text) else text for text in _others(best, texts)]
    if best.status is not KeyStatus.BROKEN or not others or len(others) > 3 or sum(map(len, texts)) > _MAX_OCTETS:
        return None
    for count in range(1, len(others) + 1):
        for chosen in permutations(others, count):
            record = read_key(best.text + "".join(chosen), min_key_bits)
            if record.status is KeyStatus.USABLE:
                return record
    return None


def _is_meant_as_key(text: str) -> bool:
    return is_key_like(text) and not text.lower().lstrip("\"' ").startswith(_OTHER_STANDARDS)


def _others(best: KeyRecord, texts: Sequence[str]) -> list[str]:
    """The other records, without one instance of the best."""
    others = list(texts)
    if best.text in others:
        others.remove(best.text)
    return others
