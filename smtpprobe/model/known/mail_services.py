"""DKIM selectors that are worth asking for when nobody named one: a guess, and reported as one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.model.names import is_at_or_below


class MailService(msgspec.Struct, frozen=True, kw_only=True):
    """A mail service: suffixes of its MX targets, SPF includes and key aliases, and the selectors that its customers publish.

    `unguessable` says what its selectors look like where each customer has others.
    """

    name: str
    suffixes: tuple[str, ...]
    selectors: tuple[str, ...] = ()
    unguessable: str | None = None


class KnownSelectors(msgspec.Struct, frozen=True, kw_only=True):
    """`common` are selectors that many domains use, whatever their service."""

    common: tuple[str, ...] = ()
    services: tuple[MailService, ...] = ()

    def services_behind(self, names: Iterable[str]) -> tuple[MailService, ...]:
        """The services that MX targets and SPF include targets show, in the order of the table."""
        seen = [name.lower().rstrip(".") for name in names]
        return tuple(
            service
            for service in self.services
            if any(is_at_or_below(name, suffix) for name in seen for suffix in service.suffixes)
        )
