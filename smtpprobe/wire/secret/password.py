"""What may be said of a password."""

from __future__ import annotations

import re

from smtpprobe.model.login.secret import PasswordRecord, PasswordSource
from smtpprobe.wire.secret.token import looks_like_token
from smtpprobe.wire.secret.unfilled import is_unfilled, names_variable, unquoted

# As providers show the app passwords that they make: Google with blanks, Apple with hyphens, which belong to it.
_GROUPS = re.compile(r"[a-z]{4}(?:[ \u00a0][a-z]{4}){3}", re.IGNORECASE)


def read_password(secret: str, source: PasswordSource = PasswordSource.UNKNOWN) -> PasswordRecord:
    """Its record. The secret itself is in none of the fields."""
    bare = secret.strip()
    return PasswordRecord(
        source=source,
        ascii=secret.isascii(),
        blank_at_end=secret != bare,
        names_variable=names_variable(secret),
        quoted=unquoted(bare) != bare,
        empty=not secret,
        unfilled=is_unfilled(secret),
        line_break="\n" in secret or "\r" in secret,
        in_groups=_GROUPS.fullmatch(bare) is not None,
        is_token=looks_like_token(bare),
    )
