"""Rows of the STARTTLS check: sessions that end after EHLO, once TLS has come about or not."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from smtpprobe.model.transcript import Certificate, Phase, Transcript
from smtpprobe.testing.cases import CaseRequest
from smtpprobe.testing.certificates import OTHER_NAME, CertificateKind
from smtpprobe.wire.reply_reader import parse_reply
from tests.checks.tls.sessions import IN_CLEAR, NOT_TRIED, over_tls
from tests.finding_cases.row import NOW, Given, Played, Row

OFFER = "S: 220 mx.example.com\nC: EHLO client.example.org\nS: 250-mx.example.com\nS: 250 STARTTLS\nC: STARTTLS\n"
READY = 'S= "220 2.0.0 Ready\\r\\n"\n'
HELLO = "TLS\nC: EHLO client.example.org\nS: 250 mx.example.com\n"
QUIT = "C: QUIT\nS: 221 2.0.0 Bye\nEOF\n"
TRUSTED = CaseRequest(quit_after=Phase.TLS, trust=True)
FINE = Played(OFFER + READY + HELLO + QUIT, TRUSTED)


def with_tls(**fields: object) -> Given:
    """A session over TLS of which this is known."""
    held = over_tls()
    exchanges = tuple(
        msgspec.structs.replace(each, tls=each.tls and msgspec.structs.replace(each.tls, **fields))
        for each in held.exchanges
    )
    return Given(transcript=msgspec.structs.replace(held, exchanges=exchanges))


def expiring(after: timedelta, issued_after: timedelta = timedelta(days=900)) -> Given:
    """The server's certificate and its issuer's, whose last moments are so far from now."""
    certificate = Certificate(
        subject="CN=Example", issuer="CN=CA", names=("mx.example.com",), not_before=NOW - timedelta(days=60),
        not_after=NOW + after, serial="1", key="EC secp256r1", signature="sha256", sha256="", spki_sha256="",
        self_signed=False,
    )  # fmt: skip
    issuer = msgspec.structs.replace(certificate, subject="CN=CA", issuer="CN=Root", not_after=NOW + issued_after)
    return with_tls(chain=(certificate, issuer), path=(0, 1))


def ending_tomorrow(path: tuple[int, ...]) -> Given:
    """The certificate, its issuer's, and one of the root's that another root issued and that is about to end."""
    (held,) = (each.tls for each in expiring(timedelta(days=60)).transcript.exchanges if each.tls)
    cross = msgspec.structs.replace(
        held.chain[1], subject="CN=Root", issuer="CN=Old root", not_after=NOW + timedelta(days=1)
    )
    return with_tls(chain=(*held.chain, cross), path=path)


def hosted(greeting: str) -> Played:
    """A server with a certificate for another host, which greets by this name."""
    other = msgspec.structs.replace(TRUSTED, certificate=CertificateKind.OTHER_NAME)
    named = FINE.session.replace("220 mx.example.com", f"220 {greeting}").replace(
        "250-mx.example.com", f"250-{greeting}"
    )
    return Played(named.replace("250 mx.example.com", f"250 {greeting}"), other)


def hosted_over_tls(greeting: str) -> Played:
    """The same, which says so in clear and this over TLS."""
    as_host = hosted(OTHER_NAME)
    start, tls, over_tls = as_host.session.rpartition("TLS\nC: ")
    return Played(start + tls + over_tls.replace(OTHER_NAME, greeting), as_host.request)


def shown(kind: CertificateKind) -> Played:
    """The server shows a certificate of this kind, whose CA is trusted."""
    return Played(FINE.session, msgspec.structs.replace(TRUSTED, certificate=kind))


def held(transcript: Transcript) -> Given:
    return Given(transcript=transcript)


def twice(before: str, over_tls: str, port: int = 25) -> Given:
    """EHLO is answered with these lines before the handshake, and with those over TLS."""
    held = over_tls_with(before, over_tls)
    return Given(transcript=msgspec.structs.replace(held, port=port))


def over_tls_with(before: str, after: str) -> Transcript:
    held = over_tls()
    first, *middle, last = held.exchanges
    first = msgspec.structs.replace(first, reply=parse_reply(_hello(before)))
    last = msgspec.structs.replace(last, reply=parse_reply(_hello(after)), over_tls=True)
    return msgspec.structs.replace(held, exchanges=(first, *middle, last))


def _hello(keywords: str) -> bytes:
    lines = ["mx.example.com", *keywords.split("|")]
    return "".join(f"250{' ' if each is lines[-1] else '-'}{each}\r\n" for each in lines).encode()


ROWS = (
    Row("starttls-offered-over-tls", twice("STARTTLS|DSN", "STARTTLS|DSN"), twice("STARTTLS|DSN", "DSN")),
    Row("auth-offered-in-clear-alone", twice("STARTTLS|AUTH PLAIN", "DSN"), twice("STARTTLS|AUTH PLAIN", "AUTH PLAIN")),
    Row("auth-offered-in-clear-alone", twice("STARTTLS|AUTH PLAIN", "DSN", 587), twice("STARTTLS", "AUTH PLAIN")),
    Row("extensions-lost-over-tls", twice("STARTTLS|PIPELINING|DSN", "DSN"), twice("STARTTLS|DSN", "DSN|PIPELINING")),
    Row("extensions-lost-over-tls", twice("STARTTLS|SIZE 100", "SIZE 200"), twice("STARTTLS|SIZE 100", "SIZE 100")),
    Row("extensions-lost-over-tls", twice("STARTTLS|8bitmime", "DSN"), twice("STARTTLS|8bitmime", "8BITMIME")),
    Row(
        "extensions-lost-over-tls", twice("STARTTLS|XCLIENT ADDR|DSN", "SMTPUTF8"), twice("STARTTLS|XCLIENT ADDR", "X")
    ),
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
    Row("certificate-expires-soon", expiring(timedelta(days=20)), expiring(timedelta(days=21))),
    Row(
        "certificate-expires-soon",
        expiring(timedelta(days=89), timedelta(days=4)),
        expiring(timedelta(days=89), timedelta(days=40)),
    ),
    Row("certificate-expires-soon", ending_tomorrow((0, 1, 2)), ending_tomorrow((0, 1))),
    Row("server-is-another-host", hosted(OTHER_NAME), hosted("mx.example.com"), ("certificate-unverified",)),
    Row("server-is-another-host", hosted(OTHER_NAME), hosted("mail.example.net"), ("certificate-unverified",)),
    Row("server-is-another-host", hosted(OTHER_NAME), hosted_over_tls("mail.example.net"), ("certificate-unverified",)),
    Row("tls-version-old", with_tls(version="TLSv1.1"), with_tls(version="TLSv1.2")),
    Row("tls-dh-too-small", with_tls(dh_bits=2047), with_tls(dh_bits=2048)),
    Row("tls-dh-too-small", with_tls(dh_bits=1024), with_tls(dh_bits=None)),
    Row("tls-renegotiation-old", with_tls(secure_renegotiation=False), with_tls(secure_renegotiation=True)),
    Row("tls-renegotiation-old", with_tls(secure_renegotiation=False), with_tls(secure_renegotiation=None)),
    Row(
        "tls-client-certificate-asked",
        with_tls(client_certificate_asked=True),
        with_tls(client_certificate_asked=False),
    ),
    Row(
        "tls-client-certificate-asked",
        with_tls(client_certificate_asked=True, client_certificate_shown=True),
        with_tls(client_certificate_asked=False, client_certificate_shown=None),
    ),
)
