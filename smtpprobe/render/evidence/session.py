"""What a check read from the session itself, as a row."""

from __future__ import annotations

from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.evidence.session import YesNo
from smtpprobe.render.evidence.row import Detail, Row, Tone

_WORDS = {
    "replies": "replies read: {}",
    "offered-in-clear": "without TLS: {}",
    "offered-over-tls": "over TLS: {}",
    "attempts": "attempts: {}",
}
_YES_OR_NO: dict[str, str] = {YesNo.YES: "{}", YesNo.NO: "not {}"}


def rows(evidence: SessionEvidence, detail: Detail) -> list[Row]:
    """The facts in their order, those that have no words here by name: `offered yes` is offered, `no` not offered."""
    return [Row(text=summary(evidence), tone=Tone.FAINT)]


def summary(evidence: SessionEvidence) -> str:
    """The facts on one line."""
    return ", ".join(_words(name, value) for name, value in evidence.facts.items())


def _words(name: str, value: str) -> str:
    if name == "verified":
        return "certificate verified" if value == YesNo.YES else "certificate not verified"
    if name in _WORDS:
        return _WORDS[name].format(value)
    return _YES_OR_NO.get(value, "{} {}").format(name.replace("-", " "), value)
