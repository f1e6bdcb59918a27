"""CRAM-MD5: a keyed digest of the challenge (RFC 2195)."""

from __future__ import annotations

import hmac

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.mechanism import Derived, Peer, Response


def cram_md5(credentials: Credentials, peer: Peer) -> Response:
    """RFC 2195 §2."""
    challenge = yield None
    digest = hmac.new(credentials.reveal().encode(), challenge, "md5").hexdigest().encode()
    yield Derived(digest)
    yield credentials.user.encode() + b" " + digest
