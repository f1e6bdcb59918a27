"""DKIM tag lists, and key records as a verifier reads them (RFC 6376 §3.2, §3.6.1; RFC 8301, RFC 8463)."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.mailauth.characters import shown, unreadable, visible_part
from smtpprobe.mailauth.dkim.key_data import data_problem, exponent_problem, shape_note
from smtpprobe.mailauth.other_records import cname_target
from smtpprobe.model.dns.lookup import DnsLookup, Question
from smtpprobe.model.evidence.dkim import TLS_REPORTS, KeyStatus, is_for_mail
from smtpprobe.model.names import a_labels, is_domain
from smtpprobe.model.texts.cached import cached_in_language
from smtpprobe.model.texts.language import mark, say, say_counted

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    PublicKey = RSAPublicKey | Ed25519PublicKey

MIN_KEY_BITS = 1024  # RFC 8301 §3.2: verifiers must not consider signatures of shorter RSA keys valid

_BARE_KEY = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}\Z")
_FOLDING = dict.fromkeys(map(ord, " \t\r\n"))
_KEY_LIKE = re.compile(r'(?:^|;)[\s"\\]*(?:p[\s"\\]*=|v[\s"\\]*=[\s"\\]*DKIM)', re.IGNORECASE)


class TagList(msgspec.Struct, frozen=True):
    """A tag list, in order. `problem` says why it is none; `tags` then holds what could be read before.

    `not_a_tag` is the element that is none.
    """

    tags: dict[str, str]
    problem: str | None = None
    not_a_tag: str | None = None


class KeyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One key record. `status`: usable, weak, revoked or broken; `notes` are what verifiers differ about.

    `octets` is the key data of a usable or weak key; `key_bits` is None where the key could not be read.
    """

    text: str
    status: KeyStatus
    problem: str | None = None
    key_type: str | None = None
    key_bits: int | None = None
    hashes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    octets: bytes = b""
    notes: tuple[str, ...] = ()


def tag_list(text: str) -> TagList:
    """The tag list of a text; white space around names and values is dropped, empty elements are passed over."""
    tags: dict[str, str] = {}
    for element in text.split(";"):
        name, equals, value = element.partition("=")
        name, value = name.strip(" \t\r\n"), value.strip(" \t\r\n")
        # RFC 6376 §3.2: a tag's name is letters, digits and underscores, and begins with a letter.
        if not equals or not name.isidentifier() or not name.isascii() or name[0] == "_":
            if not name and not equals:
                continue
            bare = element.strip(" \t\r\n")
            return TagList(tags, say("{element} is not a tag: expected name=value", element=shown(bare)), bare)
        # RFC 6376 §3.2: a tag list in which a tag stands twice is invalid as a whole.
        if name in tags:
            return TagList(tags, say("the tag {name}= occurs twice", name=name))
        tags[name] = value
    return TagList(tags)


def unfolded(value: str) -> str:
    """The value without folding white space; other blanks than those of US-ASCII stay, since verifiers keep them."""
    return "".join(value.split()) if value.isascii() else value.translate(_FOLDING)


def words(value: str) -> tuple[str, ...]:
    """The elements of a colon-separated list, without white space and empty ones."""
    return tuple(word for word in unfolded(value).split(":") if word)


def base64_octets(value: str) -> bytes | None:
    """The octets of a base64 tag value, folding white space inside it dropped; None where it is not base64."""
    try:
        return base64.b64decode(unfolded(value), validate=True)
    except (binascii.Error, ValueError):
        return None


def is_key_like(text: str) -> bool:
    """Whether a TXT record is meant as a key record; others stand there through a wildcard or by mistake."""
    return bool(_KEY_LIKE.search(text)) or not text.strip()


@cached_in_language(maxsize=256)
def read_key(text: str, min_key_bits: int = MIN_KEY_BITS) -> KeyRecord:
    """The key record in a TXT record's text, judged. Never raises."""
    listed = tag_list(text)
    tags = listed.tags
    notes = tuple(_notes(text, tags))
    if listed.problem:
        is_key = _BARE_KEY.match(listed.not_a_tag or "") and "p" not in tags
        problem = say("{problem}; p= is missing before the key", problem=listed.problem) if is_key else listed.problem
        return KeyRecord(text=text, status=KeyStatus.BROKEN, problem=unreadable(text, problem), notes=notes)
    # RFC 6376 §3.6.1: a record that begins with another version is discarded.
    version = tags.get("v")
    if version is not None and version != "DKIM1":
        return KeyRecord(
            text=text,
            status=KeyStatus.BROKEN,
            problem=unreadable(text, _other_version(version)),
            notes=notes,
        )
    if "p" not in tags:
        problem = _no_key_tag(tags) if text.strip() else say("the record is empty")
        return KeyRecord(text=text, status=KeyStatus.BROKEN, problem=unreadable(text, problem), notes=notes)
    record = KeyRecord(
        text=text, status=KeyStatus.USABLE, key_type=unfolded(tags.get("k", "rsa")), hashes=words(tags.get("h", "")),
        services=words(tags.get("s", "")), flags=words(tags.get("t", "")), notes=notes,
    )  # fmt: skip
    return _with_key(record, tags["p"], min_key_bits)


