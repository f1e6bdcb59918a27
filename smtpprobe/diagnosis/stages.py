"""Which earlier stage a refusal answers: many servers wait with it until RCPT or the final dot."""

from __future__ import annotations

from smtpprobe.diagnosis.facts.authentication import deciding_spf
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model import names
from smtpprobe.model.evidence.spf import SpfIdentityKind
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase

_ADDRESS = (Phase.GREETING, mark("the client's address"))
_HELO = (Phase.EHLO, mark("the HELO name"))
_SENDER = (Phase.MAIL, mark("the reverse-path"))
_DECIDED_BY = {
    "ip-blocklisted": _ADDRESS,
    "reverse-dns": _ADDRESS,
    "helo-rejected": _HELO,
    "sender-domain-invalid": _SENDER,
    "sender-blocked": _SENDER,
    "sender-not-permitted": _SENDER,
}
_PLACES = {Phase.GREETING: mark("the connection"), Phase.EHLO: "EHLO", Phase.MAIL: "MAIL FROM"}


def decided_earlier(rejection: Rejection) -> str | None:
    """What the refusal is about and since when the server knew it; None where that is the stage that was answered."""
    found = _decided_by(rejection)
    order = list(Phase)
    if found is None or order.index(found[0]) >= order.index(rejection.exchange.phase):
        return None
    stage, what = found
    return say(
        "answered at {phase}, it is about {what}, known since {place}",
        phase=rejection.exchange.phase.upper(),
        what=say(what),
        place=say(_PLACES[stage]),
    )


def _decided_by(rejection: Rejection) -> tuple[Phase, str] | None:
    cause = rejection.explanation.cause
    if cause == "email-auth-failed" and (found := deciding_spf(rejection)):
        # RFC 7208 §2.3, §2.4: SPF is about the HELO name or the reverse-path, both known before any recipient.
        return _HELO if found[1] is SpfIdentityKind.HELO else _SENDER
    if cause == "address-syntax" and "sender address" in rejection.text:
        return _SENDER
    if cause == "domain-blocklisted" and (domain := rejection.explanation.captures.domain):
        if domain == names.domain_of(rejection.reverse_path or ""):
            return _SENDER
        return _HELO if domain == rejection.helo.lower().rstrip(".") else None
    return _DECIDED_BY.get(cause)
