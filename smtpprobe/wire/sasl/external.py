"""The mechanisms without a secret: EXTERNAL and ANONYMOUS."""

from __future__ import annotations

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.mechanism import Response


def external(credentials: Credentials, host: str) -> Response:
    """RFC 4422 appendix A: the identity comes from the client certificate."""
    yield credentials.user.encode()


def anonymous(credentials: Credentials, host: str) -> Response:
    """RFC 4505 §2: the trace information only."""
    yield credentials.user.encode()