def _other_version(version: str) -> str:
    said = say("the version is {version}, not DKIM1", version=shown(version))
    if version.startswith("DKIM1") and "=" in version:
        return say("{said}: the tags behind it are not separated by semicolons", said=said)
    return say("{said}: capital letters matter", said=said) if version.upper() == "DKIM1" else said


def _no_key_tag(tags: dict[str, str]) -> str:
    """That p= is missing, and the tag that was probably meant as it."""
    # A key without + and / reads as the name of a tag, the padding behind it as the equals sign.
    if any(len(name) >= _MIN_KEY_LENGTH and value.strip() in ("", "=") for name, value in tags.items()):
        return say("{problem}; p= is missing before the key", problem=say("there is no p= tag"))
    longest = max(tags, key=lambda name: len(tags[name]), default="")
    if len(tags.get(longest, "")) < _MIN_KEY_LENGTH or re.search(r"[\s,]p\s{0,9}=", tags[longest]):
        return say("there is no p= tag")
    return say(
        "there is no p= tag; the key seems to be in {longest}=, and the names of tags are p, k and v in small letters",
        longest=longest,
    )


_USUAL_EXPONENT = 65537
_MIN_KEY_LENGTH = 40  # characters; an Ed25519 key in base64 has 44


def _with_key(record: KeyRecord, encoded: str, min_key_bits: int) -> KeyRecord:
    replace = msgspec.structs.replace
    # RFC 6376 §3.6.1: an empty value means that this public key has been revoked.
    if not encoded:
        return replace(record, status=KeyStatus.REVOKED, problem=say("p= is empty: the key has been revoked"))
    octets = base64_octets(encoded)
    if unfolded(encoded).startswith(_SSH_KEY):
        return replace(record, status=KeyStatus.BROKEN, problem=say("p= contains an SSH key"))
    if "-----BEGIN" in encoded:
        return replace(
            record, status=KeyStatus.BROKEN, problem=say("p= contains the lines around a PEM key, not its base64 alone")
        )
    if record.key_type not in _KEY_NAMES:
        problem = say(
            "k={key_type} is not a key type: expected rsa or ed25519 (RFC 6376 §3.6.1, RFC 8463)",
            key_type=shown(record.key_type or ""),
        )
        return replace(record, status=KeyStatus.BROKEN, problem=unreadable(record.text, problem))
    if octets is None:
        return replace(record, status=KeyStatus.BROKEN, problem=unreadable(record.text, _not_base64(record, encoded)))
    misshapen = data_problem(record.key_type, octets)
    if misshapen:
        said = say(BLANKS_FOR_PLUS) if _has_lost_its_plus_signs(record.key_type, encoded) else misshapen
        return replace(record, status=KeyStatus.BROKEN, problem=said)
    key = public_key(record.key_type, octets)
    if key is None:
        return replace(
            record,
            status=KeyStatus.BROKEN,
            problem=exponent_problem(octets)
            or (say("p= contains a certificate, not the public key alone") if key_in_certificate(octets) else None)
            or say("p= does not contain a valid {key_names} public key", key_names=_KEY_NAMES[record.key_type]),
        )
    bits = 256 if record.key_type == "ed25519" else int(key.key_size)  # type: ignore[union-attr]
    record = replace(record, octets=octets, key_bits=bits)
    if record.key_type == "rsa" and (exponent := key.public_numbers().e) != _USUAL_EXPONENT:  # type: ignore[union-attr]
        note = say("the RSA key has the exponent {exponent}; some verifiers accept 65537 alone", exponent=exponent)
        record = replace(record, notes=(*record.notes, note))
    if record.key_type == "rsa" and (shape := shape_note(octets)) is not None:
        record = replace(record, notes=(*record.notes, shape))
    if record.key_type == "rsa" and bits < min_key_bits:
        problem = say(
            "the RSA key has {bits} bits, at least {min_key_bits} are required", bits=bits, min_key_bits=min_key_bits
        )
        return replace(record, status=KeyStatus.WEAK, problem=problem)
    return record


BLANKS_FOR_PLUS = mark("p= contains blanks instead of plus signs")


def _has_lost_its_plus_signs(key_type: str, encoded: str) -> bool:
    """Whether key data is whole with plus signs in place of its blanks, which a form for URLs takes them for."""
    octets = base64_octets(encoded.strip().replace(" ", "+")) if " " in encoded.strip() else None
    return octets is not None and data_problem(key_type, octets) is None and public_key(key_type, octets) is not None


