"""Evidence that the session itself holds."""

from __future__ import annotations

import msgspec


class SessionEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="session"):
    """Evidence that lies in the transcript itself: the exchanges that show it, and the facts read from them."""

    exchanges: tuple[int, ...]
    facts: dict[str, str]
    lookups: tuple[int, ...] = ()
