"""What the transcript itself says about a refusal: whether the channel was encrypted, and whether anybody had logged in."""

from __future__ import annotations

from smtpprobe.diagnosis.rejection import Assessment, Rejection
from smtpprobe.model.report import Confidence
from smtpprobe.model.transcript import Phase


def tls_required(rejection: Rejection) -> Assessment:
    """tls-required: the transcript shows whether the refused command went in clear."""
    if rejection.exchange.over_tls:
        return Assessment(confidence=Confidence.CONTRADICTED, because=("the command was sent over TLS",))
    return Assessment(confidence=Confidence.CONFIRMED, because=("the command was sent in clear",))


def auth_required(rejection: Rejection) -> Assessment:
    """auth-required: the transcript shows whether anybody had logged in."""
    accepted = any(x.phase is Phase.AUTH and x.reply and x.reply.digit == 2 for x in rejection.transcript.exchanges)
    if accepted:
        return Assessment(
            confidence=Confidence.CONTRADICTED, because=("the session was authenticated when this was refused",)
        )
    return Assessment(confidence=Confidence.CONFIRMED, because=("nobody had logged in on this session",))
