"""Closed lists of words in a report, open to later versions of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A word that a report holds. One that this version does not know is read as `unknown`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls.__members__.get("UNKNOWN")


class AuthResult(Word):
    """The result words of SPF, DKIM, DMARC and iprev (RFC 8601 §2.7)."""

    NONE = "none"  # nothing is published, or nothing is signed
    NEUTRAL = "neutral"  # the domain says nothing about the client; a signature that cannot be processed
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"  # the client is probably not authorized, the domain does not insist (RFC 7208 §2.6.5)
    POLICY = "policy"  # verified, but not acceptable here: a key that is too short
    TEMPERROR = "temperror"  # DNS gave no answer: another time it may
    PERMERROR = "permerror"  # what is published cannot be interpreted: it stays so until it is changed
    UNKNOWN = "unknown"


class Severity(Word):
    """By consequence."""

    CRITICAL = "critical"  # no session can be held
    ERROR = "error"  # this transaction is refused, or will be by any conforming peer
    WARNING = "warning"  # works today, fails for some
    NOTICE = "notice"  # worth knowing
    INFO = "info"  # observed
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Higher is worse: info 0 to critical 4."""
        return _RANKS[self]


_RANKS = {
    Severity.UNKNOWN: 0,
    Severity.INFO: 0,
    Severity.NOTICE: 1,
    Severity.WARNING: 2,
    Severity.ERROR: 3,
    Severity.CRITICAL: 4,
}
