"""Terms of an SPF record that change nobody's result."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class SpfDeadReason(Word):
    """Why a term changes nobody's result."""

    AFTER_ALL = "after-all"  # never evaluated (RFC 7208 §5.1)
    BESIDE_ALL = "beside-all"  # redirect= is ignored beside all (RFC 7208 §6.1)
    NO_ADDRESS = "no-address"  # the names that it leads to have none
    PASSES_NOBODY = "passes-nobody"  # the record that it includes lets nobody pass
    COVERED = "covered"  # other terms decide all of its addresses in the same way
    UNKNOWN = "unknown"


class SpfDead(msgspec.Struct, frozen=True, kw_only=True):
    """A term that changes nothing, as DNS answers now. `family` is the only family that it is dead for, None for both.

    `position` is its place among the terms; `by` are the terms that cover it. `domain` has the record, None for the one
    that was asked about; `is_own`: it is of the same registered domain, so that its owner can take the term out.
    `was_meant`: only a fault keeps it from matching, so that to take it out is no remedy. `before` is the term that it
    would have to stand before: that one lets the addresses of an exception pass, or excludes those of a term that permits.
    """

    term: str
    position: int
    reason: SpfDeadReason
    family: str | None = None
    by: tuple[str, ...] = ()
    domain: str | None = None
    is_own: bool = True
    was_meant: bool = False
    before: str | None = None
