"""OpenSSL's reasons (SSL_R_…) in words: the alerts that the other side sends, and what is wrong with its octets."""

from __future__ import annotations

import re

from smtpprobe.model.texts.language import mark, say

# RFC 8446 §6.2, RFC 5246 §7.2.2: what the server says before it ends the handshake.
_ALERTS = {
    "UNEXPECTED_MESSAGE": mark("a message came that it did not expect"),
    "BAD_RECORD_MAC": mark("what it received was damaged on the way"),
    "DECRYPTION_FAILED": mark("what it received was damaged on the way"),
    "RECORD_OVERFLOW": mark("a record was too long for it"),
    "DECOMPRESSION_FAILURE": mark("it could not unpack what it received"),
    "HANDSHAKE_FAILURE": mark("it accepts nothing of what was offered"),
    "NO_CERTIFICATE": mark("it wants a certificate"),
    "BAD_CERTIFICATE": mark("it cannot read the certificate"),
    "UNSUPPORTED_CERTIFICATE": mark("it does not accept certificates of that kind"),
    "CERTIFICATE_REVOKED": mark("the certificate was revoked"),
    "CERTIFICATE_EXPIRED": mark("the certificate has expired"),
    "CERTIFICATE_UNKNOWN": mark("it does not accept the certificate"),
    "ILLEGAL_PARAMETER": mark("a value was out of range for it"),
    "UNKNOWN_CA": mark("it does not know the certificate's issuer"),
    "ACCESS_DENIED": mark("it does not let this client in"),
    "DECODE_ERROR": mark("it could not read a message"),
    "DECRYPT_ERROR": mark("a signature or a checksum was wrong for it"),
    "EXPORT_RESTRICTION": mark("it may only use weak, exportable encryption"),
    "PROTOCOL_VERSION": mark("it does not speak the TLS version that was offered"),
    "INSUFFICIENT_SECURITY": mark("it wants stronger ciphers than were offered"),
    "INTERNAL_ERROR": mark("it has an internal error, often a certificate or a key that it cannot load"),
    "INAPPROPRIATE_FALLBACK": mark("it considers the version that was offered a downgrade"),
    "USER_CANCELLED": mark("it was told to stop"),
    "NO_RENEGOTIATION": mark("it does not renegotiate"),
    "MISSING_EXTENSION": mark("an extension was missing that it needs"),
    "UNSUPPORTED_EXTENSION": mark("an extension came that it did not expect"),
    "UNRECOGNIZED_NAME": mark("it has no certificate for the name that was asked for"),
    "BAD_CERTIFICATE_STATUS_RESPONSE": mark("it did not accept the certificate's status"),
    "CERTIFICATE_UNOBTAINABLE": mark("it could not fetch the certificate"),
    "BAD_CERTIFICATE_HASH_VALUE": mark("the certificate was not the one that was announced"),
    "CERTIFICATE_REQUIRED": mark("it wants a client certificate"),
}
_ALERT = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(.+)")
# What this side found.
_FOUND = {
    "WRONG_VERSION_NUMBER": mark("the data does not begin as TLS does"),
    "RECORD_LAYER_FAILURE": mark("the data does not begin as TLS does"),
    "PACKET_LENGTH_TOO_LONG": mark("the data does not begin as TLS does"),
    "HTTP_REQUEST": mark("an HTTP request came instead of TLS"),
    "HTTPS_PROXY_REQUEST": mark("a request for an HTTP proxy came instead of TLS"),
    "UNSUPPORTED_PROTOCOL": mark("the server chose a TLS version that is switched off here"),
    "NO_PROTOCOLS_AVAILABLE": mark("no TLS version is left that both sides may use"),
    "UNKNOWN_PROTOCOL": mark("the server speaks an unknown TLS version"),
    "NO_CIPHERS_AVAILABLE": mark("no cipher is left that both sides may use"),
    "NO_SHARED_CIPHER": mark("no cipher is left that both sides may use"),
    "UNKNOWN_CIPHER_RETURNED": mark("the server chose a cipher that is not known here"),
    "WRONG_CIPHER_RETURNED": mark("the server chose a cipher that was not offered"),
    "WRONG_CURVE": mark("the server chose a curve that was not offered"),
    "NO_SHARED_GROUPS": mark("no group for the key exchange is left that both sides may use"),
    "NO_SUITABLE_KEY_SHARE": mark("no group for the key exchange is left that both sides may use"),
    "BAD_KEY_SHARE": mark("the server's part of the key exchange is not valid"),
    "BAD_ECPOINT": mark("the server's part of the key exchange is not valid"),
    "BAD_DH_VALUE": mark("the server's part of the key exchange is not valid"),
    "BAD_SIGNATURE": mark("the server's signature is wrong: its key may not belong to its certificate"),
    "WRONG_SIGNATURE_TYPE": mark("the server uses a signature algorithm that is not accepted here"),
    "WRONG_SIGNATURE_SIZE": mark("the server's signature is wrong: its key may not belong to its certificate"),
    "WRONG_CERTIFICATE_TYPE": mark("the server's certificate does not fit the cipher"),
    "NO_CERTIFICATES_RETURNED": mark("the server sent no certificate"),
    "EE_KEY_TOO_SMALL": mark("the key of the server's certificate is too small"),
    "CA_KEY_TOO_SMALL": mark("the key of an issuer's certificate is too small"),
    "CA_MD_TOO_WEAK": mark("an issuer's signature is too weak"),
    "DH_KEY_TOO_SMALL": mark("the server's Diffie-Hellman parameters are too small"),
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": mark("the data was damaged on the way"),
    "DIGEST_CHECK_FAILED": mark("the data was damaged on the way"),
    "BAD_RECORD_TYPE": mark("the data is damaged, or not TLS"),
    "BAD_PACKET": mark("the data is damaged, or not TLS"),
    "UNEXPECTED_MESSAGE": mark("the server sent a message that does not belong there"),
    "UNEXPECTED_RECORD": mark("the server sent a message that does not belong there"),
    "UNEXPECTED_EOF_WHILE_READING": mark("the server closed the connection without a reason"),
    "INAPPROPRIATE_FALLBACK": mark("the server considers the version that was offered a downgrade"),
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": mark("the server does not know secure renegotiation"),
    "PRIVATE_KEY_MISMATCH": mark("the key does not belong to the certificate"),
    "KEY_VALUES_MISMATCH": mark("the key does not belong to the certificate"),
    "NO_START_LINE": mark("the file is not PEM"),
    "BAD_DECRYPT": mark("the key's passphrase is wrong"),
    "CERTIFICATE_VERIFY_FAILED": mark("the certificate does not verify"),
}
BROKE_OFF = mark("the handshake broke off: the two sides did not understand each other")


def in_words(reason: str | None) -> str | None:
    """What OpenSSL's reason says; None for one that has no words here, and for none."""
    if reason in _FOUND:
        return say(_FOUND[reason])
    alert = _ALERT.fullmatch(reason or "")
    if alert is not None and alert[1] in _ALERTS:
        return say("the server ended the handshake: {alert}", alert=say(_ALERTS[alert[1]]))
    return None
