"""Which checks could bear on a rejection: by what the server knew by then, and by what its words are about."""

from __future__ import annotations

from smtpprobe.diagnosis.infer import ABOUT_THE_SENDER
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.transcript import Phase

_OF_THE_ADDRESS = ("dnsbl", "iprev")
_OF_THE_NAME = (*_OF_THE_ADDRESS, "spf")
_OF_THE_SENDER = (*_OF_THE_NAME, "mx")
_OF_MESSAGES = (*_OF_THE_SENDER, "dkim", "dmarc")
_KNOWN_AT = {
    Phase.GREETING: _OF_THE_ADDRESS,
    Phase.EHLO: _OF_THE_NAME,
    Phase.STARTTLS: ("starttls",),
    Phase.AUTH: ("auth", "starttls"),
    Phase.MAIL: _OF_THE_SENDER,
    Phase.RCPT: _OF_MESSAGES,
    Phase.DATA: _OF_MESSAGES,
    Phase.MESSAGE: _OF_MESSAGES,
}
# Causes that have nothing to do with who sends: no check can tell more of those that do not stand here.
_OF_CAUSE = {
    "relay-denied": ("mx",),
    "domain-undeliverable": ("mx",),
    "auth-required": ("auth", "starttls"),
    "auth-failed": ("auth", "starttls"),
    "auth-method-blocked": ("auth", "starttls"),
    "tls-required": ("starttls",),
    "protocol-error": ("reply-syntax",),
}


def relevant(rejection: Rejection) -> tuple[int, ...]:
    """The indexes of the check runs that could bear on the rejection, in the report's order."""
    cause = rejection.explanation.cause
    checks = _KNOWN_AT.get(rejection.exchange.phase, ())
    if cause not in ABOUT_THE_SENDER:
        checks = _OF_CAUSE.get(cause, ())
    return tuple(index for index, run in rejection.runs if run.check in checks)
