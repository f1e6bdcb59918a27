"""Where the domains of a session take their mail, as rows."""

from __future__ import annotations

from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxStatus
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.texts.statuses import status_words
from smtpprobe.render.evidence.row import Detail, Row

_WORDS = {
    MxStatus.MX: "MX",
    MxStatus.IMPLICIT: mark("no MX record, the address itself:"),
    MxStatus.NULL_MX: mark("a null MX, it accepts no mail"),
    MxStatus.NXDOMAIN: mark("does not exist"),
    MxStatus.NOTHING: mark("neither MX nor address records"),
    MxStatus.TEMPERROR: mark("could not be looked up"),
}
_PROBLEMS = {
    MxProblem.FINAL_DOT: mark("its final dot is missing"),
    MxProblem.MADE_UP: mark("the resolver gives any name this address"),
}
_MAX_HOSTS = 4


def rows(evidence: MxEvidence, detail: Detail) -> list[Row]:
    """A row for each domain."""
    return [Row(text=_text(domain)) for domain in evidence.domains]


def summary(evidence: MxEvidence) -> str:
    """Where each domain takes its mail, on one line."""
    return "; ".join(map(_text, evidence.domains))


def _text(domain: MxDomain) -> str:
    hosts = ", ".join(_host(host) for host in domain.hosts[:_MAX_HOSTS])
    alias = say(", an alias (CNAME) of {alias}", alias=domain.alias) if domain.alias else ""
    text = f"{domain.domain} ({domain.role}{alias}): {say(_WORDS.get(domain.status, domain.status))}"
    return f"{text} {hosts}" if hosts else text


def _host(host: MxHost) -> str:
    told = [say("CNAME of {alias}", alias=host.alias)] if host.alias else []
    if host.problem and not (host.alias and host.problem is MxProblem.CNAME):
        words = _PROBLEMS.get(host.problem)
        told.append(say(words) if words else status_words(host.problem))
    return f"{host.name} ({', '.join(told)})" if told else host.name
