"""The judge of certificates against `openssl verify`, chain by chain; where they differ, the row says why."""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import itertools
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smtpprobe.model.names import is_ip_address
from smtpprobe.model.transcript import TlsFault
from smtpprobe.net import certificates
from smtpprobe.net.x509 import described, load
from tests.net.chains import (
    AT,
    DAY,
    NAME,
    NOW,
    OFF_THE_CURVE,
    P_160,
    P_256_EXPLICIT,
    RSA_512,
    UNKNOWN_KEY,
    Chain,
    Made,
    authority,
    below,
    common_name,
    element,
    first_extension_twice,
    intermediate,
    key,
    key_info,
    leaf,
    made,
    negative_serial,
    no_serial,
    odd_name,
    of,
    pem,
    raw,
    root,
    sent,
    version_1,
    version_2,
)

SERVER, CLIENT = Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH
SAN, BASIC_CONSTRAINTS, INFORMATION_ACCESS = "2.5.29.17", "2.5.29.19", "1.3.6.1.5.5.7.1.1"
NETSCAPE_TYPE, OWN = "2.16.840.1.113730.1.1", "1.3.6.1.4.1.32473.1"
GATED = x509.ObjectIdentifier("2.16.840.1.113730.4.1")
U_LABEL = element(0x30, element(0x82, "grün.example.com".encode()))  # as a dNSName
FIVE_OCTETS = bytes.fromhex("30078705c000020101")  # an iPAddress that is none
KEY_ENCIPHERMENT, SIGNS = ("key_encipherment",), ("key_cert_sign", "crl_sign")


class Row(NamedTuple):
    """A chain, the faults that the judge names, and the errors that `openssl verify` prints: none where it accepts."""

    slug: str
    chain: Callable[[], Chain]
    faults: str = ""
    openssl: tuple[int, ...] = ()
    because: str = ""  # why the two differ


def dns(*names: str) -> list[x509.GeneralName]:
    return [x509.DNSName(each) for each in names]


def network(text: str) -> x509.IPAddress:
    return x509.IPAddress(ipaddress.ip_network(text))


def permits(*trees: x509.GeneralName) -> x509.NameConstraints:
    return x509.NameConstraints(list(trees), None)


def excludes(*trees: x509.GeneralName) -> x509.NameConstraints:
    return x509.NameConstraints(None, list(trees))


@functools.cache
def old_root() -> Made:
    return made("Old root", ca=True, usage=SIGNS, end=NOW - DAY)


def low(**how: Any) -> Made:
    """A CA below the intermediate."""
    return authority("Low", intermediate(), **how)


def cross(**how: Any) -> Made:
    """The root's name and key in a certificate of another root."""
    return authority("Root", made("Other root", ca=True, usage=SIGNS), **how)


def under(own: Made, *, send: bool = False, **how: Any) -> Chain:
    """A leaf directly below this root, which is trusted."""
    return sent(leaf(own, **how), *[own] * send, trusts=[own])


def untrusted(own: Made, **how: Any) -> Chain:
    """A leaf directly below this root, which is sent and not trusted."""
    return sent(leaf(own, **how), own)


def alone(own: Made, name: str = NAME) -> Chain:
    """A leaf that is trusted itself."""
    return sent(own, trusts=[own], name=name)


def two_below(anchor: Made, **how: Any) -> Chain:
    """Two CAs below what is trusted, and a leaf."""
    upper = authority("Upper", anchor, **how)
    lower = authority("Lower", upper)
    return sent(leaf(lower), lower, upper, trusts=[anchor])


def below_leaf(issuer: Made) -> Chain:
    """A leaf that another server's certificate issued."""
    other = leaf(issuer, subject="www.example.net", names=["www.example.net"])
    return sent(leaf(other), other, issuer)


def twins(trusted: str, *, key_ids: bool = True, send: bool = False) -> Chain:
    """Roots of one name and two keys, a and b, and a leaf of b's."""
    roots = {each: made("Twin", ca=True, holder=each, key_ids=key_ids) for each in "ab"}
    return sent(leaf(roots["b"], key_ids=key_ids), *[roots["b"]] * send, trusts=[roots[each] for each in trusted])


def rolled_over(**how: Any) -> Chain:
    """A root's new key in a certificate that the old key signed, and a leaf of the new."""
    old = made("Rolling", ca=True, usage=SIGNS, holder="old")
    new = made("Rolling", old, ca=True, usage=SIGNS, holder="new", **how)
    return sent(leaf(new), new, trusts=[old])


def namesake(*, trusted: bool) -> Chain:
    """A leaf that has its issuer's name and is not self-signed."""
    issuer = made(NAME, ca=True, holder="issuer")
    own = made(NAME, issuer, names=[NAME], holder="leaf")
    return sent(own, trusts=[issuer if trusted else root()])


def spoilt(one: Made) -> Made:
    """With another last octet of the signature."""
    return one._replace(der=one.der[:-1] + bytes([one.der[-1] ^ 1]))


def of_another_key() -> Chain:
    """A leaf whose authorityKeyIdentifier is another key's than that which signed it (RFC 5280 §4.2.1.1)."""
    other = x509.AuthorityKeyIdentifier.from_issuer_public_key(key("P-256", "stranger").public_key())
    return below(intermediate(), key_ids=False, others=[(other, False)])


def ladder(length: int) -> list[Made]:
    """A leaf and so many CAs below one another, the root left out; leaf first."""
    rungs = [root()]
    for number in range(length):
        rungs.append(authority(f"CA {number}", rungs[-1]))
    return [leaf(rungs[-1]), *reversed(rungs[1:])]


# Why the two differ, where it is for more than one row.
PARTIAL = "what is trusted is trusted, be it a root or not, as in GnuTLS, Go and Python from 3.13 on (-partial_chain)"
COMMON_NAME = "the common name is no name (RFC 9525 §2)"
TEN = "ten certificates are looked at"

