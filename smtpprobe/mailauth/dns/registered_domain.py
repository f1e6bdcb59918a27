"""The registered domain of a name, by the Public Suffix List."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def registered_domain(domain: str) -> str:
    """The public suffix and one label more (RFC 7489 §3.2); a name that is itself a public suffix is returned as it is.

    `domain` is in lower-case A-labels. A top-level domain that the list does not know counts as a public suffix.
    """
    return _suffixes(domain).privatesuffix(domain) or domain


def is_public_suffix(domain: str) -> bool:
    """Whether names are registered directly below the domain."""
    return bool(_suffixes(domain).publicsuffix(domain) == domain)


def is_registrable(domain: str) -> bool:
    """Whether the name lies below a public suffix that the list knows."""
    return _suffixes(domain).privatesuffix(domain, accept_unknown=False) is not None


def _suffixes(domain: str) -> PublicSuffixList:
    """The list, as far as it is about the domain."""
    return _suffixes_below(domain.rpartition(".")[2])


@cache
def _suffixes_below(top: str) -> PublicSuffixList:
    """The suffixes of one top-level domain: to read all ten thousand takes longer than a session."""
    from publicsuffixlist import PublicSuffixList

    # The library would encode each name again; here they are asked about in A-labels alone.
    return PublicSuffixList(map(_in_a_labels, _rules(_octets(), _as_written(top))), accept_encoded_idn=False)


@cache
def _octets() -> bytes:
    from publicsuffixlist import PSLFILE

    with open(PSLFILE, "rb") as file:
        return b"\n" + file.read().replace(b"\r", b"") + b"\n"


def _as_written(top: str) -> bytes:
    """The top-level domain as the list has it, which is in U-labels."""
    try:
        return top.encode().decode("idna").encode()
    except UnicodeError:
        return top.encode("utf-8", "surrogateescape")


def _in_a_labels(rule: bytes) -> bytes:
    if rule.isascii():
        return rule
    bare = rule.lstrip(b"!")
    return rule[: len(rule) - len(bare)] + bare.decode().encode("idna")


def _rules(octets: bytes, top: bytes) -> Iterator[bytes]:
    """The lines that end in the top-level domain."""
    end = octets.find(top + b"\n") if top else -1
    while end >= 0:
        start = octets.rfind(b"\n", 0, end) + 1
        is_comment = octets.startswith(b"//", start)
        if not is_comment and (start == end or octets[end - 1 : end] in (b".", b"!")):
            yield octets[start : end + len(top)]
        end = octets.find(top + b"\n", end + 1)
