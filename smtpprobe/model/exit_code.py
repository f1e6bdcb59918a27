"""The exit codes of every command, as the contract numbers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpprobe.model.transcript import OutcomeFault, Status

ACCEPTED = 0
REFUSED = 1  # for good; also a finding that was to count, and what a single check finds wrong
USAGE = 2
DEFERRED = 3
NO_SESSION = 4
AUTH_REFUSED = 5
INCOMPLETE = 6
BUG = 70  # we are wrong ourselves
INTERRUPTED = 130


def exit_code_of(status: Status, fault: OutcomeFault | None = None) -> int:
    """The exit code that stands for an outcome, without what `--fail-on` adds."""
    from smtpprobe.model.transcript import OutcomeFault, Status

    if fault is OutcomeFault.INTERNAL_ERROR:
        return BUG
    codes = {
        Status.ACCEPTED: ACCEPTED,
        Status.REFUSED: REFUSED,
        Status.DEFERRED: DEFERRED,
        Status.NO_SESSION: NO_SESSION,
        Status.AUTH_REFUSED: AUTH_REFUSED,
        Status.INTERRUPTED: INTERRUPTED,
    }
    return codes.get(status, INCOMPLETE)
