"""Rows of the STARTTLS check: sessions that end after EHLO, once TLS has come about or not."""

from __future__ import annotations

import msgspec

from smtpprobe.model.transcript import Phase, Transcript
from smtpprobe.testing.cases import CaseRequest
from smtpprobe.testing.certificates import CertificateKind
from tests.checks.tls.sessions import IN_CLEAR, NOT_TRIED, over_tls
from tests.finding_cases.row import Given, Played, Row

OFFER = "S: 220 mx.example.com\nC: EHLO client.example.org\nS: 250-mx.example.com\nS: 250 STARTTLS\nC: STARTTLS\n"
READY = 'S= "220 2.0.0 Ready\\r\\n"\n'
HELLO = "TLS\nC: EHLO client.example.org\nS: 250 mx.example.com\n"
QUIT = "C: QUIT\nS: 221 2.0.0 Bye\nEOF\n"
TRUSTED = CaseRequest(quit_after=Phase.TLS, trust=True)
FINE = Played(OFFER + READY + HELLO + QUIT, TRUSTED)


def negotiated(version: str) -> Given:
    """A session over this version of TLS."""
    held = over_tls()
    exchanges = tuple(
        msgspec.structs.replace(each, tls=each.tls and msgspec.structs.replace(each.tls, version=version))
        for each in held.exchanges
    )
    return Given(transcript=msgspec.structs.replace(held, exchanges=exchanges))


def shown(kind: CertificateKind) -> Played:
    """The server shows a certificate of this kind, whose CA is trusted."""
    return Played(FINE.session, msgspec.structs.replace(TRUSTED, certificate=kind))


def held(transcript: Transcript) -> Given:
    return Given(transcript=transcript)


ROWS = (
    Row("starttls-not-offered", held(IN_CLEAR), held(NOT_TRIED)),
    Row("starttls-refused", Played(OFFER + "S: 454 4.7.0 Not now\n" + QUIT, TRUSTED), FINE),
    Row(
        "starttls-injected-reply",
        Played(OFFER + 'S= "220 2.0.0 Ready\\r\\n250 Ok\\r\\n"\n' + HELLO + QUIT, TRUSTED),
        Played(OFFER + 'S= "220-2.0.0 Get\\r\\n220 2.0.0 Ready\\r\\n"\n' + HELLO + QUIT, TRUSTED),
    ),
    Row("tls-handshake-failed", Played(OFFER + READY + 'S= "garbage\\r\\n"\nEOF\n', TRUSTED), FINE),
    Row("certificate-unverified", shown(CertificateKind.EXPIRED), shown(CertificateKind.VALID)),
    Row("certificate-unverified", shown(CertificateKind.NOT_YET_VALID), shown(CertificateKind.VALID)),
    Row("certificate-unverified", shown(CertificateKind.OTHER_NAME), shown(CertificateKind.VALID)),
    Row("certificate-unverified", Played(FINE.session, msgspec.structs.replace(TRUSTED, trust=False)), FINE),
    Row("tls-version-old", negotiated("TLSv1.1"), negotiated("TLSv1.2")),
)