# fmt: off
SOUND = [
    Row("EC P-256", lambda: below(intermediate())),
    Row("RSA 2048", lambda: below(intermediate(), kind="RSA 2048", usage=KEY_ENCIPHERMENT)),
    Row("Ed25519", lambda: below(intermediate(), kind="Ed25519")),
    Row("Ed25519 throughout", lambda: under(made("Ed root", kind="Ed25519", ca=True), kind="Ed25519")),
    Row("directly below the root", lambda: sent(leaf(root()))),
    Row("with the root", lambda: sent(leaf(), intermediate(), root())),
    Row("without any extension but the name", lambda: below(intermediate(), ca=None, usage=None)),
    Row("of a root of X.509 version 1", lambda: under(made("V1", edit=version_1))),
    Row("of an RSA root of version 1, SHA-1",
        lambda: under(made("V1 RSA", kind="RSA 2048", digest="SHA-1", edit=version_1))),
]
AUTHORITIES = [
    Row("root without basicConstraints", lambda: under(made("Bare")), "certificate-invalid", (79, 26)),
    Row("root without basicConstraints, with keyCertSign", lambda: under(made("Bare", usage=SIGNS))),
    Row("intermediate without basicConstraints", lambda: below(authority(ca=None)), "certificate-invalid", (79,)),
    Row("intermediate without basicConstraints and keyUsage",
        lambda: below(authority(ca=None, usage=None)), "certificate-invalid", (79, 26)),
    Row("intermediate of version 1", lambda: below(authority(edit=version_1)), "certificate-invalid", (79, 26)),
    Row("root without keyCertSign",
        lambda: under(made("No sign", ca=True, usage=("digital_signature",))), "certificate-invalid", (79, 26, 32)),
    Row("intermediate without keyCertSign",
        lambda: below(authority(usage=("digital_signature",))), "certificate-invalid", (79, 26, 32)),
    Row("intermediate without keyUsage", lambda: below(authority(usage=None))),
    Row("leaf as issuer", lambda: below_leaf(intermediate()), "certificate-invalid", (79, 26, 32)),
    Row("leaf as issuer, directly below the root", lambda: below_leaf(root()), "certificate-invalid", (79, 26, 32)),
    Row("leaf that is a CA", lambda: below(intermediate(), ca=True, usage=("digital_signature", *SIGNS))),
    Row("leaf that is a CA and signs certificates only",
        lambda: below(intermediate(), ca=True, usage=SIGNS), "purpose", (26,)),
    Row("pathLen exceeded", lambda: two_below(root(), path_length=0), "certificate-invalid", (25,)),
    Row("pathLen kept", lambda: two_below(root(), path_length=1)),
    Row("pathLen of the root exceeded",
        lambda: two_below(made("Narrow root", ca=True, path_length=0, usage=SIGNS)), "certificate-invalid", (25,)),
    Row("root without keyUsage and extensions of today", lambda: under(made("Plain", ca=True))),
    Row("two keys of one subject, the right one trusted", lambda: twins("ab")),
    Row("two keys of one subject, the wrong one trusted", lambda: twins("a"), "untrusted-issuer", (20,)),
    Row("two keys of one subject, the wrong one trusted, root sent",
        lambda: twins("a", send=True), "untrusted-issuer", (19,)),
    Row("two keys of one subject without key identifiers, the right one second",
        lambda: twins("ab", key_ids=False), "certificate-invalid", (7,)),
    Row("a signature of another key, without key identifiers",
        lambda: twins("a", key_ids=False), "certificate-invalid", (7,)),
    Row("intermediate of another key", lambda: sent(leaf(), authority(holder="another")), "untrusted-issuer", (20,)),
    Row("intermediates of both keys", lambda: sent(leaf(), authority(holder="another"), intermediate())),
    Row("wrong signature over the leaf", lambda: sent(spoilt(leaf()), intermediate()), "certificate-invalid", (7,)),
    Row("wrong signature over the intermediate",
        lambda: sent(leaf(), spoilt(intermediate())), "certificate-invalid", (7,)),
    Row("authorityKeyIdentifier of another key", of_another_key, "certificate-invalid", (20,)),
    Row("root of another key rolled over", rolled_over),
]
STRENGTH = [
    Row("root of RSA 1024", lambda: under(made("Small", kind="RSA 1024", ca=True)), "key-too-small", (67,)),
    Row("root of RSA 1024, not trusted",
        lambda: untrusted(made("Small", kind="RSA 1024", ca=True)), "key-too-small untrusted-issuer", (19,)),
    Row("root signed with SHA-1", lambda: under(made("Old", kind="RSA 2048", digest="SHA-1", ca=True))),
    Row("root signed with SHA-1, sent too",
        lambda: under(made("Old", kind="RSA 2048", digest="SHA-1", ca=True), send=True)),
    Row("root signed with MD5", lambda: under(made("Old", kind="RSA 2048", digest="MD5", ca=True))),
    Row("intermediate signed with SHA-1", lambda: below(authority(digest="SHA-1")), "signature-too-weak", (68,)),
    Row("intermediate signed with SHA-1 that is trusted itself",
        lambda: under(authority(digest="SHA-1")), "", (2,), PARTIAL),
    Row("intermediate of the root's name signed with SHA-1",
        lambda: rolled_over(digest="SHA-1"), "signature-too-weak", (68,)),
    Row("leaf signed with SHA-1", lambda: below(intermediate(), digest="SHA-1"), "signature-too-weak", (68,)),
    Row("leaf signed with MD5",
        lambda: under(made("RSA root", kind="RSA 2048", ca=True), digest="MD5"), "signature-too-weak", (68,)),
    Row("self-signed leaf with SHA-1, trusted", lambda: alone(made(NAME, names=[NAME], digest="SHA-1"))),
    Row("leaf of RSA 1024", lambda: below(intermediate(), kind="RSA 1024"), "key-too-small", (66,)),
    Row("leaf of RSA 2047",
        lambda: below(intermediate(), kind="RSA 2047"),
        "key-too-small", (),
        "CAs have to use 2048 bits at least (Baseline Requirements §6.1.5); OpenSSL rounds the strength up"),
    Row("intermediate of RSA 1024", lambda: below(authority(kind="RSA 1024")), "key-too-small", (67,)),
    Row("leaf of P-192", lambda: below(intermediate(), kind="P-192"), "key-too-small", (66,)),
    Row("leaf of P-224", lambda: below(intermediate(), kind="P-224")),
    Row("leaf of P-160", lambda: below(intermediate(), edit=key_info(P_160)), "key-too-small", (66,)),
    Row("leaf of RSA 512", lambda: below(intermediate(), edit=key_info(RSA_512)), "key-too-small", (66,)),
    Row("leaf of P-256 with its parameters spelt out",
        lambda: below(intermediate(), edit=key_info(P_256_EXPLICIT)), "certificate-invalid", (94,)),
    Row("leaf of a key that is no point of its curve",
        lambda: below(intermediate(), edit=key_info(OFF_THE_CURVE)), "certificate-invalid", (66,)),
    Row("leaf of an unknown kind of key",
        lambda: below(intermediate(), edit=key_info(UNKNOWN_KEY)), "no-certificate", (0,)),
    Row("leaf signed with RSASSA-PSS", lambda: under(made("RSA root", kind="RSA 2048", ca=True), digest="PSS")),
    *[Row("leaf signed with RIPEMD-160",
        lambda: under(made("RSA root", kind="RSA 2048", ca=True), digest="RIPEMD-160"), "signature-too-weak", (68,)),
      ] * ("ripemd160" in hashlib.algorithms_available),
    Row("SHA-1 throughout, root not trusted",
        lambda: untrusted(made("Old", kind="RSA 2048", digest="SHA-1", ca=True), digest="SHA-1"),
        "signature-too-weak untrusted-issuer", (19,)),
    Row("superfluous RSA 1024 beside a good chain",
        lambda: sent(leaf(), intermediate(), made("Other", kind="RSA 1024", ca=True))),
]
DATES = [
    Row("leaf expired", lambda: below(intermediate(), end=NOW - DAY), "expired", (10,)),
    Row("leaf expired last night", lambda: below(intermediate(), end=NOW - 13 * DAY / 24), "expired", (10,)),
    Row("leaf expired a second ago", lambda: below(intermediate(), end=NOW - DAY / 86400), "expired", (10,)),
    Row("leaf valid from this second", lambda: below(intermediate(), start=NOW)),
    Row("leaf not yet valid", lambda: below(intermediate(), start=NOW + DAY), "not-yet-valid", (9,)),
    Row("leaf to 9999",
        lambda: below(intermediate(), end=NOW.replace(year=9999, month=12, day=31, hour=23, minute=59, second=59))),
    Row("intermediate expired", lambda: below(authority(end=NOW - DAY)), "expired", (10,)),
    Row("intermediate not yet valid", lambda: below(authority(start=NOW + DAY)), "not-yet-valid", (9,)),
    Row("root expired", lambda: sent(leaf(old_root()), trusts=[old_root()]), "expired", (10,)),
    Row("root expired, sent too", lambda: under(old_root(), send=True), "expired", (10,)),
    Row("root not yet valid", lambda: under(made("New root", ca=True, start=NOW + DAY)), "not-yet-valid", (9,)),
    Row("leaf and intermediate expired", lambda: below(authority(end=NOW - DAY), end=NOW - 2 * DAY), "expired", (10,)),
    Row("leaf expired, intermediate not yet valid",
        lambda: below(authority(start=NOW + DAY), end=NOW - 2 * DAY), "expired not-yet-valid", (9,)),
    Row("expired for another name and for clients, RSA 1024",
        lambda: below(intermediate(), end=NOW - DAY, names=["other.example.com"], purposes=[CLIENT], kind="RSA 1024"),
        "name purpose key-too-small expired", (66,)),
    Row("expired and against a name constraint",
        lambda: below(authority(constraints=permits(*dns("example.net"))), end=NOW - DAY),
        "certificate-invalid expired", (10, 47)),
    Row("expired self-signed", lambda: sent(made(NAME, names=[NAME], end=NOW - DAY)), "self-signed expired", (18, 10)),
    Row("expired of an unknown issuer",
        lambda: sent(leaf(end=NOW - DAY), trusts=[made("Else", ca=True)]), "untrusted-issuer expired", (20,)),
]
CROSSED = [
    Row("cross-signed by a root unknown here", lambda: sent(leaf(), intermediate(), cross())),
    Row("cross-signed, the cross has expired", lambda: sent(leaf(), intermediate(), cross(end=NOW - DAY))),
    Row("cross-signed, the cross and its root have expired",
        lambda: below(intermediate(), and_then=[authority("Root", old_root(), end=NOW - DAY)], trusts=[root(), old_root()])),
    Row("cross-signed, the cross signed with SHA-1", lambda: sent(leaf(), intermediate(), cross(digest="SHA-1"))),
    Row("cross-signed, only the other root is trusted",
        lambda: sent(leaf(), intermediate(), cross(), trusts=[made("Other root", ca=True, usage=SIGNS)])),
    Row("cross-signed and expired, only the other root is trusted",
        lambda: sent(leaf(), intermediate(), cross(end=NOW - DAY), trusts=[made("Other root", ca=True, usage=SIGNS)]),
        "expired", (10,)),
    Row("two paths, the first expired", lambda: sent(leaf(), authority(end=NOW - DAY), intermediate())),
    Row("two paths, the second expired", lambda: sent(leaf(), intermediate(), authority(end=NOW - DAY))),
    Row("leaf expired, the first of two paths not yet valid",
        lambda: sent(leaf(end=NOW - DAY), authority(start=NOW + DAY), intermediate()), "expired", (10,)),
    Row("two paths, the first to a root unknown here",
        lambda: sent(leaf(), authority(by=made("Other root", ca=True)), intermediate()), "untrusted-issuer", (20,)),
    Row("two paths, the second to a root unknown here",
        lambda: sent(leaf(), intermediate(), authority(by=made("Other root", ca=True)))),
    Row("two paths, the first with a constraint that is broken",
        lambda: sent(leaf(), authority(constraints=excludes(*dns(NAME))), intermediate()),
        "certificate-invalid", (48,)),
    Row("an expired cross beside a leaf against a constraint",
        lambda: below(authority(constraints=excludes(*dns(NAME))), and_then=[cross(end=NOW - DAY)]),
        "certificate-invalid", (48,)),
    Row("an expired cross beside a leaf for clients",
        lambda: sent(leaf(purposes=[CLIENT]), intermediate(), cross(end=NOW - DAY)), "purpose", (26,)),
    Row("an expired cross beside an expired leaf",
        lambda: sent(leaf(end=NOW - DAY), intermediate(), cross(digest="SHA-1")), "expired", (10,)),
]
ORDER = [
    Row("wrong order", lambda: sent(leaf(low()), intermediate(), low())),
    Row("a stranger in between", lambda: sent(leaf(), made("Stranger", ca=True), intermediate())),
    Row("another server's chain in between",
        lambda: sent(leaf(), leaf(made("Else", ca=True), subject="other.example.net"), intermediate(), root())),
    Row("the intermediate twice", lambda: sent(leaf(), intermediate(), intermediate())),
    Row("the leaf twice", lambda: sent(*[leaf()] * 2, intermediate())),
    Row("the leaf last", lambda: sent(intermediate(), leaf()), "name purpose", (26, 62)),
    Row("intermediate missing", lambda: sent(leaf()), "untrusted-issuer", (20,)),
    Row("intermediate missing, said where", lambda: sent(leaf(issuer_at=AT)), "intermediate-missing", (20,)),
    Row("intermediate missing, another's root sent",
        lambda: sent(leaf(issuer_at=AT), made("Else", ca=True)), "intermediate-missing", (20,)),
    Row("second intermediate missing, said where", lambda: below(low(issuer_at=AT)), "intermediate-missing", (20,)),
    Row("root of nobody's",
        lambda: sent(leaf(), intermediate(), root(), trusts=[made("Else", ca=True)]), "untrusted-issuer", (19,)),
    Row("root of nobody's, not sent",
        lambda: sent(leaf(), intermediate(), trusts=[made("Else", ca=True)]), "untrusted-issuer", (20,)),
    Row("self-signed", lambda: sent(made(NAME, names=[NAME])), "self-signed", (18,)),
    Row("self-signed, trusted", lambda: alone(made(NAME, names=[NAME]))),
    Row("self-signed CA, trusted", lambda: alone(made(NAME, names=[NAME], ca=True))),
    Row("self-signed, with a chain of strangers",
        lambda: sent(made(NAME, names=[NAME]), intermediate(), root()), "self-signed", (18,)),
    Row("leaf of its issuer's name", lambda: namesake(trusted=True)),
    Row("leaf of its issuer's name, not trusted", lambda: namesake(trusted=False), "untrusted-issuer", (20,)),
    Row("leaf trusted itself", lambda: alone(leaf()), "", (20,), PARTIAL),
    Row("leaf trusted itself, expired", lambda: alone(leaf(end=NOW - DAY)), "expired", (20,)),
    Row("leaf trusted itself, of another name", lambda: alone(leaf(), name="other.example.com"), "name", (20,)),
    Row("intermediate trusted, root not", lambda: sent(leaf(), trusts=[intermediate()]), "", (2,), PARTIAL),
    Row("intermediate trusted, with the root", lambda: sent(leaf(), trusts=[intermediate(), root()])),
    Row("nine CAs", lambda: sent(*ladder(9))),
    Row("ten CAs", lambda: sent(*ladder(10)), "untrusted-issuer", (), TEN),
    Row("twenty CAs", lambda: sent(*ladder(20)), "untrusted-issuer", (), TEN),
    Row("twenty certificates of one name",
        lambda: sent(leaf(), *(authority(holder=f"{n}") for n in range(20)), intermediate()),
        "untrusted-issuer", (), TEN),
]
CONSTRAINTS = [
    Row("permitted name", lambda: below(authority(constraints=permits(*dns("example.com"))))),
    Row("name that is not permitted",
        lambda: below(authority(constraints=permits(*dns("example.net")))), "certificate-invalid", (47,)),
    Row("permitted name beside one that is not",
        lambda: below(authority(constraints=permits(*dns("example.com"))), names=[NAME, "example.net"]),
        "certificate-invalid", (47,)),
    Row("excluded name",
        lambda: below(authority(constraints=excludes(*dns("example.com")))), "certificate-invalid", (48,)),
    Row("excluded name in capitals",
        lambda: below(authority(constraints=excludes(*dns("EXAMPLE.com")))), "certificate-invalid", (48,)),
    Row("another name excluded", lambda: below(authority(constraints=excludes(*dns("example.net"))))),
    Row("permitted address",
        lambda: below(authority(constraints=permits(network("192.0.2.0/24"))), "192.0.2.1", names=["192.0.2.1"])),
    Row("address that is not permitted",
        lambda: below(authority(constraints=permits(network("198.51.100.0/24"))), "192.0.2.1", names=["192.0.2.1"]),
        "certificate-invalid", (47,)),
    Row("excluded address",
        lambda: below(authority(constraints=excludes(network("2001:db8::/32"))), "2001:db8::1", names=["2001:db8::1"]),
        "certificate-invalid", (48,)),
    Row("names constrained, an address asked for",
        lambda: below(authority(constraints=permits(*dns("example.net"))), "192.0.2.1", names=["192.0.2.1"]),
        "certificate-invalid", (47,)),
    Row("constraint and a common name alone, permitted",
        lambda: below(authority(constraints=permits(*dns("example.com"))), names=None), "name", (), COMMON_NAME),
    Row("constraint and a common name alone, not permitted",
        lambda: below(authority(constraints=permits(*dns("example.net"))), names=None),
        "name certificate-invalid", (47,)),
    Row("constraint in the root",
        lambda: under(made("Narrow", ca=True, constraints=permits(*dns("example.net")))), "certificate-invalid", (47,)),
    Row("constraint of a kind that nobody knows",
        lambda: below(authority(constraints=permits(x509.RegisteredID(x509.ObjectIdentifier(OWN)))))),
    Row("wildcard below an excluded name",
        lambda: below(authority(constraints=excludes(*dns(NAME))), names=["*.example.com"])),
]
PURPOSES = [
    Row("for clients", lambda: below(intermediate(), purposes=[CLIENT]), "purpose", (26,)),
    Row("for any purpose", lambda: below(intermediate(), purposes=[Purpose.ANY_EXTENDED_KEY_USAGE]), "purpose", (26,)),
    Row("for servers and clients", lambda: below(intermediate(), purposes=[SERVER, CLIENT])),
    Row("for mail", lambda: below(intermediate(), purposes=[Purpose.EMAIL_PROTECTION]), "purpose", (26,)),
    Row("for server gated cryptography",
        lambda: below(intermediate(), purposes=[GATED]),
        "purpose", (), "Netscape's purpose of the 1990s, which no standard has (RFC 5280 §4.2.1.12)"),
    Row("intermediate for clients", lambda: below(authority(purposes=[CLIENT])), "purpose", (26,)),
    Row("intermediate for servers", lambda: below(authority(purposes=[SERVER]))),
    Row("intermediate for any purpose",
        lambda: below(authority(purposes=[Purpose.ANY_EXTENDED_KEY_USAGE])), "purpose", (26,)),
    Row("root for clients", lambda: under(made("Clients", ca=True, purposes=[CLIENT])), "purpose", (26,)),
    Row("keyUsage without any use in TLS",
        lambda: below(intermediate(), usage=["content_commitment"]), "purpose", (26,)),
    Row("keyUsage of data only", lambda: below(intermediate(), usage=["data_encipherment"]), "purpose", (26,)),
    Row("keyUsage keyAgreement", lambda: below(intermediate(), usage=["key_agreement"])),
    Row("keyUsage keyEncipherment with an EC key", lambda: below(intermediate(), usage=["key_encipherment"])),
    Row("Netscape's type server", lambda: below(intermediate(), others=[raw(NETSCAPE_TYPE, b"\x03\x02\x06\x40")])),
    Row("Netscape's type client",
        lambda: below(intermediate(), others=[raw(NETSCAPE_TYPE, b"\x03\x02\x07\x80")]), "purpose", (26,)),
    Row("unknown critical extension in the leaf",
        lambda: below(intermediate(), others=[raw(OWN, b"\x05\0", critical=True)]), "certificate-invalid", (34,)),
    Row("unknown critical extension in the intermediate",
        lambda: below(authority(others=[raw(OWN, b"\x05\0", critical=True)])), "certificate-invalid", (34,)),
    Row("unknown extension", lambda: below(intermediate(), others=[raw(OWN, b"\x05\0")])),
    Row("must-staple",
        lambda: below(intermediate(), others=[(x509.TLSFeature([x509.TLSFeatureType.status_request]), False)])),
]
NAMES = [
    Row("another name", lambda: of("mx.example.org", NAME), "name", (62,)),
    Row("a name below", lambda: of("a.mx.example.com", NAME), "name", (62,)),
    Row("the name above", lambda: of("example.com", NAME), "name", (62,)),
    Row("second of two", lambda: of(NAME, "other.example.com", NAME)),
    Row("capitals asked for", lambda: of("MX.Example.COM", NAME)),
    Row("capitals in the certificate", lambda: of(NAME, "MX.Example.COM")),
    Row("trailing dot asked for",
        lambda: of("mx.example.com.", NAME), "", (62,), "an absolute name is the same name (RFC 1034 §3.1)"),
    Row("trailing dot in the certificate", lambda: of(NAME, "mx.example.com."), "name", (62,)),
    Row("wildcard", lambda: of(NAME, "*.example.com")),
    Row("wildcard in capitals", lambda: of(NAME, "*.EXAMPLE.com")),
    Row("wildcard over two labels", lambda: of("a.mx.example.com", "*.example.com"), "name", (62,)),
    Row("wildcard for the name above", lambda: of("example.com", "*.example.com"), "name", (62,)),
    Row("wildcard in part of a label",
        lambda: of(NAME, "m*.example.com"), "name", (), "a wildcard is a whole label (RFC 9525 §6.3)"),
    Row("wildcard in the second label", lambda: of(NAME, "mx.*.com"), "name", (62,)),
    Row("two wildcards", lambda: of("a.mx.example.com", "*.*.example.com"), "name", (62,)),
    Row("wildcard at the top", lambda: of("example.com", "*.com"), "name", (62,)),
    Row("wildcard at a public suffix", lambda: of("example.co.uk", "*.co.uk")),
    Row("wildcard alone", lambda: of("localhost", "*"), "name", (62,)),
    Row("name of one label", lambda: of("mailhost", "mailhost")),
    Row("A-label", lambda: of("xn--grn-ioa.example.com", "xn--grn-ioa.example.com")),
    Row("A-label under a wildcard", lambda: of("xn--grn-ioa.example.com", "*.example.com")),
    Row("wildcard in an A-label", lambda: of("xn--grn-ioa.example.com", "xn--*.example.com"), "name", (62,)),
    Row("U-label",
        lambda: below(intermediate(), "xn--grn-ioa.example.com", names=None, others=[raw(SAN, U_LABEL)]), "name", (62,),
        ),
    Row("underscore", lambda: of("_mx.example.com", "_mx.example.com")),
    Row("common name alone", lambda: below(intermediate(), names=None), "name", (), COMMON_NAME),
    Row("common name beside other names", lambda: below(intermediate(), names=["other.example.com"]), "name", (62,)),
    Row("common name beside an address", lambda: below(intermediate(), names=["192.0.2.1"]), "name", (), COMMON_NAME),
    Row("common name beside a mailbox",
        lambda: below(intermediate(), names=[x509.RFC822Name("postmaster@example.com")]), "name", (), COMMON_NAME),
    Row("common name beside a URI",
        lambda: below(intermediate(), names=[x509.UniformResourceIdentifier(f"smtp://{NAME}")]),
        "name", (), COMMON_NAME),
    Row("no name at all", lambda: below(intermediate(), subject=x509.Name([]), names=None), "name", (62,)),
    Row("no subject, a subjectAltName", lambda: below(intermediate(), subject=x509.Name([]))),
    Row("empty subjectAltName",
        lambda: below(intermediate(), names=None, others=[raw(SAN, b"\x30\0")]), "name", (), COMMON_NAME),
    Row("subjectAltName that is none",
        lambda: below(intermediate(), names=None, others=[raw(SAN, b"\x04\x02hi")]), "certificate-invalid", (20,)),
    Row("IPv4 address", lambda: of("192.0.2.1", "192.0.2.1")),
    Row("another IPv4 address", lambda: of("192.0.2.2", "192.0.2.1"), "name", (64,)),
    Row("IPv6 address", lambda: of("2001:DB8:0::1", "2001:db8::1")),
    Row("IPv4 address mapped into IPv6", lambda: of("192.0.2.1", "::ffff:192.0.2.1"), "name", (64,)),
    Row("address as dNSName", lambda: of("192.0.2.1", x509.DNSName("192.0.2.1")), "address-as-name", (64,)),
    Row("IPv6 address as dNSName", lambda: of("2001:db8::1", x509.DNSName("2001:db8::1")), "address-as-name", (64,)),
    Row("address as dNSName and as iPAddress", lambda: of("192.0.2.1", x509.DNSName("192.0.2.1"), "192.0.2.1")),
    Row("address under a wildcard", lambda: of("192.0.2.1", "*.0.2.1"), "name", (64,)),
    Row("address as common name",
        lambda: below(intermediate(), "192.0.2.1", subject="192.0.2.1", names=None), "name", (64,)),
    Row("address of five octets",
        lambda: below(intermediate(), "192.0.2.1", names=None, others=[raw(SAN, FIVE_OCTETS)]),
        "certificate-invalid", (64,)),
    Row("name of an address's certificate", lambda: of(NAME, "192.0.2.1"), "name", (), COMMON_NAME),
    Row("NUL in the name", lambda: of(NAME, f"{NAME}\0.example.net"), "name", (62,)),
    Row("NUL after the name", lambda: of(NAME, f"{NAME}\0"), "name", (62,)),
    Row("NUL in the common name",
        lambda: below(intermediate(), subject=f"{NAME}\0.example.net", names=None), "name", (62,)),
    Row("blank after the name", lambda: of(NAME, f"{NAME} "), "name", (62,)),
    Row("empty name", lambda: of(NAME, ""), "name", (62,)),
    Row("a thousand names, the last of them right",
        lambda: of(NAME, *(f"mx{n}.example.net" for n in range(1000)), NAME)),
    Row("a thousand names, none of them right",
        lambda: of(NAME, *(f"mx{n}.example.net" for n in range(1000))), "name", (62,)),
    Row("directoryName and registeredID",
        lambda: of(NAME, x509.DirectoryName(common_name("x")), x509.RegisteredID(x509.ObjectIdentifier(OWN)), NAME)),
]
ODD = [
    Row("negative serial number of the root", lambda: under(made("Minus", ca=True, edit=negative_serial))),
    Row("root of version 2", lambda: under(made("V2", ca=True, edit=version_2))),
    Row("leaf of version 2",
        lambda: below(intermediate(), edit=version_2),
        "no-certificate", (), "cryptography reads versions 1 and 3; there is no other in use"),
    Row("odd extension in the root", lambda: under(made("Odd", ca=True, others=[raw(SAN, FIVE_OCTETS)]))),
    Row("odd extension in the intermediate", lambda: below(authority(others=[raw(SAN, FIVE_OCTETS)]))),
    Row("odd extension in the leaf",
        lambda: below(intermediate(), others=[raw(INFORMATION_ACCESS, b"\x04\x02hi")]),
        "certificate-invalid", (), "cryptography reads all extensions or none, and so not the names"),
    Row("odd extension in an intermediate for servers",
        lambda: below(authority(others=[raw(SAN, FIVE_OCTETS)], purposes=[SERVER])),
        "certificate-invalid", (), "cryptography reads all extensions or none, and so not the purposes"),
    Row("odd extension in an intermediate for clients",
        lambda: below(authority(others=[raw(SAN, FIVE_OCTETS)], purposes=[CLIENT])), "certificate-invalid", (26,)),
    Row("negative serial number", lambda: below(intermediate(), edit=negative_serial)),
    Row("serial number that is none", lambda: below(intermediate(), edit=no_serial), "no-certificate", (0,)),
    Row("an extension twice in the leaf",
        lambda: below(intermediate(), edit=first_extension_twice), "certificate-invalid", (20,)),
    Row("an extension twice in the intermediate",
        lambda: below(authority(edit=first_extension_twice)), "certificate-invalid", (20,)),
    Row("basicConstraints that are none",
        lambda: below(authority(ca=None, others=[raw(BASIC_CONSTRAINTS, b"\x04\x02hi", critical=True)])),
        "certificate-invalid", (20,)),
    Row("country of three letters", lambda: below(intermediate(), subject=odd_name(NameOID.COUNTRY_NAME, "DEU"))),
    Row("country of three letters, not trusted",
        lambda: untrusted(made(odd_name(NameOID.COUNTRY_NAME, "DEU"), ca=True)), "untrusted-issuer", (19,)),
    Row("subject of ten thousand letters",
        lambda: below(intermediate(), subject=odd_name(NameOID.COMMON_NAME, "x" * 10_000))),
]
# fmt: on
TABLE = [*SOUND, *AUTHORITIES, *STRENGTH, *DATES, *CROSSED, *ORDER, *CONSTRAINTS, *PURPOSES, *NAMES, *ODD]


