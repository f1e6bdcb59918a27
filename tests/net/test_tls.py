from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from smtpprobe.model.request import TlsOptions
from smtpprobe.model.transcript import TlsFault, TlsSession
from smtpprobe.net import certificates, tls, tls_fault
from smtpprobe.net.connection import Connection
from smtpprobe.net.hello import HandshakeMessages
from smtpprobe.testing.certificates import CertificateKind, ServerCertificate, server_certificate

NAME = "mx.example.com"
NOW = datetime.now(UTC)


def shaken(server: ServerCertificate, client: ssl.SSLContext, name: str | None = NAME) -> ssl.SSLObject:
    """The client's side of a handshake in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    other = server.server_context().wrap_bio(to_server, to_client, server_side=True)
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (ours, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ours.version() is not None
    return ours


def described(
    server: ServerCertificate, trusted: ServerCertificate | None = None, name: str = NAME, now=NOW
) -> TlsSession:
    """What a handshake that accepts anything is found to have shown, the server's CA being trusted."""
    with (trusted or server).files() as (_, _, ca):
        connection = shaken(server, tls.context(False), name)
        return tls.describe(connection, name, name, enforced=False, ca_file=ca, now=now)


def test_a_valid_chain_verifies():
    session = described(server_certificate())
    assert session.verified
    assert session.problems == ()
    assert (session.name, session.sni, session.version, session.enforced) == (NAME, NAME, "TLSv1.3", False)
    leaf, issuer = session.chain
    assert (leaf.names, leaf.key, leaf.self_signed) == ((NAME, "localhost", "127.0.0.1", "::1"), "EC secp256r1", False)
    assert (leaf.issuer, issuer.self_signed) == (issuer.subject, True)
    assert (len(leaf.sha256), len(leaf.spki_sha256)) == (64, 64)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("enforced", [False, True])
@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (CertificateKind.EXPIRED, TlsFault.EXPIRED),
        (CertificateKind.NOT_YET_VALID, TlsFault.NOT_YET_VALID),
        (CertificateKind.OTHER_NAME, TlsFault.NAME),
        (CertificateKind.WEAK_KEY, TlsFault.KEY_TOO_SMALL),
        (CertificateKind.VALID, None),
    ],
)
def test_no_handshake_judges_a_certificate_and_describing_it_does(kind, fault, strict, enforced):
    server = server_certificate(kind)
    with server.files() as (_, _, ca):
        connection = shaken(server, tls.context(strict and kind is not CertificateKind.WEAK_KEY))
        session = tls.describe(connection, NAME, NAME, enforced=enforced, ca_file=ca, now=NOW)
    assert (session.verified, session.enforced) == (fault is None, enforced)
    assert session.faults == ((fault,) if fault else ())
    assert all(each.is_of_certificate for each in session.faults)
    assert session.chain


class Shown:
    """What a handshake left, with these certificates in DER."""

    def __init__(self, *ders: bytes) -> None:
        self._ders = ders

    def version(self) -> str:
        return "TLSv1.3"

    def cipher(self) -> tuple[str, str, int]:
        return "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256

    def selected_alpn_protocol(self) -> None:
        return None

    def get_unverified_chain(self) -> list[bytes]:
        return list(self._ders)


@pytest.mark.parametrize(
    ("before", "after", "faults"),
    [
        ([], [], ()),
        ([], [b"garbage"], ()),
        ([b"garbage"], [], (TlsFault.CERTIFICATE_INVALID,)),
        (None, None, (TlsFault.NO_CERTIFICATE,)),
        ([b""], None, (TlsFault.CERTIFICATE_INVALID,)),
    ],
)
def test_a_certificate_that_cannot_be_read_hides_no_other(before, after, faults):
    server = server_certificate()
    leaf, issuer = (each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(server.chain_pem))
    ders = [*(before or []), *([leaf, *after, issuer] if after is not None else [])]
    with server.files() as (_, _, ca):
        session = tls.describe(Shown(*ders), NAME, None, enforced=True, ca_file=ca, now=NOW)  # type: ignore[arg-type]
    assert session.faults == faults
    assert len(session.chain) == (0 if faults else 2)


