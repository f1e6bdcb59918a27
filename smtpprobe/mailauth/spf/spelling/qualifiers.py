"""Qualifiers that stand inside a term, at its name, and not before its mechanism (RFC 7208 §4.6.1)."""

from __future__ import annotations

import re

import msgspec

from smtpprobe.mailauth.spf.record import MECHANISMS, QUERYING, parse_term
from smtpprobe.mailauth.spf.spelling.terms import STRICTNESS, is_host, known_name, meant

_INSIDE = re.compile(r"([+\-~?]?)([A-Za-z0-9]{1,10})\s?[:=]\s?([+\-~?]{0,4})([^\s=+~?]+?)([+\-~?]{0,4})")


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """A term that has a qualifier inside: `meant` is the term without it, `target` the name that is then asked for.

    `otherwise` is the term with the qualifier where it belongs; None where it has one there, or that says the same.
    """

    meant: str
    name: str
    target: str | None
    otherwise: str | None


def qualifier_inside(text: str) -> Inside | None:
    """The term without its qualifiers inside; None where none is inside, or what is left is no term."""
    found = _INSIDE.fullmatch(text)
    if found is None:
        return None
    qualifier, written, before, value, behind = found.groups()
    name = known_name(written)
    if name is None or not before + behind:
        return None
    terms = meant(f"{name}{':' if name in MECHANISMS else '='}{value}")
    if len(terms) != 1:
        return None
    strictest = max(before + behind, key=STRICTNESS.index)
    is_said = bool(qualifier) or strictest == "+" or name not in MECHANISMS
    return Inside(
        meant=qualifier + terms[0] if name in MECHANISMS else terms[0],
        name=name,
        target=parse_term(terms[0]).name_literal,
        otherwise=None if is_said else strictest + terms[0],
    )


def to_be_asked(text: str) -> Inside | None:
    """The same where it takes a lookup to know whether the qualifier is a slip: the name of a host is behind it."""
    inside = qualifier_inside(text)
    return inside if inside is not None and inside.name in QUERYING and is_host(inside.target or "") else None