@functools.cache
def built(slug: str) -> Chain:
    return next(row.chain() for row in TABLE if row.slug == slug)


def judged(chain: Chain, directory: Path, now: datetime = NOW) -> tuple[certificates.Problem, ...]:
    return judgement(chain, directory, now).problems


def judgement(chain: Chain, directory: Path, now: datetime = NOW) -> certificates.Judgement:
    """What the judge says of the chain as a session reads it: up to the first certificate that cannot be read."""
    read = list(itertools.takewhile(lambda each: each is not None, map(load, chain.sent)))
    return certificates.judge(read, chain.name, ca_file=pem(chain.trusted, directory / "ca.pem"), now=now)


def verified(chain: Chain, directory: Path) -> tuple[int, ...]:
    """The errors of `openssl verify` (X509_V_ERR_…), each once; 0 stands for one that has no number."""
    first, *rest = chain.sent
    command = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-purpose", "sslserver", "-auth_level", "2"]
    command += ["-attime", str(int(NOW.timestamp())), "-CAfile", pem(chain.trusted, directory / "ca.pem")]
    if rest:
        command += ["-untrusted", pem(rest, directory / "rest.pem")]
    command += ["-verify_ip" if is_ip_address(chain.name) else "-verify_hostname", chain.name]
    done = subprocess.run([*command, pem([first], directory / "leaf.pem")], capture_output=True, check=False)
    if done.returncode == 0:
        return ()
    numbers = re.findall(rb"^error (\d+) at", done.stdout + done.stderr, re.MULTILINE)
    return tuple(dict.fromkeys(map(int, numbers))) or (0,)


