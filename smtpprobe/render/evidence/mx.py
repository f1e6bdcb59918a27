"""Where the domains of a session take their mail, as rows."""

from __future__ import annotations

from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.mx import MxDomain, MxHost, MxProblem, MxStatus
from smtpprobe.render.evidence.row import Detail, Row

_WORDS = {
    MxStatus.MX: "MX",
    MxStatus.IMPLICIT: "no MX record, the address itself:",
    MxStatus.NULL_MX: "a null MX, it accepts no mail",
    MxStatus.NXDOMAIN: "does not exist",
    MxStatus.NOTHING: "neither MX nor address records",
    MxStatus.TEMPERROR: "could not be looked up",
}
_PROBLEMS = {
    MxProblem.FINAL_DOT: "its final dot is missing",
    MxProblem.MADE_UP: "the resolver gives any name this address",
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
    alias = f", an alias (CNAME) of {domain.alias}" if domain.alias else ""
    text = f"{domain.domain} ({domain.role}{alias}): {_WORDS.get(domain.status, domain.status)}"
    return f"{text} {hosts}" if hosts else text


def _host(host: MxHost) -> str:
    told = [f"CNAME of {host.alias}"] if host.alias else []
    if host.problem and not (host.alias and host.problem is MxProblem.CNAME):
        told.append(_PROBLEMS.get(host.problem) or host.problem.replace("-", " "))
    return f"{host.name} ({', '.join(told)})" if told else host.name
