"""The reply to EHLO as extensions and their parameters (RFC 5321 §4.1.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smtpprobe.model.transcript import Exchange, Phase

# What a Cisco firewall writes in the place of a keyword that it does not let pass, as long as that and with a last
# letter of its own.
_MASKED = re.compile(r"X{7,}[A-Z]?")


def masked(keywords: Iterable[str]) -> str | None:
    """The keyword that a firewall on the way has written over, as it writes them; None if there is none."""
    return next((each for each in keywords if _MASKED.fullmatch(each)), None)


def ehlo_was_not_sent(exchanges: Iterable[Exchange]) -> bool:
    """Whether the client said HELO alone, so that nobody knows what the server offers."""
    hellos = [each for each in exchanges if each.phase is Phase.EHLO and each.reply is not None]
    return bool(hellos) and all(each.is_helo for each in hellos)


def extensions(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Keyword, in upper case, to its parameters; the first line, the server's name, is passed over.

    The old form `AUTH=PLAIN LOGIN` counts as AUTH, and several AUTH lines are joined.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in list(lines)[1:]:
        words = line.split()
        if not words:
            continue
        keyword, parameters = words[0].upper(), tuple(words[1:])
        if keyword.startswith("AUTH="):
            keyword, parameters = "AUTH", (words[0][5:], *parameters)
        if keyword == "AUTH":
            parameters = (*found.get("AUTH", ()), *(p.upper() for p in parameters if p))
        found[keyword] = tuple(dict.fromkeys(parameters))
    return found