@functools.cache
def version_of_openssl() -> str:
    if shutil.which("openssl") is None:
        return ""
    return subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout


def test_the_table_is_of_different_chains():
    slugs = [row.slug for row in TABLE]
    assert len(set(slugs)) == len(slugs)


def test_a_difference_has_its_reason_and_nothing_else_has_one():
    assert [row.slug for row in TABLE if bool(row.because) != (bool(row.faults) != bool(row.openssl))] == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.slug)
def test_the_judge_names_every_fault_of_a_chain_and_no_other(row, tmp_path):
    problems = judged(built(row.slug), tmp_path)
    assert {each.fault for each in problems} == {TlsFault(word) for word in row.faults.split()}
    assert all(each.fault.is_of_certificate and each.words for each in problems)
    assert len(set(problems)) == len(problems)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.slug)
def test_openssl_says_of_the_chain_what_the_table_has(row, tmp_path):
    version = version_of_openssl()
    if not re.match("OpenSSL [3-9]", version):
        pytest.skip("there is no openssl program from 3.0 on here")
    errors = verified(built(row.slug), tmp_path)
    assert bool(errors) is bool(row.openssl)
    if version.startswith("OpenSSL 3.0"):  # others have other numbers for some
        assert errors == row.openssl


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("leaf expired", ["CN=mx.example.com expired on 2026-02-28, yesterday"]),
        ("leaf expired last night", ["CN=mx.example.com expired on 2026-02-28, yesterday"]),
        ("leaf expired a second ago", ["CN=mx.example.com expired on 2026-03-01, today"]),
        ("root expired", ["the issuer's certificate CN=Old root expired on 2026-02-28, yesterday"]),
        (
            "intermediate not yet valid",
            ["the issuer's certificate CN=Issuing CA is not valid before 2026-03-02 12:00 UTC"],
        ),
        (
            "leaf and intermediate expired",
            [
                "CN=mx.example.com expired on 2026-02-27, 2 days ago",
                "the issuer's certificate CN=Issuing CA expired on 2026-02-28, yesterday",
            ],
        ),
        ("another name", ["the certificate is for mx.example.com, not for mx.example.org"]),
        (
            "address as dNSName",
            ["192.0.2.1 is in the certificate as a DNS name: an address has to be an iPAddress entry (RFC 9525 §6.4)"],
        ),
        (
            "common name beside a mailbox",
            [
                f"the certificate has no DNS name in subjectAltName; its common name {NAME} is no longer read (RFC 9525 §6.3)"
            ],
        ),
        ("no name at all", ["the certificate carries no name (RFC 9525 §6.3)"]),
        ("self-signed", ["the certificate is self-signed, and not among those that are trusted here"]),
        ("root of nobody's", ["the chain ends in CN=Root, a root that is not trusted here"]),
        (
            "second intermediate missing, said where",
            [f"the server did not send the certificate of the issuer CN=Issuing CA, which is available at {AT}"],
        ),
        (
            "intermediate missing",
            ["the issuer CN=Issuing CA is not known here, and the server did not send its certificate"],
        ),
        (
            "ten CAs",
            ["the first 10 certificates of the chain lead to no trusted issuer; no more are read"],
        ),
        (
            "leaf as issuer",
            [
                "CN=mx.example.com is issued by CN=www.example.net, which must not issue certificates "
                "(RFC 5280 §4.2.1.3, §4.2.1.9)"
            ],
        ),
        (
            "intermediate for any purpose",
            ["CN=Issuing CA is not for servers: its purpose is anyExtendedKeyUsage (RFC 5280 §4.2.1.12)"],
        ),
        ("leaf of a key that is no point of its curve", ["the key of CN=mx.example.com cannot be read"]),
        ("leaf of RSA 1024", ["the key of CN=mx.example.com is too short: 1024 bits, but clients want 2048"]),
        ("leaf signed with SHA-1", ["CN=mx.example.com is signed with SHA-1, which clients do not accept"]),
        ("an extension twice in the intermediate", ["the extensions of CN=Issuing CA cannot be read"]),
    ],
)
def test_the_words_say_what_is_wrong_with_which_certificate(slug, words, tmp_path):
    assert [each.words for each in judged(built(slug), tmp_path)] == words


