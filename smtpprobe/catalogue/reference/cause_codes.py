"""Which codes stand for a cause: those that state it by themselves, and those that are often used for it."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.status_codes import as_written

_STATES = 45  # the weight from which on an enhanced status code states its first cause
_FIRST = 2  # causes of a reply code that count as usual; those behind them are far guesses


class CauseCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Enhanced status codes that state a cause by themselves, others that are used for it, and usual reply codes."""

    stated_by: tuple[str, ...]
    enhanced: tuple[str, ...]
    replies: tuple[int, ...]


@lru_cache(maxsize=64)
def cause_codes(cause: str) -> CauseCodes:
    """The codes of a cause, by what the explainer takes them for when no words decide."""
    rules = table("text_rules")
    stated: list[str] = []
    used: list[str] = []
    for stem, weights in rules["enhanced"].items():
        if cause in weights:
            states = next(iter(weights)) == cause and weights[cause] >= _STATES
            written = (stem,) if stem.count(".") == 2 else as_written(stem)
            (stated if states else used).extend(code for code in written if code[0] != "2")
    replies = {
        int(name.partition("@")[0])
        for name, found in rules["fallback"].items()
        if cause in found[:_FIRST] and len(name.partition("@")[0]) == 3
    }
    return CauseCodes(
        stated_by=tuple(sorted(stated, key=_order)),
        enhanced=tuple(sorted(used, key=_order)),
        replies=tuple(sorted(replies)),
    )


def _order(code: str) -> tuple[int, ...]:
    digit, subject, detail = code.split(".")
    return int(subject), int(detail), -int(digit)
