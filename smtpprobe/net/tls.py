"""TLS: one context per policy, and what a handshake showed.

No handshake judges a certificate: it is judged once, from the chain that the server sent, by `certificates`. So a
handshake fails over the protocol alone, and whoever is told of a certificate that does not verify has it in hand.
"""

from __future__ import annotations

import ssl
import warnings
from datetime import datetime
from functools import partial

from smtpprobe.model.request import TlsOptions, TlsVersion
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import TlsFault, TlsSession
from smtpprobe.net import certificates, x509
from smtpprobe.net.certificate_problems import Problem
from smtpprobe.net.error_words import UnusableFile, words_of
from smtpprobe.net.hello import HandshakeMessages

# RFC 5746: OpenSSL 3 ends a handshake with a server that does not know it, unless told otherwise. Named from Python 3.12 on.
_LEGACY_SERVER = getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)


_ANY = TlsOptions()
_VERSIONS = {
    TlsVersion.TLS_1_0: ssl.TLSVersion.TLSv1,
    TlsVersion.TLS_1_1: ssl.TLSVersion.TLSv1_1,
    TlsVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3,
}
_OLD = (TlsVersion.TLS_1_0, TlsVersion.TLS_1_1)


def context(strict: bool, options: TlsOptions = _ANY) -> ssl.SSLContext:
    """A context that judges no certificate. `strict`: versions, ciphers and keys as clients of today take them, else any.

    What `options` name goes before that. It is made anew for each handshake, so that none is resumed. Raises OSError
    if a file cannot be read or holds no certificate, ValueError for ciphers of which none is known.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if not strict:
        # A probe reports weak ciphers and old versions and does not fail on them; without a certificate there is no server.
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        made.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
        made.options |= _LEGACY_SERVER
    _choose(made, options)
    if options.client_cert:
        _load(made, options.client_cert, options.client_key)
    return made


def _choose(context: ssl.SSLContext, options: TlsOptions) -> None:
    """Versions, ciphers and application protocols as they are wanted."""
    least, most = options.min_version, options.max_version
    with warnings.catch_warnings():
        # Python warns of old versions, which here are wanted.
        warnings.simplefilter("ignore", DeprecationWarning)
        if least in _OLD or most in _OLD:
            # OpenSSL 3 has these at its lowest level of security alone.
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if least is not None:
            context.minimum_version = _VERSIONS[least]
        if most is not None:
            context.maximum_version = _VERSIONS[most]
    if options.ciphers is not None:
        try:
            context.set_ciphers(options.ciphers)
        except ssl.SSLError:
            words = say(
                "{ciphers}: OpenSSL knows none of these: expected a list in its form", ciphers=repr(options.ciphers)
            )
            raise ValueError(words) from None
    if options.alpn:
        context.set_alpn_protocols(list(options.alpn))


def asked_for(options: TlsOptions) -> str | None:
    """What of versions and ciphers the caller limits, in words; None if nothing."""
    least, most = options.min_version, options.max_version
    parts = []
    if least is not None and least is most:
        parts.append(f"TLS {least}")
    elif least is not None and most is not None:
        parts.append(say("TLS {least} to {most}", least=least, most=most))
    elif least is not None:
        parts.append(say("TLS {least} or newer", least=least))
    elif most is not None:
        parts.append(say("TLS {most} or older", most=most))
    if options.ciphers is not None:
        parts.append(say("ciphers {ciphers}", ciphers=options.ciphers))
    return ", ".join(parts) or None


def _load(context: ssl.SSLContext, client_cert: str, client_key: str | None) -> None:
    try:
        context.load_cert_chain(client_cert, client_key, password=partial(_no_passphrase, client_key or client_cert))
    except ssl.SSLError:
        words = say(
            "no certificate with its private key: expected PEM, the key in the same file or in its own, no passphrase"
        )
        raise UnusableFile(f"{client_cert!r}: {words}") from None
    except OSError as error:
        # OpenSSL does not say which of the files it is.
        raise UnusableFile(_cannot_be_opened(client_cert, client_key) or words_of(error)) from None


def _no_passphrase(path: str) -> str:
    # Without it OpenSSL asks at the terminal, if there is one.
    raise UnusableFile(say("the key in {path} is encrypted: expected a key without a passphrase", path=repr(path)))


def _cannot_be_opened(*paths: str | None) -> str | None:
    """Why one of the files cannot be opened, with its name."""
    for path in filter(None, paths):
        try:
            with open(path, "rb"):
                pass
        except OSError as error:
            return words_of(error)
    return None


def describe(
    connection: ssl.SSLObject,
    name: str,
    sni: str | None,
    *,
    messages: HandshakeMessages | None = None,
    enforced: bool,
    ca_file: str | None,
    now: datetime,
) -> TlsSession:
    """What the handshake agreed on, and whether the certificate proves `name` at `now`.

    `messages` are those of this handshake, where they were watched.
    `enforced`: whether the session ends where it does not. Raises OSError where `ca_file` cannot be used.
    """
    cipher = connection.cipher()
    sent = [x509.load(der) for der in _sent_chain(connection)[: certificates.MAX_CHAIN]]
    # One that cannot be read helps nobody to a path, and hides none either.
    chain = [each for each in sent if each is not None] if sent and sent[0] is not None else []
    problems, path = certificates.judge(chain, name, ca_file=ca_file, now=now)
    if sent and sent[0] is None:
        problems = (Problem(TlsFault.CERTIFICATE_INVALID, say("the server's certificate cannot be read")),)
    return TlsSession(
        version=connection.version(),
        cipher=cipher[0] if cipher else None,
        bits=cipher[2] if cipher else None,
        name=name,
        sni=sni,
        chain=tuple(x509.described(each, now) for each in chain),
        path=path,
        verified=not problems,
        problems=tuple(each.words for each in problems),
        faults=tuple(each.fault for each in problems),
        enforced=enforced,
        dh_bits=messages.dh_bits if messages else None,
        secure_renegotiation=messages.secure_renegotiation if messages else None,
        client_certificate_asked=messages.client_certificate_asked if messages else None,
        client_certificate_shown=messages.client_certificate_shown if messages else None,
        group=messages.group if messages else None,
        alpn=connection.selected_alpn_protocol(),
    )


def _sent_chain(connection: ssl.SSLObject) -> list[bytes]:
    public = getattr(connection, "get_unverified_chain", None)  # Python 3.13
    if public is not None:
        return list(public() or ())
    # Before 3.13 the chain is reachable only through the implementation's object; the leaf alone is public.
    private = getattr(getattr(connection, "_sslobj", None), "get_unverified_chain", None)
    if private is not None:
        return [each.public_bytes(2) for each in private() or ()]  # 2 is DER
    leaf = connection.getpeercert(binary_form=True)
    return [leaf] if leaf else []
