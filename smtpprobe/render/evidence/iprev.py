"""What reverse DNS came to, as rows: the address there and back, and the HELO name."""

from __future__ import annotations

from smtpprobe.model.evidence import IprevEvidence
from smtpprobe.model.texts.language import say
from smtpprobe.model.texts.statuses import status_words
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone

_SHOWN_NAMES = 30


def rows(evidence: IprevEvidence, detail: Detail) -> list[Row]:
    """The PTR names with the result, then where the HELO name leads."""
    text = f"{evidence.client_ip} → {_names(evidence)}: {evidence.result}"
    if evidence.problem and not detail.states_problem(evidence.client_ip):
        text += f" ({evidence.problem})"
    made = [Row(text=text, tone=result_tone(evidence.result))]
    if evidence.alias:
        made.append(Row(text=say("the reverse name is an alias (CNAME) of {alias}", alias=evidence.alias), level=1))
    made += [
        Row(text=say("{name} is an alias (CNAME) of {alias}", name=name, alias=alias), level=1)
        for name, alias in evidence.aliases.items()
        if name in evidence.confirmed
    ]
    made += [Row(text=say("without effect: {why}", why=why), tone=Tone.FAINT, level=1) for why in evidence.unanswered]
    helo = evidence.helo
    if helo is not None and helo.name != f"[{evidence.client_ip}]":
        words = say("HELO name {name}", name=helo.name)
        words += say(" (CNAME of {alias})", alias=helo.alias) if helo.alias else ""
        words += f" → {', '.join(helo.addresses) or helo.unanswered or status_words(helo.status)}"
        if helo.matches_ip is not None:
            words += say(", leads to this address") if helo.matches_ip else say(", does not lead to this address")
        made.append(Row(text=words))
    return made


def summary(evidence: IprevEvidence) -> str:
    """The result and the names, on one line."""
    return f"{evidence.result}, {_names(evidence)}"


def _names(evidence: IprevEvidence) -> str:
    shown = ", ".join(evidence.names[:_SHOWN_NAMES])
    more = len(evidence.names) - _SHOWN_NAMES
    if more > 0:
        return shown + say(" and {count} more", count=more)
    if evidence.result is AuthResult.TEMPERROR:
        return shown or say("not known")
    return shown or say("no PTR record")
