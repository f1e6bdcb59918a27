"""What a piece of evidence comes to in words: rows with a tone and a level, which each format prints in its own way."""

from __future__ import annotations

import msgspec

from smtpprobe.model.report import Finding
from smtpprobe.model.words import AuthResult, Word


class Tone(Word):
    """How a row is meant."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    CAUTION = "caution"
    FAINT = "faint"  # nothing that one would look for
    STRONG = "strong"
    PASTE = "paste"  # to be copied as it is, never broken into lines
    UNKNOWN = "unknown"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A statement; `level` 0 for one by itself, more for what belongs to the row above it.

    `needs` names the request's field that would tell more.
    """

    text: str
    tone: Tone = Tone.PLAIN
    level: int = 0
    needs: str | None = None


class Detail(msgspec.Struct, frozen=True):
    """How much to say. `full`: traces and what is fine too. `findings` are those that are shown beside the rows."""

    full: bool = False
    findings: tuple[Finding, ...] = ()

    def states_problem(self, subject: str) -> bool:
        """True if a finding that is shown states the subject's problem, so that it need not be said twice."""
        return any(finding.states_problem and finding.subject == subject for finding in self.findings)


RESULT_TONES = {
    AuthResult.PASS: Tone.GOOD,
    AuthResult.FAIL: Tone.BAD,
    AuthResult.PERMERROR: Tone.BAD,
    AuthResult.SOFTFAIL: Tone.CAUTION,
    AuthResult.TEMPERROR: Tone.CAUTION,
}


def result_tone(result: AuthResult) -> Tone:
    """The tone of a result of SPF, DKIM, DMARC or iprev."""
    return RESULT_TONES.get(result, Tone.PLAIN)
