"""What a caller chooses of TLS: versions, ciphers, application protocols; and which group exchanged the keys."""

from __future__ import annotations

import contextlib
import ssl
import warnings

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from OpenSSL import SSL

from smtpprobe.model.request import TlsOptions, TlsVersion
from smtpprobe.net import tls
from smtpprobe.net.hello import GROUPS, HandshakeMessages
from smtpprobe.testing.certificates import server_certificate
from tests.net.test_tls import _Kind, shaken, watched

V = TlsVersion
OLD, NEW = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def server(least: ssl.TLSVersion = ssl.TLSVersion.MINIMUM_SUPPORTED, **fields: object) -> ssl.SSLContext:
    context = server_certificate().server_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = least
    for name, value in fields.items():
        setattr(context, name, value)
    return context


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("options", "version"),
    [
        (TlsOptions(), "TLSv1.3"),
        (TlsOptions(max_version=V.TLS_1_2), "TLSv1.2"),
        (TlsOptions(min_version=V.TLS_1_2, max_version=V.TLS_1_2), "TLSv1.2"),
        (TlsOptions(min_version=V.TLS_1_3), "TLSv1.3"),
        (TlsOptions(max_version=V.TLS_1_1), "TLSv1.1"),
        (TlsOptions(min_version=V.TLS_1_0, max_version=V.TLS_1_0), "TLSv1"),
    ],
)
def test_the_version_that_is_wanted_is_negotiated(strict, options, version):
    context = server(ssl.TLSVersion.TLSv1)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    offered = tls.context(strict, options)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    other = context.wrap_bio(to_server, to_client, server_side=True)
    ours = offered.wrap_bio(to_client, to_server, server_hostname="mx.example.com")
    for _ in range(4):
        for side in (ours, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ours.version() == version


def test_ciphers_and_protocol():
    certificate = server_certificate()
    chosen = TlsOptions(max_version=V.TLS_1_2, ciphers="ECDHE-ECDSA-AES256-GCM-SHA384", alpn=("smtp",))
    connection = shaken(certificate, tls.context(True, chosen))
    assert (connection.cipher() or ("",))[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"
    assert connection.selected_alpn_protocol() is None  # this server knows none


def test_ciphers_that_are_none_are_a_mistake():
    with pytest.raises(ValueError, match="'NO-SUCH'"):
        tls.context(True, TlsOptions(ciphers="NO-SUCH"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (TlsOptions(), None),
        (TlsOptions(max_version=V.TLS_1_1), "TLS 1.1 or older"),
        (TlsOptions(min_version=V.TLS_1_2), "TLS 1.2 or newer"),
        (TlsOptions(min_version=V.TLS_1_2, max_version=V.TLS_1_2, ciphers="AES128-SHA"), "TLS 1.2, ciphers AES128-SHA"),
        (TlsOptions(min_version=V.TLS_1_0, max_version=V.TLS_1_1), "TLS 1.0 to 1.1"),
    ],
)
def test_what_is_asked_for_in_words(options, words):
    assert tls.asked_for(options) == words


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(
    ("curve", "name"), [("prime256v1", "secp256r1"), ("secp384r1", "secp384r1"), ("X25519", "x25519")]
)
def test_the_group_of_the_key_exchange_is_read(version, curve, name):
    context = server(OLD, maximum_version=version)
    context.set_ecdh_curve(curve)
    assert watched(tls.context(False), context).group == name


def test_without_ephemeral_keys_there_is_no_group():
    assert HandshakeMessages().group is None


@pytest.mark.parametrize(
    ("number", "name"), [(4588, "X25519MLKEM768"), (29, "x25519"), (513, "MLKEM768"), (0x7A7A, "0x7a7a")]
)
def test_a_group_of_tls_1_3_by_its_number(number, name):
    messages = HandshakeMessages()
    extensions = b"\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x06" + number.to_bytes(2, "big") + b"\x00\x02\x01\x02"
    body = b"\x03\x03" + bytes(32) + b"\x00\x13\x01\x00" + len(extensions).to_bytes(2, "big") + extensions
    octets = bytes([2]) + len(body).to_bytes(3, "big") + body
    messages._seen(None, "read", None, _Kind("HANDSHAKE"), None, octets)
    assert messages.group == name
    assert GROUPS.get(number, name) == name


def test_nothing_is_resumed():
    certificate = server_certificate()
    assert [shaken(certificate, tls.context(False)).session_reused for _ in range(2)] == [False, False]


def test_the_hybrid_group_is_read_from_a_server_that_has_it():
    # Python's own OpenSSL may be too old for it; the one that pyOpenSSL brings is not.
    certificate = server_certificate()
    context = SSL.Context(SSL.TLS_METHOD)
    context.use_privatekey(load_pem_private_key(certificate.key_pem, None))
    context.use_certificate(load_pem_x509_certificate(certificate.chain_pem))
    other, ours = SSL.Connection(context, None), SSL.Connection(SSL.Context(SSL.TLS_METHOD), None)
    other.set_accept_state()
    ours.set_connect_state()
    for side, peer in ((ours, other), (other, ours)):
        with contextlib.suppress(SSL.WantReadError):
            side.do_handshake()
        octets = side.bio_read(65536)
        peer.bio_write(octets)
    # RFC 8446 §5.1: the first record of the server's flight is its ServerHello, behind five octets.
    messages = HandshakeMessages()
    messages._seen(None, "read", None, _Kind("HANDSHAKE"), None, octets[5 : 5 + int.from_bytes(octets[3:5], "big")])
    assert messages.group == "X25519MLKEM768"
