"""Selectors as they are given, and what an SPF record shows of the mail services whose selectors are worth a guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from smtpprobe.model.evidence.dkim import DkimKey


class Asked(msgspec.Struct, frozen=True):
    """The domains to ask, and the selectors to ask them for, each with what was given for it."""

    domains: tuple[str, ...]
    selectors: Mapping[str, str]

    def as_given(self, key: DkimKey) -> DkimKey:
        """The key with the name that was given in place of its selector, if one was."""
        given = self.selectors.get(key.selector, key.selector)
        return key if given == key.selector else msgspec.structs.replace(key, given_as=given)


def asked(domain: str | Sequence[str] | None, selectors: Iterable[str]) -> Asked:
    """What is to be asked; of a key record's name (RFC 6376 §3.6.2.1), given as either, the selector and the domain."""
    domains = dict.fromkeys((domain,) if isinstance(domain, str) else domain or ())
    names = [*selectors, *(each for each in domains if _parts(each)[1] is not None)]
    return Asked(
        tuple(dict.fromkeys(_parts(each)[1] or each for each in domains)),
        {_parts(name)[0]: name for name in names},
    )


def _parts(name: str) -> tuple[str, str | None]:
    """The selector in a name, and the domain behind it if it is the name of a key record."""
    selector, node, domain = name.partition("._domainkey")
    return (selector, domain.strip(".") or None) if node and domain[:1] in ("", ".") else (name, None)


def spf_targets(record: str) -> tuple[str, ...]:
    """The names that an SPF record includes or redirects to; none for another text."""
    terms = record.lower().split()
    if terms[:1] != ["v=spf1"]:
        return ()
    bare = (term.lstrip("+-?~") for term in terms[1:])
    return tuple(
        term.removeprefix("include:").removeprefix("redirect=")
        for term in bare
        if term[:8] == "include:" or term[:9] == "redirect="
    )
