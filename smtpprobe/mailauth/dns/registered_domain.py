"""The registered domain of a name, by the Public Suffix List."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def registered_domain(domain: str) -> str:
    """The public suffix and one label more (RFC 7489 §3.2); a name that is itself a public suffix is returned as it is.

    `domain` is in lower-case A-labels. A top-level domain that the list does not know counts as a public suffix.
    """
    return _suffixes().privatesuffix(domain) or domain


def is_public_suffix(domain: str) -> bool:
    """Whether names are registered directly below the domain."""
    return bool(_suffixes().publicsuffix(domain) == domain)


def is_registrable(domain: str) -> bool:
    """Whether the name lies below a public suffix that the list knows."""
    return _suffixes().privatesuffix(domain, accept_unknown=False) is not None


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
