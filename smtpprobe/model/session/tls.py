"""What a TLS handshake agreed on, the certificates that the server sent, and why either fails."""

from __future__ import annotations

from datetime import datetime

import msgspec

from smtpprobe.model.clock import Time, days_until
from smtpprobe.model.words import Word


class TlsFault(Word):
    """Why a handshake failed, or a certificate does not verify."""

    UNTRUSTED_ISSUER = "untrusted-issuer"  # the chain leads to no certificate that is trusted here
    SELF_SIGNED = "self-signed"
    INTERMEDIATE_MISSING = "intermediate-missing"  # the server did not send it
    NAME = "name"  # the certificate is for another name (RFC 9525 §6)
    ADDRESS_AS_NAME = "address-as-name"  # an IP address stands in it as a DNS name (RFC 9525 §6.4)
    PURPOSE = "purpose"  # not for servers (RFC 5280 §4.2.1.12)
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    KEY_TOO_SMALL = "key-too-small"
    SIGNATURE_TOO_WEAK = "signature-too-weak"  # a digest such as MD5 or SHA-1
    NO_CERTIFICATE = "no-certificate"  # the server sent none
    CERTIFICATE_INVALID = "certificate-invalid"  # does not verify for another reason
    CLIENT_CERTIFICATE_WANTED = "client-certificate-wanted"  # the server asks for one and got none
    CLIENT_CERTIFICATE_REFUSED = "client-certificate-refused"
    NOT_TLS = "not-tls"  # what came is not a TLS record
    PROTOCOL = "protocol"  # no TLS version in common
    LIMITED = "limited"  # nothing in common within the versions and ciphers that the caller allows
    DH_TOO_SMALL = "dh-too-small"  # the server's Diffie-Hellman parameters
    OLD_RENEGOTIATION = "old-renegotiation"  # the server does not know RFC 5746
    NO_SHARED_CIPHER = "no-shared-cipher"  # nor, as servers put it, a usable key
    CLOSED = "closed"  # the server closed the connection during the handshake
    RESET = "reset"
    TIMED_OUT = "timed-out"
    LOCAL = "local"  # our own files could not be used
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def is_of_certificate(self) -> bool:
        """Whether the server's certificate is what does not verify."""
        return self in _OF_CERTIFICATE


_OF_CERTIFICATE = frozenset(
    {
        TlsFault.UNTRUSTED_ISSUER, TlsFault.SELF_SIGNED, TlsFault.INTERMEDIATE_MISSING, TlsFault.NAME,
        TlsFault.ADDRESS_AS_NAME, TlsFault.PURPOSE, TlsFault.EXPIRED, TlsFault.NOT_YET_VALID, TlsFault.KEY_TOO_SMALL,
        TlsFault.SIGNATURE_TOO_WEAK, TlsFault.NO_CERTIFICATE, TlsFault.CERTIFICATE_INVALID,
    }
)  # fmt: skip


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate of the chain that the server sent, leaf first."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: Time
    not_after: Time
    serial: str
    key: str  # "RSA 2048", "EC secp256r1"
    signature: str
    sha256: str
    spki_sha256: str
    self_signed: bool
    der: bytes = b""  # the certificate itself
    # From the session's date to that of `not_after`, in UTC; 0 on the last day, then negative.
    days_left: int | None = None

    def left(self, at: datetime) -> int:
        """Its days, as they were counted in the session; from `at` in early reports."""
        return days_until(self.not_after, at) if self.days_left is None else self.days_left


class TlsSession(msgspec.Struct, frozen=True, kw_only=True):
    """What a handshake agreed on, and whether the certificate verifies (RFC 3207 §4.1).

    `problems` says why it does not, in words; `faults` has a word for each of them, in the same order. `path` has the
    places in `chain` of the certificates that lead from the leaf towards what is trusted, which is not among them; a
    server may send others beside them. It is empty if the leaf itself is trusted, and in early reports.
    """

    version: str | None
    cipher: str | None
    bits: int | None
    name: str  # the name that the certificate must carry
    sni: str | None
    chain: tuple[Certificate, ...]
    verified: bool
    problems: tuple[str, ...] = ()
    faults: tuple[TlsFault, ...] = ()
    path: tuple[int, ...] = ()
    enforced: bool = False  # whether a failure to verify ended the session
    dh_bits: int | None = None  # of finite-field Diffie-Hellman up to TLS 1.2
    secure_renegotiation: bool | None = None  # RFC 5746, up to TLS 1.2
    client_certificate_asked: bool | None = None
    client_certificate_shown: bool | None = None  # None also if there was no occasion
    group: str | None = None  # of the key exchange, as IANA calls it (X25519MLKEM768); None if it is not known
    alpn: str | None = None  # the application protocol that the server chose (RFC 7301)

    @property
    def line(self) -> tuple[Certificate, ...]:
        """The certificates of the path; the leaf alone if there is none."""
        return tuple(self.chain[place] for place in self.path if place in range(len(self.chain))) or self.chain[:1]
