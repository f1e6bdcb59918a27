"""Security contexts of NTLM and Kerberos, by the package pyspnego where it is installed (an extra).

NTLM computes and nothing more. Kerberos reads the user's ticket cache and asks the KDC for a ticket, while nothing else
of this session is waited for.
"""

from __future__ import annotations

import importlib
from typing import Any

from smtpprobe.model.quoting import printable
from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say
from smtpprobe.wire.sasl.mechanism import Peer, SaslError, SecurityContext

_EXTRAS = {"NTLM": ("ntlm", "ntlm"), "GSSAPI": ("kerberos", "kerberos")}  # pyspnego's protocol, and our extra


def begin(mechanism: str, credentials: Credentials, peer: Peer) -> SecurityContext:
    """The context for the client's side of NTLM or GSSAPI. Raises SaslError, without the package in a line that names it."""
    protocol, extra = _EXTRAS[mechanism]
    try:
        spnego = importlib.import_module("spnego")
    except ImportError:
        raise SaslError(
            say("it needs a package that is not installed: pip install 'smtpprobe[{extra}]'", extra=extra)
        ) from None
    if protocol not in spnego.ContextProxy.available_protocols():
        raise SaslError(say("it needs a package that is not installed: pip install 'smtpprobe[{extra}]'", extra=extra))
    try:
        # Without a password Kerberos uses the ticket that the user has.
        made = spnego.client(
            credentials.user,
            credentials.reveal() or None,
            hostname=peer.host,
            service=peer.service,
            protocol=protocol,
            context_req=spnego.ContextReq.integrity | spnego.ContextReq.mutual_auth,
        )
    except Exception as error:
        raise _failed(error) from None
    return _Context(made)


class _Context:
    def __init__(self, made: Any) -> None:
        self._made = made

    @property
    def complete(self) -> bool:
        return bool(self._made.complete)

    def step(self, token: bytes | None) -> bytes:
        try:
            return self._made.step(token) or b""
        except Exception as error:
            raise _failed(error) from None

    def wrap(self, octets: bytes) -> bytes:
        try:
            return bytes(self._made.wrap(octets, encrypt=False).data)
        except Exception as error:
            raise _failed(error) from None

    def unwrap(self, octets: bytes) -> bytes:
        try:
            return bytes(self._made.unwrap(octets).data)
        except Exception as error:
            raise _failed(error) from None


def _failed(error: Exception) -> SaslError:
    # The package raises errors of its own, of Python and of the libraries that it loads, on whatever the server sends.
    return SaslError(printable(str(error) or type(error).__name__))
