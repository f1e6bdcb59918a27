"""One rejection with everything that may be weighed, and the assessment that comes of it."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from smtpprobe.catalogue.explainer.explain import Explanation
from smtpprobe.model.report import BecauseKind, CheckRun, Completed, Confidence
from smtpprobe.model.transcript import Exchange, Transcript

Kind = TypeVar("Kind")


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What the evidence adds to a stated cause, in texts of one kind.

    `recipient_side`: the fault lies with what the server asks or believes.
    """

    confidence: Confidence
    because: tuple[str, ...] = ()
    kind: BecauseKind = BecauseKind.EVIDENCE
    checks: tuple[int, ...] = ()
    recipient_side: bool = False


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """One rejection with everything that may be weighed: the exchange, the reply read, and this transcript's runs.

    `explaining` names the checks that can show why something is refused; None for all of them.
    """

    transcript: Transcript
    exchange: Exchange
    said: Explanation
    runs: tuple[tuple[int, CheckRun], ...]
    reverse_path: str | None
    forward_path: str | None
    helo: str
    helo_assumed: bool = False
    explaining: frozenset[str] | None = None

    def evidence(self, kind: type[Kind]) -> tuple[int, Kind] | None:
        """The evidence of this kind, with the index of its run in the report; None where no check completed with it."""
        for index, run in self.runs:
            if isinstance(run, Completed) and isinstance(run.evidence, kind):
                return index, run.evidence
        return None

    def is_explained_by(self, check: str) -> bool:
        """Whether the check can show why something is refused."""
        return self.explaining is None or check in self.explaining

    @property
    def text(self) -> str:
        """The reply's words, lower case."""
        return self.exchange.reply.text.lower() if self.exchange.reply else ""


STATED = Assessment(confidence=Confidence.STATED)
