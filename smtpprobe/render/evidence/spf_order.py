"""Terms of an SPF record that come too late, as rows, with the order in which they would work."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.model.evidence.spf import SpfRecordEvidence
from smtpprobe.model.evidence.spf_dead import SpfDead
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.evidence.row import Row, Tone

# By whether the term is one that permits.
_LATE = {
    False: mark("comes too late: {term} lets its addresses pass"),
    True: mark("comes too late: {term} keeps its addresses from passing"),
}
_IN_ORDER = {
    False: mark("exceptions that come too late have no effect; put each before the term that lets its addresses pass:"),
    True: mark(
        "terms that come too late let nobody pass; put each that is meant to send before the one that excludes its addresses:"
    ),
}


def too_late(dead: SpfDead) -> str:
    """What an earlier term does to the addresses of one that comes too late."""
    return say(_LATE[_is_permitting(dead)], term=dead.before)


def _is_permitting(dead: SpfDead) -> bool:
    return parse_term(dead.term).qualifier == "+"


def orders(evidence: SpfRecordEvidence) -> list[Row]:
    """The order in which terms would work that have no effect."""
    made = []
    for is_permitting, text in _IN_ORDER.items():
        late = [
            each
            for each in evidence.dead
            if each.before is not None and each.is_own and _is_permitting(each) is is_permitting
        ]
        made += _order(late, say(text), evidence.domain) if late else []
    return made


def _order(late: Sequence[SpfDead], text: str, domain: str) -> list[Row]:
    return [
        Row(text=text, tone=Tone.CAUTION),
        *(
            Row(
                text=say(
                    "in {domain}: {term} before {other}",
                    domain=each.domain or domain,
                    term=each.term,
                    other=each.before,
                ),
                level=1,
            )
            for each in late
        ),
    ]
