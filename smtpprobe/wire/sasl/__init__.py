"""SASL: one family of mechanisms a module, and the choice among them (RFC 4422; RFC 4954 for the profile in SMTP)."""

from smtpprobe.wire.sasl.choose import COMPUTED, MECHANISMS, choose, registered, responses
from smtpprobe.wire.sasl.mechanism import Derived, Peer, Response, SaslError

__all__ = ["COMPUTED", "MECHANISMS", "Derived", "Peer", "Response", "SaslError", "choose", "registered", "responses"]
