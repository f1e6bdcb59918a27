"""Servers on loopback that go wrong in one way each, for clients that nobody here wrote."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "localhost"
_DAY = timedelta(days=1)
_PATIENCE_S = 6  # with a client that waits without end
_SIGNS = x509.KeyUsage(
    key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


class Authority:
    """An issuer of certificates whose own one lies in `path`, as strict as Python 3.13 wants them (RFC 5280 §4.2.1)."""

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self._identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        now = datetime.now(UTC)
        certificate = (
            self._builder(self._name, self._key.public_key(), now - _DAY, now + 30 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(_SIGNS, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.path = directory / f"{name}.pem"
        self.path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime, ends: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )

    def context(self, label: str, names: tuple[str, ...] = (NAME,), *, expired: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for the names."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        ends = now - 2 * _DAY if expired else now + 20 * _DAY
        dns: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
        addresses: list[x509.GeneralName] = [x509.IPAddress(ip_address("127.0.0.1"))] if NAME in names else []
        certificate = (
            self._builder(
                x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), key.public_key(), now - 20 * _DAY, ends
            )
            .add_extension(x509.SubjectAlternativeName(dns + addresses), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self._directory / f"{label}-{key.public_key().public_numbers().x:x}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


class Fault:
    """How a server goes wrong: what it offers, replies to verbs, and where it hangs up without a word."""

    def __init__(
        self,
        *,
        offers: tuple[str, ...] = (),
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        greeting: str | None = "220 mx.example.com ready",
        replies: dict[str, str] | None = None,
        hangs_up_at: str | None = None,
    ) -> None:
        self.offers, self.tls, self.implicit, self.greeting = offers, tls, implicit, greeting
        self.replies, self.hangs_up_at = replies or {}, hangs_up_at

    def serve(self, connection: socket.socket) -> None:
        """Hold one session."""
        connection.settimeout(_PATIENCE_S)
        with ExitStack() as opened:
            opened.enter_context(connection)
            with suppress(OSError, ValueError):
                if self.implicit:
                    connection = self._over_tls(connection, opened)
                self._session(connection, opened)

    def _over_tls(self, connection: socket.socket, opened: ExitStack) -> socket.socket:
        assert self.tls is not None
        wrapped = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        opened.enter_context(wrapped)
        wrapped.do_handshake()
        return wrapped

    def _session(self, connection: socket.socket, opened: ExitStack) -> None:
        if self.hangs_up_at == "connect":
            return
        if self.greeting is None:
            while connection.recv(4096):
                pass
            return
        connection.sendall(f"{self.greeting}\r\n".encode())
        lines = opened.enter_context(connection.makefile("rb"))
        while line := lines.readline(4096):
            verb = line.strip().decode("latin-1").upper().partition(" ")[0]
            reply = self._reply(verb)
            if verb == self.hangs_up_at:
                return
            connection.sendall(reply.encode())
            if verb == "QUIT":
                return
            if verb == "STARTTLS" and reply.startswith("220"):
                connection = self._over_tls(connection, opened)
                lines = opened.enter_context(connection.makefile("rb"))
            if verb == "DATA" and reply.startswith("354"):
                while lines.readline(4096).strip() != b".":
                    pass
                connection.sendall(b"250 taken\r\n")

    def _reply(self, verb: str) -> str:
        if verb in self.replies:
            return f"{self.replies[verb]}\r\n"
        if verb == "EHLO":
            keywords = [each for each in self.offers if each != "STARTTLS" or self.tls]
            lines = ["mx.example.com", *keywords]
            return "".join(f"250{'-' if n < len(lines) - 1 else ' '}{each}\r\n" for n, each in enumerate(lines))
        known = {"DATA": "354 go on", "QUIT": "221 bye"}
        known["STARTTLS"] = "220 go ahead" if self.tls else "502 5.5.1 not here"
        known["AUTH"] = (
            "235 you are in" if any(each.startswith("AUTH") for each in self.offers) else "502 5.5.1 not here"
        )
        return f"{known.get(verb, '250 fine')}\r\n"


@contextmanager
def serving(fault: Fault) -> Iterator[int]:
    """The port on which the fault is served."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=fault.serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


Make = Callable[[Authority, Authority], Fault]
