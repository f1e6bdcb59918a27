"""What the session says about a refusal of a parameter: whether EHLO offers what it needs."""

from __future__ import annotations

from smtpprobe.diagnosis.assess import session
from smtpprobe.diagnosis.facts.parameters import refused_parameter
from smtpprobe.diagnosis.rejection import Assessment, Rejection
from smtpprobe.model.report import Confidence
from smtpprobe.model.texts.language import mark, say

_UNLISTED = mark("The server does not know {parameter}: its EHLO reply does not list {extension}")
_LISTED = mark("The server offers {extension}, but does not take {parameter}")
_ODD = mark("The server does not take the parameter {parameter}")
_REQUIRETLS = mark("REQUIRETLS was asked for, and the server cannot keep it")


def protocol(rejection: Rejection) -> Assessment:
    """protocol-error: which parameter is not taken, if it is about one."""
    found = refused_parameter(rejection)
    if found is None:
        return session.protocol(rejection)
    said = {"parameter": found.parameter, "extension": found.extension}
    if found.extension is None:
        return Assessment(confidence=Confidence.STATED, statement=say(_ODD, **said))
    if found.listed:
        return Assessment(confidence=Confidence.STATED, statement=say(_LISTED, **said))
    words = say("the EHLO reply does not list {extension}", extension=found.extension)
    return Assessment(confidence=Confidence.CONFIRMED, because=(words,), statement=say(_UNLISTED, **said))


def tls_required(rejection: Rejection) -> Assessment:
    """tls-required: whether it is the client's own demand, for which TLS here is not enough."""
    found = refused_parameter(rejection)
    if found is not None and found.keyword == "REQUIRETLS" and rejection.exchange.over_tls:
        return Assessment(confidence=Confidence.STATED, statement=say(_REQUIRETLS))
    return session.tls_required(rejection)