def test_what_is_odd_about_a_certificate_is_no_warning(tmp_path):
    # Warnings are errors here. A serial number below zero in the authorityKeyIdentifier, where only a CA's is looked at:
    issuer = element(0xA1, element(0xA4, root().subject.public_bytes()))
    minus = raw("2.5.29.35", element(0x30, issuer + bytes.fromhex("8201ff")))
    other = leaf(root(), subject="www.example.net", names=["www.example.net"], key_ids=False, others=[minus])
    problems = judged(sent(leaf(other), other), tmp_path)
    assert TlsFault.CERTIFICATE_INVALID in {each.fault for each in problems}


def test_no_certificate_is_a_fault(tmp_path):
    (problem,) = judged(sent(), tmp_path)
    assert problem.fault is TlsFault.NO_CERTIFICATE


def test_the_time_is_that_which_is_given_last(tmp_path):
    chain = built("EC P-256")
    for days, faults in ((0, []), (800, [TlsFault.EXPIRED] * 3), (-800, [TlsFault.NOT_YET_VALID] * 3), (0, [])):
        assert [each.fault for each in judged(chain, tmp_path, NOW + days * DAY)] == faults


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (11, 0), (13, 1), (-11, 0), (-13, -1)])
def test_the_days_that_are_left_are_those_between_dates(hours, days):
    assert described(load(leaf(end=NOW + hours * DAY / 24).der), NOW).days_left == days


