"""Places for a value that was never filled in: a variable that nothing replaced, the stars of a masked log."""

from __future__ import annotations

import re

# ${X}, $(X), {{ x }}, %X%, <password>, and the stars or bullets of a masked log.
_PLACEHOLDER = re.compile(
    r"\$\{.*|\$\([\w.]*\)|\{\{.*\}\}|%\w+%|<[\w -]*(?:password|passwort|secret|token|user)[\w -]*>|[*•]+", re.IGNORECASE
)
_VARIABLE = re.compile(r"\$[A-Z_][A-Z0-9_]*")
_QUOTES = "\"'`"


def is_unfilled(text: str) -> bool:
    """Whether the text is such a place, which no password would look like."""
    return _PLACEHOLDER.fullmatch(text.strip()) is not None


def names_variable(text: str) -> bool:
    """Whether the text is `$NAME`: a password may look like this too."""
    return _VARIABLE.fullmatch(unquoted(text.strip())) is not None


def unquoted(text: str) -> str:
    """The text without the quotation marks around it, which a file or a setting may keep where a shell would not."""
    is_quoted = len(text) > 2 and text[0] == text[-1] and text[0] in _QUOTES
    return text[1:-1] if is_quoted else text
