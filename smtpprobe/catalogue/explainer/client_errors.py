"""What programs that send mail say where no reply tells what went wrong: their fixed words, each with its cause."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase

LIMIT = 1 << 16  # characters of a text that are searched
_YES = "yes"
# Whom the certificate should have been for, in the words of Python, Java, Go, curl, PHP and Nodemailer.
_NAMES = re.compile(
    r"(?:not valid for '|dns name matching |, not |target host ?name '|expected cn=[`']|host: )"
    r"([a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?)"
)
_ANY_NAME = mark("the name that the client asks for")


class ClientError(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of error: the words by which it is known, its cause, what it may be instead, what its remedies depend on."""

    id: str
    cause: str
    words: tuple[str, ...]
    phase: Phase | None = None
    known: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = msgspec.field(default=(), name="or")


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    reviewed: str
    error: tuple[ClientError, ...]


@lru_cache(maxsize=1)
def client_errors() -> tuple[ClientError, ...]:
    """Every kind, the special ones before the general."""
    return msgspec.convert(load.table("client_errors"), _Table).error


def client_error(text: str) -> ClientError | None:
    """The kind of error that the text tells of, None where none is known."""
    lowered = text[:LIMIT].lower()
    return next((each for each in client_errors() if any(words in lowered for words in each.words)), None)


def conditions(kind: str | None, text: str) -> dict[str, str]:
    """What remedies may depend on, of a text of this kind; nothing where it is of none."""
    found = next((each for each in client_errors() if each.id == kind), None)
    if found is None:
        return {}
    known = dict.fromkeys(found.known, _YES)
    if "tls_wanted_name" in known:
        named = _NAMES.search(text[:LIMIT].lower())
        known["tls_wanted_name"] = named[1] if named else say(_ANY_NAME)
    return known


def line_of(text: str, error: ClientError) -> int:
    """The number of the last line that has the error's words, from 1: a traceback tells the first cause last or first."""
    lines = text[:LIMIT].lower().splitlines()
    return max((number for number, line in enumerate(lines, 1) if any(each in line for each in error.words)), default=1)