@pytest.mark.parametrize(
    ("slug", "path"),
    [
        ("cross-signed by a root unknown here", (0, 1)),
        ("cross-signed, the cross and its root have expired", (0, 1)),
        ("cross-signed, only the other root is trusted", (0, 1, 2)),
        ("two paths, the first expired", (0, 2)),
        ("two paths, the second expired", (0, 1)),
        ("leaf expired", (0, 1)),
        ("leaf trusted itself", ()),
        ("intermediate missing, another's root sent", (0,)),
    ],
)
def test_the_path_leads_from_the_leaf_as_far_as_certificates_were_sent(slug, path, tmp_path):
    assert judgement(built(slug), tmp_path).path == path


def test_without_a_file_the_system_decides(monkeypatch, tmp_path):
    paths = ssl.get_default_verify_paths()
    chain = built("EC P-256")
    for trusted, faults in ((root(), []), (made("Else", ca=True), [TlsFault.UNTRUSTED_ISSUER])):
        certificates.anchors.cache_clear()
        file = pem([trusted.der], tmp_path / "system.pem")
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths._replace(cafile=file, capath=None))  # noqa: B023
        found = certificates.judge([load(each) for each in chain.sent], chain.name, now=NOW)
        assert [each.fault for each in found.problems] == faults
    certificates.anchors.cache_clear()