def _not_base64(record: KeyRecord, encoded: str) -> str:
    """Why p= is not base64, by what most often makes it so."""
    compact = unfolded(encoded)
    bare = compact.rstrip("=")
    odd = _NOT_BASE64.search(bare)
    if odd is None:
        padded = base64_octets(bare + "=" * (-len(bare) % 4))
        if padded is not None and public_key(record.key_type or "", padded) is not None:
            return say_counted(
                "p= is not base64: it ends in {found} instead of {count} equals sign",
                "p= is not base64: it ends in {found} instead of {count} equals signs",
                -len(bare) % 4,
                found=len(compact) - len(bare),
            )
    elif (target := cname_target(compact)) is not None:
        return say("p= contains {target}", target=target)
    elif re.search(r"\.\.|…", compact):
        return say("p= is not base64: dots replace a part of the key")
    elif len(compact) < _MIN_KEY_LENGTH and re.fullmatch(r"[A-Z_<>\[\]{}-]+", compact, re.IGNORECASE):
        return say("p= is not base64: {text} is there instead of the key", text=shown(compact))
    elif odd.group() in "-_":
        return say("p= is base64 of the kind for URLs, with - and _ instead of + and /")
    # Cut at 255 octets, base64 seldom ends on a whole group of four.
    start = base64_octets(bare[: len(bare) // 4 * 4]) or b""
    cut_short = data_problem("rsa", start) if record.key_type == "rsa" else None
    return cut_short or (
        say("p= is not base64") + (say(": it contains {group}", group=shown(odd.group())) if odd else "")
    )


_SSH_KEY = ("ssh-", "AAAAB3NzaC1", "AAAAC3NzaC1")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_KEY_NAMES = {"rsa": "RSA", "ed25519": "Ed25519"}


def _notes(text: str, tags: dict[str, str]) -> list[str]:
    notes = []
    if "v" in tags and next(iter(tags)) != "v":
        # RFC 6376 §3.6.1: v= must be the first tag in the record.
        notes.append(say("v= is not the first tag, as RFC 6376 §3.6.1 asks; some verifiers discard the record"))
    if "g" in tags and tags["g"] != "*":
        notes.append(say("g= is from RFC 4871 and no longer has a meaning; old verifiers may still apply it"))
    if re.search(r";[ \t]*;", text):
        notes.append(say("an element between two semicolons is empty; strict verifiers discard the record"))
    return notes


@lru_cache(maxsize=256)
def public_key(key_type: str, octets: bytes) -> PublicKey | None:
    """The public key in key data (rsa: SubjectPublicKeyInfo or RSAPublicKey; ed25519: 32 octets); None for others."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        if key_type == "ed25519":
            return Ed25519PublicKey.from_public_bytes(octets)
        # RFC 6376 §3.6.1 means RSAPublicKey, its appendix C and practice SubjectPublicKeyInfo: both are read.
        key = load_der_public_key(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) else None


@lru_cache(maxsize=64)
def key_in_certificate(octets: bytes) -> bytes | None:
    """The key data of the RSA key that a certificate is for; None where the octets are no such certificate."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = x509.load_der_x509_certificate(octets).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        return None
    is_rsa = isinstance(key, RSAPublicKey)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if is_rsa else None


def unfit(record: KeyRecord) -> str | None:
    """Why no signature can be verified with a key that is otherwise right, of mail or of TLS reports; None where one can."""
    # RFC 8301 §3.1: rsa-sha1 must not be used.
    if record.hashes and "sha256" not in record.hashes:
        return say(
            "h={hashes} allows no hash that verifiers accept: they accept only sha256",
            hashes=visible_part(":".join(record.hashes), 40),
        )
    # RFC 6376 §3.6.1: verifiers ignore a key whose s= lists neither * nor their own service; RFC 8460 §3 adds a service.
    if not is_for_mail(record.services) and TLS_REPORTS not in record.services:
        return say("s={services} keeps the key from serving mail", services=visible_part(":".join(record.services), 40))
    return None


def key_question(selector: str, domain: str) -> Question | None:
    """What to ask for a selector's key record (RFC 6376 §3.6.2.1); None where no such name can be asked of DNS."""
    return _key_question(selector, domain) if len(selector) + len(domain) <= 253 else None


@lru_cache(maxsize=256)
def _key_question(selector: str, domain: str) -> Question | None:
    name = f"{a_labels(selector)}._domainkey.{a_labels(domain)}"
    return Question(name, "TXT") if is_domain(name) else None


def key_records(found: DnsLookup, min_key_bits: int = MIN_KEY_BITS) -> list[KeyRecord]:
    """The key records in an answer; where no record is meant as one, all of them."""
    texts = [text for text in found.records if is_key_like(text)] or list(found.records)
    return [read_key(text, min_key_bits) for text in texts]
