"""Why a handshake failed: as a word, and in words."""

from __future__ import annotations

import ssl

from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import TlsFault
from smtpprobe.net import tls_reasons
from smtpprobe.net.hello import HandshakeMessages

# OpenSSL's reasons (SSL_R_…): alerts that the server sent (RFC 8446 §6.2), and what we found in its octets.
_REASONS = {
    "WRONG_VERSION_NUMBER": TlsFault.NOT_TLS,
    "RECORD_LAYER_FAILURE": TlsFault.NOT_TLS,
    "HTTP_REQUEST": TlsFault.NOT_TLS,
    "UNSUPPORTED_PROTOCOL": TlsFault.PROTOCOL,
    "NO_PROTOCOLS_AVAILABLE": TlsFault.PROTOCOL,
    "TLSV1_ALERT_PROTOCOL_VERSION": TlsFault.PROTOCOL,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": TlsFault.NO_SHARED_CIPHER,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": TlsFault.NO_SHARED_CIPHER,
    "NO_CIPHERS_AVAILABLE": TlsFault.NO_SHARED_CIPHER,
    "DH_KEY_TOO_SMALL": TlsFault.DH_TOO_SMALL,
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": TlsFault.OLD_RENEGOTIATION,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": TlsFault.CLIENT_CERTIFICATE_WANTED,
    "TLSV1_ALERT_UNKNOWN_CA": TlsFault.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_BAD_CERTIFICATE": TlsFault.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": TlsFault.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": TlsFault.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": TlsFault.CLIENT_CERTIFICATE_REFUSED,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": TlsFault.CLIENT_CERTIFICATE_REFUSED,
    "UNEXPECTED_EOF_WHILE_READING": TlsFault.CLOSED,
}
# Reasons to whose fault's hint nothing is to be added.
_SAID_BY_THE_HINT = {
    None, "WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_CIPHERS_AVAILABLE",
    "DH_KEY_TOO_SMALL", "UNSAFE_LEGACY_RENEGOTIATION_DISABLED", "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "UNEXPECTED_EOF_WHILE_READING",
}  # fmt: skip
_HINTS = {
    TlsFault.NOT_TLS: mark("the server does not speak TLS here (a port for STARTTLS or plaintext?)"),
    TlsFault.NO_SHARED_CIPHER: mark("the server has no usable key or no cipher in common"),
    # With the library's own words in brackets, which people look for.
    TlsFault.DH_TOO_SMALL: mark(
        "the server's Diffie-Hellman parameters are too small (dh key too small): current clients "
        "require 2048 bits or ECDHE"
    ),
    TlsFault.OLD_RENEGOTIATION: mark(
        "the server does not know secure renegotiation (RFC 5746): an old TLS library or a middlebox "
        "that needs an update; current clients refuse it"
    ),
    TlsFault.PROTOCOL: mark("no TLS version in common: current clients require TLS 1.2 or 1.3"),
    TlsFault.CLIENT_CERTIFICATE_WANTED: mark("the server asks for a client certificate"),
    TlsFault.CLIENT_CERTIFICATE_REFUSED: mark("the server does not accept the client's certificate"),
    TlsFault.CLOSED: mark("the server closed the connection during the handshake"),
    TlsFault.RESET: mark("the server reset the connection during the handshake"),
    TlsFault.TIMED_OUT: mark("the handshake took too long"),
}
# OpenSSL's verdicts on a certificate (X509_V_ERR_…).
_VERIFICATION_HINTS = {
    19: mark("its issuer is not trusted here"),
    20: mark("its issuer is not known here, or an intermediate certificate is missing"),
}
# Those to which its sentence adds nothing.
_VERDICTS = {
    9: mark("it is not valid yet"),
    10: mark("it has expired"),
    18: mark("it is self-signed, and not among those that are trusted here"),
    62: mark("it is for another name"),
}


def fault_of(error: BaseException, messages: HandshakeMessages | None = None) -> TlsFault:
    """Why a handshake failed, from the exception's own fields, and never its text, and from the server's messages."""
    fault = _of_error(error)
    # RFC 5246 §7.4.6: a server that gets no certificate may answer with handshake_failure, as where no cipher fits.
    if fault is TlsFault.NO_SHARED_CIPHER and messages is not None and messages.client_certificate_asked:
        return TlsFault.CLIENT_CERTIFICATE_WANTED
    return fault


def _of_error(error: BaseException) -> TlsFault:
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return TlsFault.CLOSED
    if isinstance(error, ssl.SSLError):
        return _REASONS.get(getattr(error, "reason", None) or "", TlsFault.OTHER)
    if isinstance(error, TimeoutError):
        return TlsFault.TIMED_OUT
    if isinstance(error, ConnectionError):
        # asyncio raises one without a number for an orderly end in the middle of the handshake.
        return TlsFault.RESET if error.errno else TlsFault.CLOSED
    return TlsFault.LOCAL if isinstance(error, ValueError) else TlsFault.OTHER


def explain_failure(
    error: BaseException, messages: HandshakeMessages | None = None, *, waited_s: float | None = None
) -> str:
    """A failed handshake in words: the likely reason, with what OpenSSL's own tells beside it.

    `messages`: those of the handshake. `waited_s`: how long it was waited for, where that is why it failed.
    """
    said = (
        say("no handshake in {waited_s} s", waited_s=format(waited_s, "g"))
        if waited_s is not None
        else _in_words(error, messages)
    )
    return f"{said}; {more}" if (more := _more(error, messages)) else said


def _in_words(error: BaseException, messages: HandshakeMessages | None) -> str:
    if (verdict := _VERDICTS.get(getattr(error, "verify_code", 0))) is not None:
        return say(verdict)
    fault = fault_of(error, messages)
    hint = _VERIFICATION_HINTS.get(getattr(error, "verify_code", 0)) or _HINTS.get(fault)
    # OpenSSL's verdict on a certificate is a sentence of its own.
    found = getattr(error, "verify_message", None)
    reason = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else None
    if found or reason not in _SAID_BY_THE_HINT:
        found = found or tls_reasons.in_words(reason)
    if hint is None:
        return found or say(tls_reasons.BROKE_OFF)
    return f"{say(hint)} ({found})" if found else say(hint)


def _more(error: BaseException, messages: HandshakeMessages | None) -> str | None:
    """What the server's messages showed before the failure."""
    if messages is None:
        return None
    if messages.secure_renegotiation is False and fault_of(error) is not TlsFault.OLD_RENEGOTIATION:
        return say("before that, {hint}", hint=say(_HINTS[TlsFault.OLD_RENEGOTIATION]))
    if messages.dh_bits is not None and fault_of(error) is TlsFault.DH_TOO_SMALL:
        return say("they have {dh_bits} bits", dh_bits=messages.dh_bits)
    return None
