"""Signed messages for the DKIM tests, made here from the RFC: an RSA and an Ed25519 key, and a signer."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MESSAGE = (
    b"From: Alice <alice@example.org>\r\nTo: bob@example.com\r\nSubject: A  question\r\n\tof taste \r\n"
    b"Date: Thu, 1 Jan 2026 12:00:00 +0000\r\n\r\nHello  Bob, \r\n\r\nlunch?\r\n\r\n\r\n"
)


@cache
def rsa_key(bits: int = 1024) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def rsa_record(bits: int = 1024, extra: str = "", form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return f"v=DKIM1; k=rsa; {extra}p={encoded(rsa_key(bits).public_key().public_bytes(Encoding.DER, form))}"


def ed_record() -> str:
    return f"v=DKIM1; k=ed25519; p={encoded(ed_key().public_key().public_bytes_raw())}"


def txt(name: str, *texts: str) -> str:
    """Zone lines: one TXT record a text, split into strings of 200 octets."""
    lines = []
    for text in texts:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        strings = [quoted[at : at + 200] for at in range(0, len(quoted), 200)] or [""]
        lines.append(f"{name}. TXT " + " ".join(f'"{part}"' for part in strings))
    return "\n".join(lines) + "\n"


def sign(
    message: bytes = MESSAGE, *, bits: int = 1024, b: str | None = None, over: str | None = None, **tags: Any
) -> bytes:
    """The message with a DKIM-Signature on top; tags override the defaults, None leaves one out.

    `over` is the hash that is taken, where it is not that of a=.

    The canonical forms are written out plainly here, on purpose not shared with the code under test.
    """
    values: dict[str, Any] = {"v": 1, "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "example.org", "s": "sel"}
    values |= {"h": "From:To:Subject", "bh": None} | tags
    header, _, body = message.partition(b"\r\n\r\n")
    header_form, _, body_form = (values["c"] or "simple/simple").partition("/")
    hash_name = over or ("sha1" if values["a"].endswith("sha1") else "sha256")
    canonical = _body(body, body_form or "simple")
    if values.get("l") is not None:
        canonical = canonical[: int(values["l"])]
    values["bh"] = tags.get("bh") or encoded(hashlib.new(hash_name, canonical).digest())
    text = "; ".join(f"{name}={value}" for name, value in values.items() if value is not None)
    field = f"DKIM-Signature: {text}; b=".encode()
    pool = [line.encode("latin-1") for line in header.decode("latin-1").replace("\r\n\t", "\x00").split("\r\n")]
    pool = [line.replace(b"\x00", b"\r\n\t") for line in pool]
    signed = b""
    for name in str(values["h"] or "").lower().split(":"):
        matches = [line for line in pool if line.split(b":")[0].strip().lower() == name.strip().encode()]
        if matches:
            pool.reverse()
            pool.remove(matches[-1])
            pool.reverse()
            signed += _header(matches[-1], header_form) + b"\r\n"
    signed += _header(field, header_form)
    if values["a"].startswith("ed25519"):
        signature = ed_key().sign(hashlib.sha256(signed).digest())
    else:
        chosen = hashes.SHA1() if hash_name == "sha1" else hashes.SHA256()
        signature = rsa_key(bits).sign(signed, padding.PKCS1v15(), chosen)
    return field + (encoded(signature) if b is None else b).encode() + b"\r\n" + message


def _header(line: bytes, form: str) -> bytes:
    if form == "simple":
        return line
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + b" ".join(value.replace(b"\r\n", b"").replace(b"\t", b" ").split())


def _body(body: bytes, form: str) -> bytes:
    lines = body.split(b"\r\n")
    if form == "relaxed":
        lines = [(b" " if line[:1] in (b" ", b"\t") else b"") + b" ".join(line.split()) for line in lines]
        lines = [line.rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"\r\n" if form == "simple" else b""
    return b"\r\n".join(lines) + b"\r\n"