def test_anchors_are_read_once(tmp_path):
    """What was written into a pipe can be read once."""
    octets = Path(pem([root().der, made("Else", ca=True).der], tmp_path / "ca.pem")).read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(octets,), daemon=True)
    writer.start()
    certificates.require(str(pipe))
    found, directory = certificates.anchors(str(pipe))
    writer.join()
    assert (len(found), directory) == (2, None)


READINGS = pytest.mark.parametrize("read", [certificates.anchors, certificates.require])


@READINGS
def test_no_more_anchors_are_read_than_their_limit(read):
    with pytest.raises(OSError, match="contains more than 16 MiB"):
        read("/dev/zero")


@READINGS
def test_a_damaged_anchor_is_named(read, tmp_path):
    file = tmp_path / "ca.pem"
    good = Path(pem([root().der], tmp_path / "good.pem")).read_text("ascii")
    file.write_text(f"{good}-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "ascii")
    with pytest.raises(OSError, match="certificate 2 of it cannot be read"):
        read(str(file))


@pytest.mark.parametrize("label", ["CERTIFICATE", "X509 CERTIFICATE"])
def test_anchors_under_each_label_are_taken(label, tmp_path):
    file = Path(pem([root().der], tmp_path / "ca.pem"))
    file.write_text(file.read_text("ascii").replace("CERTIFICATE", label), "ascii")
    certificates.require(str(file))
    assert len(certificates.anchors(str(file))[0]) == 1


@pytest.mark.parametrize("content", [None, "", "no certificate\n", "-----BEGIN CERTIFICATE-----\nAA==\n"])
def test_a_file_without_anchors_is_an_error_of_the_caller(content, tmp_path):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, "ascii")
    with pytest.raises(OSError):
        certificates.judge([load(leaf().der)], NAME, ca_file=str(file), now=NOW)


@example(which=0, position=15, octets=b"\x80")
@given(which=st.sampled_from([0, 1]), position=st.integers(0, 700), octets=st.binary(min_size=1, max_size=3))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_chain_that_was_damaged_proves_nothing_and_never_raises(which, position, octets, tmp_path):
    chain = built("EC P-256")
    sound = chain.sent[which]
    damaged = (sound[:position] + octets + sound[position + len(octets) :])[: len(sound)]
    ders = [damaged if place == which else each for place, each in enumerate(chain.sent)]
    assert (damaged == sound) is (judged(chain._replace(sent=tuple(ders)), tmp_path) == ())
    for each in filter(None, map(load, ders)):
        assert described(each, NOW).der
