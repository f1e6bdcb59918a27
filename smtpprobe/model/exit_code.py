"""The exit codes of every command, as the contract numbers them."""

from __future__ import annotations

ACCEPTED = 0
REFUSED = 1  # for good; also a finding that was to count, and what a single check finds wrong
USAGE = 2
DEFERRED = 3
NO_SESSION = 4
AUTH_REFUSED = 5
INCOMPLETE = 6
BUG = 70  # we are wrong ourselves
INTERRUPTED = 130
