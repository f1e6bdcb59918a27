"""Which checks could bear on a rejection: by what the server knew by then, and by what its words are about."""

from __future__ import annotations

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.diagnosis.infer import ABOUT_THE_SENDER
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.transcript import Phase

_ORDER = list(Phase)
# RFC 4954 §6: a refused login is about credentials, whoever sends; nor do the others weigh who that is.
_NOT_ABOUT_THE_SENDER = (Phase.STARTTLS, Phase.TLS, Phase.AUTH)


def relevant(rejection: Rejection) -> tuple[int, ...]:
    """The indexes of the check runs that could bear on the rejection, in the report's order."""
    return tuple(index for index, run in rejection.runs if _bears(rejection.bearing.get(run.check), rejection))


def _bears(bearing: Bearing | None, rejection: Rejection) -> bool:
    cause, phase = rejection.explanation.cause, rejection.exchange.phase
    if bearing is None:
        return False
    if cause in bearing.causes:
        return True
    about_the_sender = cause in ABOUT_THE_SENDER and phase not in _NOT_ABOUT_THE_SENDER and not rejection.serves_nobody
    return about_the_sender and bearing.since is not None and _ORDER.index(bearing.since) <= _ORDER.index(phase)
