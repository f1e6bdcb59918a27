"""OpenSSL's reasons (SSL_R_…) in words: the alerts that the other side sends, and what is wrong with its octets."""

from __future__ import annotations

import re

# RFC 8446 §6.2, RFC 5246 §7.2.2: what the server says before it ends the handshake.
_ALERTS = {
    "UNEXPECTED_MESSAGE": "a message came that it did not expect",
    "BAD_RECORD_MAC": "what it received was damaged on the way",
    "DECRYPTION_FAILED": "what it received was damaged on the way",
    "RECORD_OVERFLOW": "a record was too long for it",
    "DECOMPRESSION_FAILURE": "it could not unpack what it received",
    "HANDSHAKE_FAILURE": "it accepts nothing of what was offered",
    "NO_CERTIFICATE": "it wants a certificate",
    "BAD_CERTIFICATE": "it cannot read the certificate",
    "UNSUPPORTED_CERTIFICATE": "it does not accept certificates of that kind",
    "CERTIFICATE_REVOKED": "the certificate was revoked",
    "CERTIFICATE_EXPIRED": "the certificate has expired",
    "CERTIFICATE_UNKNOWN": "it does not accept the certificate",
    "ILLEGAL_PARAMETER": "a value was out of range for it",
    "UNKNOWN_CA": "it does not know the certificate's issuer",
    "ACCESS_DENIED": "it does not let this client in",
    "DECODE_ERROR": "it could not read a message",
    "DECRYPT_ERROR": "a signature or a checksum was wrong for it",
    "EXPORT_RESTRICTION": "it may only use weak, exportable encryption",
    "PROTOCOL_VERSION": "it does not speak the TLS version that was offered",
    "INSUFFICIENT_SECURITY": "it wants stronger ciphers than were offered",
    "INTERNAL_ERROR": "it has an internal error, often a certificate or a key that it cannot load",
    "INAPPROPRIATE_FALLBACK": "it considers the version that was offered a downgrade",
    "USER_CANCELLED": "it was told to stop",
    "NO_RENEGOTIATION": "it does not renegotiate",
    "MISSING_EXTENSION": "an extension was missing that it needs",
    "UNSUPPORTED_EXTENSION": "an extension came that it did not expect",
    "UNRECOGNIZED_NAME": "it has no certificate for the name that was asked for",
    "BAD_CERTIFICATE_STATUS_RESPONSE": "it did not accept the certificate's status",
    "CERTIFICATE_UNOBTAINABLE": "it could not fetch the certificate",
    "BAD_CERTIFICATE_HASH_VALUE": "the certificate was not the one that was announced",
    "CERTIFICATE_REQUIRED": "it wants a client certificate",
}
_ALERT = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(.+)")
# What this side found.
_FOUND = {
    "WRONG_VERSION_NUMBER": "the data does not begin as TLS does",
    "RECORD_LAYER_FAILURE": "the data does not begin as TLS does",
    "PACKET_LENGTH_TOO_LONG": "the data does not begin as TLS does",
    "HTTP_REQUEST": "an HTTP request came instead of TLS",
    "HTTPS_PROXY_REQUEST": "a request for an HTTP proxy came instead of TLS",
    "UNSUPPORTED_PROTOCOL": "the server chose a TLS version that is switched off here",
    "NO_PROTOCOLS_AVAILABLE": "no TLS version is left that both sides may use",
    "UNKNOWN_PROTOCOL": "the server speaks an unknown TLS version",
    "NO_CIPHERS_AVAILABLE": "no cipher is left that both sides may use",
    "NO_SHARED_CIPHER": "no cipher is left that both sides may use",
    "UNKNOWN_CIPHER_RETURNED": "the server chose a cipher that is not known here",
    "WRONG_CIPHER_RETURNED": "the server chose a cipher that was not offered",
    "WRONG_CURVE": "the server chose a curve that was not offered",
    "NO_SHARED_GROUPS": "no group for the key exchange is left that both sides may use",
    "NO_SUITABLE_KEY_SHARE": "no group for the key exchange is left that both sides may use",
    "BAD_KEY_SHARE": "the server's part of the key exchange is not valid",
    "BAD_ECPOINT": "the server's part of the key exchange is not valid",
    "BAD_DH_VALUE": "the server's part of the key exchange is not valid",
    "BAD_SIGNATURE": "the server's signature is wrong: its key may not belong to its certificate",
    "WRONG_SIGNATURE_TYPE": "the server uses a signature algorithm that is not accepted here",
    "WRONG_SIGNATURE_SIZE": "the server's signature is wrong: its key may not belong to its certificate",
    "WRONG_CERTIFICATE_TYPE": "the server's certificate does not fit the cipher",
    "NO_CERTIFICATES_RETURNED": "the server sent no certificate",
    "EE_KEY_TOO_SMALL": "the key of the server's certificate is too small",
    "CA_KEY_TOO_SMALL": "the key of an issuer's certificate is too small",
    "CA_MD_TOO_WEAK": "an issuer's signature is too weak",
    "DH_KEY_TOO_SMALL": "the server's Diffie-Hellman parameters are too small",
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": "the data was damaged on the way",
    "DIGEST_CHECK_FAILED": "the data was damaged on the way",
    "BAD_RECORD_TYPE": "the data is damaged, or not TLS",
    "BAD_PACKET": "the data is damaged, or not TLS",
    "UNEXPECTED_MESSAGE": "the server sent a message that does not belong there",
    "UNEXPECTED_RECORD": "the server sent a message that does not belong there",
    "UNEXPECTED_EOF_WHILE_READING": "the server closed the connection without a reason",
    "INAPPROPRIATE_FALLBACK": "the server considers the version that was offered a downgrade",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "the server does not know secure renegotiation",
    "PRIVATE_KEY_MISMATCH": "the key does not belong to the certificate",
    "KEY_VALUES_MISMATCH": "the key does not belong to the certificate",
    "NO_START_LINE": "the file is not PEM",
    "BAD_DECRYPT": "the key's passphrase is wrong",
    "CERTIFICATE_VERIFY_FAILED": "the certificate does not verify",
}
BROKE_OFF = "the handshake broke off: the two sides did not understand each other"


def in_words(reason: str | None) -> str:
    """What OpenSSL's reason says; a plain sentence for one that has no words here, and for none."""
    if reason in _FOUND:
        return _FOUND[reason]
    alert = _ALERT.fullmatch(reason or "")
    if alert is not None and alert[1] in _ALERTS:
        return f"the server ended the handshake: {_ALERTS[alert[1]]}"
    return BROKE_OFF
