"""How bad a finding is."""

from __future__ import annotations

from smtpprobe.model.words import Word


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
