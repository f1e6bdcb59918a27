"""What reverse DNS came to, as rows: the address there and back, and the HELO name."""

from __future__ import annotations

from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.texts.language import say
from smtpprobe.model.texts.statuses import status_words
from smtpprobe.render.evidence.row import Detail, Row, result_tone


def rows(evidence: IprevEvidence, detail: Detail) -> list[Row]:
    """The PTR names with the result, then where the HELO name leads."""
    text = f"{evidence.client_ip} → {_names(evidence)}: {evidence.result}"
    if evidence.problem and not detail.states_problem(evidence.client_ip):
        text += f" ({evidence.problem})"
    made = [Row(text=text, tone=result_tone(evidence.result))]
    helo = evidence.helo
    if helo is not None and helo.name != f"[{evidence.client_ip}]":
        words = say("HELO name {name}", name=helo.name) + f" → {', '.join(helo.addresses) or status_words(helo.status)}"
        if helo.matches_ip is not None:
            words += say(", leads to this address") if helo.matches_ip else say(", does not lead to this address")
        made.append(Row(text=words))
    return made


def summary(evidence: IprevEvidence) -> str:
    """The result and the names, on one line."""
    return f"{evidence.result}, {_names(evidence)}"


def _names(evidence: IprevEvidence) -> str:
    return ", ".join(evidence.names) or say("no PTR record")
