"""SASL: one family of mechanisms a module, and the choice among them (RFC 4422; RFC 4954 for the profile in SMTP)."""

from smtpprobe.wire.sasl.choose import (
    COMPUTED,
    FOR_TOKENS,
    MECHANISMS,
    WITHOUT_SECRET,
    choose,
    choose_for_token,
    registered,
    responses,
)
from smtpprobe.wire.sasl.mechanism import Derived, Peer, Response, SaslError

__all__ = [
    "COMPUTED",
    "FOR_TOKENS",
    "MECHANISMS",
    "WITHOUT_SECRET",
    "Derived",
    "Peer",
    "Response",
    "SaslError",
    "choose",
    "choose_for_token",
    "registered",
    "responses",
]
