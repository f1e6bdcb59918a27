"""Where the domains of a session take their mail, as rows."""

from __future__ import annotations

from smtpprobe.model.evidence import MxEvidence
from smtpprobe.model.evidence.mx import MxDomain, MxStatus
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
_MAX_HOSTS = 4


def rows(evidence: MxEvidence, detail: Detail) -> list[Row]:
    """A row for each domain."""
    return [Row(text=_text(domain)) for domain in evidence.domains]


def summary(evidence: MxEvidence) -> str:
    """Where each domain takes its mail, on one line."""
    return "; ".join(map(_text, evidence.domains))


def _text(domain: MxDomain) -> str:
    named = (
        host.name + (f" ({status_words(host.problem)})" if host.problem else "") for host in domain.hosts[:_MAX_HOSTS]
    )
    hosts = ", ".join(named)
    text = f"{domain.domain} ({domain.role}): {say(_WORDS.get(domain.status, domain.status))}"
    return f"{text} {hosts}" if hosts else text
