from __future__ import annotations

import ssl

import pytest

from smtpprobe.testing.certificates import CertificateKind, server_certificate


def handshake(kind: CertificateKind, name: str = "mx.example.com", trusted: bool = True) -> None:
    certificate = server_certificate(kind)
    trust = certificate if trusted else server_certificate()
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = certificate.server_context().wrap_bio(to_server, to_client, server_side=True)
    client = trust.client_context().wrap_bio(to_client, to_server, server_hostname=name)
    pending = [client, server]
    for side in (client, server, client, server):
        if side in pending:
            try:
                side.do_handshake()
                pending.remove(side)
            except ssl.SSLWantReadError:
                pass
    assert pending == []


@pytest.mark.parametrize("name", ["mx.example.com", "127.0.0.1", "::1", "localhost"])
def test_a_valid_certificate_verifies_for_each_of_its_names(name):
    handshake(CertificateKind.VALID, name)


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (CertificateKind.EXPIRED, "certificate has expired"),
        (CertificateKind.NOT_YET_VALID, "not yet valid"),
        (CertificateKind.OTHER_NAME, "Hostname mismatch"),
        (CertificateKind.WEAK_KEY, "key too (weak|small)"),
    ],
)
def test_each_faulty_certificate_fails_for_its_fault(kind, complaint):
    with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        handshake(kind)


def test_a_self_signed_certificate_is_not_trusted_by_strangers():
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate"):
        handshake(CertificateKind.SELF_SIGNED, trusted=False)


def test_another_ca_is_not_trusted():
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        handshake(CertificateKind.VALID, trusted=False)