def test_what_is_strict_is_what_clients_of_today_take():
    strict, any_at_all = tls.context(True), tls.context(False)
    assert strict.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert any_at_all.minimum_version is ssl.TLSVersion.MINIMUM_SUPPORTED
    assert any_at_all.options & 0x4  # SSL_OP_LEGACY_SERVER_CONNECT
    assert not strict.options & 0x4
    for context in (strict, any_at_all):
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


def test_a_file_that_is_none_is_an_error_of_the_caller(tmp_path):
    with pytest.raises(OSError):
        tls.context(True, TlsOptions(client_cert="/nonexistent.pem"))
    with pytest.raises(OSError):
        certificates.anchors("/nonexistent.pem")
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    with pytest.raises(OSError):
        certificates.anchors(str(empty))


def failure(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLError:
    """What the client's side of a handshake in memory, or the first octet after it, fails with."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    other = server.wrap_bio(to_server, to_client, server_side=True)
    ours = client.wrap_bio(to_client, to_server, server_hostname=NAME)
    for _ in range(4):
        try:
            ours.do_handshake()
            ours.read(1)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            return error
        with contextlib.suppress(ssl.SSLError):
            other.do_handshake()
    raise AssertionError("the handshake did not fail")


def with_versions(context: ssl.SSLContext, least: ssl.TLSVersion, most: ssl.TLSVersion) -> ssl.SSLContext:
    context.minimum_version, context.maximum_version = least, most
    return context


@pytest.mark.parametrize("oldest", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2])
def test_no_version_in_common_is_a_fault_of_the_protocol(oldest):
    certificate = server_certificate()
    server = with_versions(certificate.server_context(), ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    client = with_versions(certificate.client_context(), ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    if oldest is ssl.TLSVersion.TLSv1_2:
        server, client = with_versions(server, oldest, oldest), with_versions(client, ssl.TLSVersion.TLSv1_3, oldest)
    assert tls_fault.fault_of(failure(client, server)) is TlsFault.PROTOCOL


def test_no_cipher_in_common_is_a_fault_of_its_own():
    certificate, version = server_certificate(), ssl.TLSVersion.TLSv1_2
    server = with_versions(certificate.server_context(), version, version)
    server.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    client = with_versions(certificate.client_context(), version, version)
    client.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    assert tls_fault.fault_of(failure(client, server)) is TlsFault.NO_SHARED_CIPHER


@pytest.mark.parametrize(
    ("shows", "fault"),
    [(False, TlsFault.CLIENT_CERTIFICATE_WANTED), (True, TlsFault.CLIENT_CERTIFICATE_REFUSED)],
)
def test_a_client_certificate_that_the_server_wants_is_no_fault_of_its_own(shows, fault):
    certificate, stranger = server_certificate(), server_certificate()
    server, client = certificate.server_context(), certificate.client_context()
    server.verify_mode = ssl.CERT_REQUIRED
    with certificate.files() as (_, _, ca):
        server.load_verify_locations(ca)
    if shows:
        with stranger.files() as (chain, key, _):
            client.load_cert_chain(chain, key)
    assert tls_fault.fault_of(failure(client, server)) is fault
    assert not fault.is_of_certificate


def test_a_certificate_that_was_asked_for_and_not_shown_is_wanted_before_tls_1_3_too():
    certificate = server_certificate()
    server = with_versions(certificate.server_context(), ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    server.verify_mode = ssl.CERT_REQUIRED
    with certificate.files() as (_, _, ca):
        server.load_verify_locations(ca)
    messages, client = HandshakeMessages(), tls.context(False)
    messages.watch(client)
    error = failure(client, server)
    assert tls_fault.fault_of(error, messages) is TlsFault.CLIENT_CERTIFICATE_WANTED
    assert tls_fault.explain_failure(error, messages).startswith("the server asks for a client certificate")


DH_1024 = """\
-----BEGIN DH PARAMETERS-----
MIGHAoGBALCaLJ97a2OH1h6MFug/osjmCcjDytV+AvpyWqJD/LmiZjevGU/34zdY
uv842drJTO03hY5brceOZRnATPc+IBSB7zD/8jbF4uABy+gpFxMMsuS1mwT9+5gA
eusiPW1dNbso+DjMI+cuVTWKNwPZ5L/SMzJC5FBlJNgiH7G2Wbd3AgEC
-----END DH PARAMETERS-----
"""


@pytest.fixture
def small_dh(tmp_path) -> ssl.SSLContext:
    """A server with Diffie-Hellman parameters of 1024 bits, up to TLS 1.2."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateBuilder(named, named, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    chain, parameters = tmp_path / "chain.pem", tmp_path / "dh.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(secret + builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    parameters.write_text(DH_1024, "ascii")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_ciphers("DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
    server.load_cert_chain(chain)
    server.load_dh_params(parameters)
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    return server


def test_diffie_hellman_parameters_that_are_too_small_are_no_fault_of_the_certificate(small_dh):
    messages, client = HandshakeMessages(), tls.context(True)
    messages.watch(client)
    client.set_ciphers("DEFAULT:@SECLEVEL=2")
    error = failure(client, small_dh)
    fault = tls_fault.fault_of(error)
    assert fault is TlsFault.DH_TOO_SMALL
    assert not fault.is_of_certificate
    assert "Diffie-Hellman" in tls_fault.explain_failure(error)
    assert tls_fault.explain_failure(error, messages).endswith("; they have 1024 bits")


def watched(
    client: ssl.SSLContext, server: ssl.SSLContext, ends: type[ssl.SSLError] = ssl.SSLWantReadError
) -> HandshakeMessages:
    """What the messages showed in a handshake in memory, which may end in errors of the type `ends`."""
    messages = HandshakeMessages()
    messages.watch(client)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    other = server.wrap_bio(to_server, to_client, server_side=True)
    ours = client.wrap_bio(to_client, to_server, server_hostname=NAME)
    for _ in range(4):
        for side in (ours, other):
            with contextlib.suppress(ends):
                side.do_handshake()
    assert ours.version() is not None or ends is ssl.SSLError
    return messages


def test_the_length_of_the_parameters_is_read_where_they_are_taken(small_dh):
    assert watched(tls.context(False), small_dh).dh_bits == 1024


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("asks", [ssl.CERT_NONE, ssl.CERT_OPTIONAL])
def test_what_the_server_s_messages_show(version, asks):
    certificate = server_certificate()
    server = with_versions(certificate.server_context(), version, version)
    with certificate.files() as (_, _, ca):
        server.load_verify_locations(ca)
    server.verify_mode = asks
    messages = watched(tls.context(False), server)
    assert messages.client_certificate_asked is (asks is ssl.CERT_OPTIONAL)
    assert messages.client_certificate_shown is (False if asks is ssl.CERT_OPTIONAL else None)
    assert messages.secure_renegotiation is (True if version is ssl.TLSVersion.TLSv1_2 else None)
    assert messages.dh_bits is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("asks", [ssl.CERT_NONE, ssl.CERT_OPTIONAL])
def test_whether_a_client_certificate_was_shown(version, asks):
    certificate = server_certificate()
    server, client = with_versions(certificate.server_context(), version, version), tls.context(False)
    with certificate.files() as (chain, key, ca):
        server.load_verify_locations(ca)
        client.load_cert_chain(chain, key)
    server.verify_mode = asks
    # The certificate is a server's, which the server takes from nobody: it has seen it all the same.
    assert watched(client, server, ssl.SSLError).client_certificate_shown is (
        True if asks is ssl.CERT_OPTIONAL else None
    )


@pytest.mark.parametrize(("has_certificate", "shown"), [(True, False), (False, None)])
def test_a_client_certificate_that_nobody_asked_for_was_not_shown(has_certificate, shown):
    assert HandshakeMessages(has_certificate=has_certificate).client_certificate_shown is shown


def answered_by(hello: bytes, strict: bool) -> tuple[HandshakeMessages, ssl.SSLError]:
    """What a ServerHello with these octets behind its random shows, and how the handshake stands then."""
    messages, client = HandshakeMessages(), tls.context(strict)
    messages.watch(client)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(incoming, outgoing, server_hostname=NAME)
    with contextlib.suppress(ssl.SSLWantReadError):
        ours.do_handshake()
    body = b"\x03\x03" + bytes(32) + hello
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    incoming.write(b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message)
    with pytest.raises(ssl.SSLError) as raised:
        ours.do_handshake()
    return messages, raised.value


WITHOUT_EXTENSIONS = b"\x00\xc0\x30\x00"  # no session, ECDHE-RSA-AES256-GCM-SHA384, no compression


def test_a_server_without_secure_renegotiation_is_told():
    messages, error = answered_by(WITHOUT_EXTENSIONS, strict=False)
    assert isinstance(error, ssl.SSLWantReadError)  # the probe goes on
    assert messages.secure_renegotiation is False
    late = tls_fault.explain_failure(TimeoutError(), messages, waited_s=5)
    assert late.startswith("no handshake in 5 s; before that, the server does not know secure renegotiation (RFC 5746)")
    messages, error = answered_by(WITHOUT_EXTENSIONS, strict=True)
    assert tls_fault.fault_of(error) is TlsFault.OLD_RENEGOTIATION
    assert tls_fault.explain_failure(error, messages).count("RFC 5746") == 1


@pytest.mark.parametrize(
    "octets", [b"", b"\xff", b"\x00", b"\x00\xc0\x30\x00\x00\x05\xff\x01\x00\x01", b"\x00" * 5 + b"\xff" * 40]
)
def test_a_damaged_message_shows_nothing_and_breaks_nothing(octets):
    messages = HandshakeMessages()
    for kind in (2, 12, 13):
        messages._seen(None, "read", None, _Kind("HANDSHAKE"), None, bytes([kind, 0, 0, 0]) + octets)
    assert messages.client_certificate_asked is True


class _Kind:
    def __init__(self, name: str) -> None:
        self.name = name


def test_without_python_s_hook_nothing_is_known():
    messages = HandshakeMessages()
    messages.watch(object())  # type: ignore[arg-type]
    assert (messages.dh_bits, messages.secure_renegotiation, messages.client_certificate_asked) == (None, None, None)


def test_octets_that_are_no_tls_are_explained():
    context = tls.context(False)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(b"220 mx.example.com ESMTP\r\n")
    with pytest.raises(ssl.SSLError) as failure:
        context.wrap_bio(incoming, outgoing).do_handshake()
    assert "the server does not speak TLS here" in tls_fault.explain_failure(failure.value)
    assert tls_fault.fault_of(failure.value) is TlsFault.NOT_TLS
    assert tls_fault.explain_failure(ConnectionResetError()) == "the server closed the connection during the handshake"


def test_the_end_of_the_octets_in_the_handshake_is_explained():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write_eof()
    with pytest.raises(ssl.SSLError) as failure:
        tls.context(False).wrap_bio(incoming, outgoing).do_handshake()
    assert tls_fault.fault_of(failure.value) is TlsFault.CLOSED
    assert "the server closed the connection during the handshake" in tls_fault.explain_failure(failure.value)


@pytest.mark.parametrize(("how", "fault"), [("reset", TlsFault.RESET), ("closed", TlsFault.CLOSED)])
async def test_a_connection_that_goes_in_the_handshake_is_told_by_how_it_went(how, fault):
    async def go(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if how == "reset":
            # RFC 9293 §3.10.4: closing with a linger time of 0 sends RST.
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort() if how == "reset" else writer.close()

    server = await asyncio.start_server(go, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        connection = await Connection.open("127.0.0.1", port, timeout_s=30)
        with pytest.raises(OSError) as failure:
            await connection.start_tls(tls.context(False), None, 30)
        assert tls_fault.fault_of(failure.value) is fault
        connection.close()


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (TimeoutError(), TlsFault.TIMED_OUT),
        (ValueError("server_hostname cannot be an empty string"), TlsFault.LOCAL),
        (ssl.SSLError(), TlsFault.OTHER),
        (OSError(5, "Input/output error"), TlsFault.OTHER),
    ],
)
def test_what_is_not_of_a_handshake_is_a_fault_too(error, fault):
    assert tls_fault.fault_of(error) is fault
