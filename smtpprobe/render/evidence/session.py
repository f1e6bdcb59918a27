"""What a check read from the session itself, as a row."""

from __future__ import annotations

from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.evidence.session import YesNo
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.evidence.row import Detail, Row, Tone

_WORDS = {
    "replies": mark("replies read: {value}"),
    "offered-in-clear": mark("without TLS: {value}"),
    "offered-over-tls": mark("over TLS: {value}"),
    "attempts": mark("attempts: {value}"),
    "name": mark("name {value}"),
    "version": mark("version {value}"),
    "cipher": mark("cipher {value}"),
    "expires": mark("expires {value}"),
    "issuer": mark("issuer {value}"),
}


def rows(evidence: SessionEvidence, detail: Detail) -> list[Row]:
    """The facts in their order, those that have no words here by name."""
    return [Row(text=summary(evidence), tone=Tone.FAINT)]


def summary(evidence: SessionEvidence) -> str:
    """The facts on one line."""
    return ", ".join(_words(name, value) for name, value in evidence.facts.items())


def _words(name: str, value: str) -> str:
    if name == "verified":
        return say("certificate verified") if value == YesNo.YES else say("certificate not verified")
    if name == "offered" and value != YesNo.UNKNOWN:
        return say("offered") if value == YesNo.YES else say("not offered")
    if name in _WORDS:
        return say(_WORDS[name], value=say("none") if value == "none" else value)
    fact = name.replace("-", " ")
    return fact if value == YesNo.YES else say("not {fact}", fact=fact) if value == YesNo.NO else f"{fact} {value}"
