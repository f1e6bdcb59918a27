"""The mechanisms of a security context that others compute: GSSAPI, which is Kerberos (RFC 4752), and NTLM."""

from __future__ import annotations

from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say
from smtpprobe.wire.sasl.mechanism import Derived, Peer, Response, SaslError, SecurityContext

_NO_LAYER = 1  # RFC 4752 §3.3: the bit of a server that goes on without protecting what follows
_SIGNATURE = b"NTLMSSP\0"
# Where an AUTHENTICATE message has length and place of what follows from the password (MS-NLMP §2.2.1.3).
_RESPONSES = (12, 20, 52)


def gssapi(credentials: Credentials, peer: Peer) -> Response:
    """RFC 4752 §3.1: tokens until the context is established, then the choice of no security layer."""
    context = _begun("GSSAPI", credentials, peer)
    said = context.step(None)
    while True:
        challenge = yield said
        if context.complete:
            break
        said = context.step(challenge)
    offer = context.unwrap(challenge)
    if len(offer) != 4:
        raise SaslError(say("the server's offer of security layers is not four octets (RFC 4752 §3.1)"))
    if not offer[0] & _NO_LAYER:
        raise SaslError(say("the server wants a security layer, and only TLS protects the session here"))
    # No layer, and no buffer for one; no other identity than the ticket's.
    yield context.wrap(bytes((_NO_LAYER, 0, 0, 0)))


def ntlm(credentials: Credentials, peer: Peer) -> Response:
    """MS-SMTPNTLM §3.1.5: negotiate, challenge, authenticate; what the first 334 says is not looked at."""
    context = _begun("NTLM", credentials, peer)
    yield None
    challenge = yield context.step(None)
    if not challenge.startswith(_SIGNATURE):
        raise SaslError(say("the server's NTLM challenge is not one"))
    response = context.step(challenge)
    for at in _RESPONSES:
        length, start = (
            int.from_bytes(response[at : at + 2], "little"),
            int.from_bytes(response[at + 4 : at + 8], "little"),
        )
        yield Derived(response[start : start + length])
    yield response


def _begun(mechanism: str, credentials: Credentials, peer: Peer) -> SecurityContext:
    if peer.security_context is None:
        raise SaslError(say("{mechanism} cannot be computed here", mechanism=mechanism))
    return peer.security_context(mechanism, credentials, peer)
