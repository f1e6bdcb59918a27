"""Which parameter of the refused MAIL or RCPT the reply is about, and whether the server offers its extension."""

from __future__ import annotations

import re

import msgspec

from smtpprobe.catalogue.facts import YES
from smtpprobe.diagnosis.rejection import Rejection
from smtpprobe.model.transcript import Phase
from smtpprobe.wire import ehlo, parameters

_PATH = re.compile(r'[A-Z]{4} [A-Z]{2,4}:<(?:"(?:[^"\\]|\\.)*+"|[^">])*+>')
_NOT_RECOGNIZED = 555  # RFC 5321 §4.1.1.11: for no other reason


class Refused(msgspec.Struct, frozen=True):
    """A parameter as it was sent. `extension` is what it needs, None if that is not known; `listed`: EHLO offers it."""

    parameter: str
    extension: str | None
    listed: bool

    @property
    def keyword(self) -> str:
        """Its keyword in upper case."""
        return parameters.keyword(self.parameter)


def refused_parameter(rejection: Rejection) -> Refused | None:
    """The parameter that the reply names, or that it can only mean; None if it is about none, or about any of several."""
    sent = [
        _refused(each, rejection) for each in parameters_of(rejection.exchange.sent or "", rejection.exchange.phase)
    ]
    named = [each for each in sent if re.search(rf"(?<![\w-]){re.escape(each.keyword)}(?![\w-])", rejection.reply.text)]
    if named:
        return named[0]
    if rejection.reply.code != _NOT_RECOGNIZED:
        return None
    unlisted = [each for each in sent if each.extension is not None and not each.listed]
    meant = unlisted or sent
    return meant[0] if len(meant) == 1 else None


def parameters_of(sent: str, phase: Phase) -> list[str]:
    """The parameters of a MAIL or RCPT; none of another command."""
    path = _PATH.match(sent) if phase in (Phase.MAIL, Phase.RCPT) else None
    return sent[path.end() :].split() if path is not None else []


def of_parameters(rejection: Rejection) -> dict[str, str | None]:
    """The facts of it."""
    found = refused_parameter(rejection)
    if found is None:
        return {}
    unlisted = found.extension is not None and not found.listed
    return {
        "parameter_refused": YES,
        "parameter_unlisted": found.parameter if unlisted else None,
        "parameter_extension": found.extension,
        "parameter_listed": found.parameter if found.listed else None,
        "parameter_odd": found.parameter if found.extension is None else None,
    }


def _refused(parameter: str, rejection: Rejection) -> Refused:
    extension = parameters.extension(parameter)
    over_tls = rejection.exchange.over_tls
    answered = [
        each.reply
        for each in rejection.transcript.exchanges[: rejection.exchange.index]
        if each.phase is Phase.EHLO and each.reply and each.reply.code == 250 and each.over_tls is over_tls
    ]
    offered = ehlo.extensions(answered[-1].lines) if answered else {}
    return Refused(parameter, extension, extension in offered)
