"""What reverse DNS came to, as rows: the address there and back, and the HELO name."""

from __future__ import annotations

from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.render.evidence.row import Detail, Row, result_tone

_SHOWN_NAMES = 30


def rows(evidence: IprevEvidence, detail: Detail) -> list[Row]:
    """The PTR names with the result, then where the HELO name leads."""
    text = f"{evidence.client_ip} → {_names(evidence)}: {evidence.result}"
    if evidence.problem and not detail.states_problem(evidence.client_ip):
        text += f" ({evidence.problem})"
    made = [Row(text=text, tone=result_tone(evidence.result))]
    if evidence.alias:
        made.append(Row(text=f"the reverse name is an alias (CNAME) of {evidence.alias}", level=1))
    helo = evidence.helo
    if helo is not None and helo.name != f"[{evidence.client_ip}]":
        matches = ""
        if helo.matches_ip is not None:
            matches = ", leads to this address" if helo.matches_ip else ", does not lead to this address"
        alias = f" (CNAME of {helo.alias})" if helo.alias else ""
        made.append(Row(text=f"HELO name {helo.name}{alias} → {', '.join(helo.addresses) or helo.status}{matches}"))
    return made


def summary(evidence: IprevEvidence) -> str:
    """The result and the names, on one line."""
    return f"{evidence.result}, {_names(evidence)}"


def _names(evidence: IprevEvidence) -> str:
    shown = ", ".join(evidence.names[:_SHOWN_NAMES])
    more = len(evidence.names) - _SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown or "no PTR record"
