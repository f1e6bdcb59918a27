"""What a 334 reply asks for (RFC 4954 §4: the challenge is the line's text, in base64)."""

from __future__ import annotations

import re

from smtpprobe.model.quoting import printable
from smtpprobe.model.texts.language import say
from smtpprobe.wire.redact import HIDDEN

# RFC 4954 §4: a line of the exchange may be as long as 12288 octets.
_LONGEST = 12288
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
# RFC 2195 §2: the challenge is a message identifier; anything between angle brackets passes here.
_CRAM = re.compile(r"<[^<>]*>\Z")
_SCRAM_FIRST = re.compile(r"(?:m=[^,]*,)?r=[^,]+,s=[^,]+,i=([0-9]{1,10})(?:,|\Z)")


def challenge_line(text: str, mechanism: str | None = None) -> str:
    """What the challenge asks of the client, in a sentence; what it decodes to, escaped, where that tells something."""
    given = text.strip()[:_LONGEST]
    if not given or given == "=":
        return say("An empty challenge: the server waits for the client's first message.")
    if HIDDEN in given:
        return say("A challenge that holds what follows from the password: it is not shown here.")
    decoded = _decoded(given)
    if decoded is None:
        return say("Not base64, so no client can answer it: {given}", given=printable(given))
    name = (mechanism or "").upper()
    if name.startswith("SCRAM-") or (not name and (_SCRAM_FIRST.match(decoded) or decoded.startswith("v="))):
        return _scram(decoded)
    if name in ("XOAUTH2", "OAUTHBEARER") or (not name and decoded.lstrip().startswith("{")):
        return _oauth(decoded)
    if name == "CRAM-MD5" or (not name and _CRAM.match(decoded)):
        return say(
            "To be hashed with the password (HMAC-MD5), so that the password itself is not sent: {decoded}",
            decoded=printable(decoded),
        )
    if name == "DIGEST-MD5":
        return say("The parameters of a DIGEST-MD5 exchange: {decoded}", decoded=printable(decoded))
    if name in ("NTLM", "GSSAPI", "GSS-SPNEGO"):
        return say("A {name} token, not text.", name=name)
    return _prompt(decoded)


def _decoded(given: str) -> str | None:
    """The challenge's octets, UTF-8 where they are; None where the text is no base64."""
    import binascii

    if not _BASE64.match(given):
        return None
    try:
        octets = binascii.a2b_base64(given)
    except ValueError:
        return None
    return octets.decode("utf-8", "backslashreplace")


def _prompt(decoded: str) -> str:
    asked = decoded.strip("\0 :").lower()
    if asked.startswith(("user", "login", "account")):
        return say("It asks for the user name: {decoded}", decoded=printable(decoded))
    if asked.startswith("pass"):
        return say("It asks for the password: {decoded}", decoded=printable(decoded))
    return say("The challenge decodes to: {decoded}", decoded=printable(decoded))


def _scram(decoded: str) -> str:
    # RFC 5802 §5: the server's first message carries nonce, salt and iteration count; its last a proof or an error.
    if first := _SCRAM_FIRST.match(decoded):
        return say(
            "Nonce, salt and iteration count ({first}): the client answers with a proof, not the password.",
            first=int(first[1]),
        )
    if decoded.startswith("v="):
        return say(
            "The server's own proof that it knows the password; the client checks it and answers with an empty line."
        )
    if decoded.startswith("e="):
        return say("The exchange failed: {decoded}", decoded=printable(decoded[2:]))
    return say("Not a SCRAM message: {decoded}", decoded=printable(decoded))


def _oauth(decoded: str) -> str:
    # RFC 7628 §3.2.3: the error comes as JSON in a challenge; the negative reply follows the client's answer to it.
    import msgspec

    try:
        error = msgspec.json.decode(decoded.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return say("The token was not accepted; the server's reason is not JSON: {decoded}", decoded=printable(decoded))
    status = error.get("status") if isinstance(error, dict) else None
    named = say(" (status {status})", status=printable(str(status), 40)) if status else ""
    return say(
        "The token was not accepted{named}; the refusal follows the client's next line. It says: {decoded}",
        named=named,
        decoded=printable(decoded),
    )
