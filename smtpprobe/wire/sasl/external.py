"""The mechanisms without a secret: EXTERNAL and ANONYMOUS."""

from __future__ import annotations

import stringprep

from smtpprobe.model.request import Credentials
from smtpprobe.model.texts.language import say
from smtpprobe.wire.sasl.mechanism import Peer, Response, SaslError

_TRACE_CHARACTERS = 255  # RFC 4505 §2

_PROHIBITED = (
    stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4, stringprep.in_table_c5,
    stringprep.in_table_c6, stringprep.in_table_c8, stringprep.in_table_c9,
)  # fmt: skip


def external(credentials: Credentials, peer: Peer) -> Response:
    """RFC 4422 appendix A: the identity comes from the client certificate."""
    yield credentials.user.encode()


def anonymous(credentials: Credentials, peer: Peer) -> Response:
    """RFC 4505 §2, §3: the trace information only, an address or a text without `@`."""
    trace = credentials.user
    if len(trace) > _TRACE_CHARACTERS:
        raise SaslError(
            say("ANONYMOUS takes a text of at most {longest} characters (RFC 4505 §2)", longest=_TRACE_CHARACTERS)
        )
    if any(prohibits(each) for each in trace for prohibits in _PROHIBITED):
        raise SaslError(say("ANONYMOUS takes no control characters or the like in its text (RFC 4505 §3)"))
    yield trace.encode()
