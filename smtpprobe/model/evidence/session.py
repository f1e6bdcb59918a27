"""Evidence that the session itself holds."""

from __future__ import annotations

import msgspec

from smtpprobe.model.words import Word


class YesNo(Word):
    """A fact that is true or not."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class SessionEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="session"):
    """Evidence that lies in the transcript itself: the exchanges that show it, and the facts read from them.

    A fact is a word of YesNo, a number, a name, a date in the form of RFC 3339, or names with blanks between them.
    """

    exchanges: tuple[int, ...]
    facts: dict[str, str]
    lookups: tuple[int, ...] = ()
