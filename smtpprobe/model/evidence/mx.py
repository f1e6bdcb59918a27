"""Where mail for a domain goes (RFC 5321 §5.1)."""

from __future__ import annotations

import msgspec


class MxHost(msgspec.Struct, frozen=True, kw_only=True):
    preference: int
    name: str
    addresses: tuple[str, ...]
    problem: str | None = None  # cname, address-literal, no-address, private-address, temperror


class MxDomain(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail for a domain goes (RFC 5321 §5.1).

    `status`: mx, implicit (the address itself), null-mx (RFC 7505), nxdomain, nothing, temperror.
    """

    domain: str
    role: str  # reverse-path, forward-path
    status: str
    hosts: tuple[MxHost, ...]
    problem: str | None = None
    lookups: tuple[int, ...] = ()


class MxEvidence(msgspec.Struct, frozen=True, tag_field="kind", tag="mx"):
    domains: tuple[MxDomain, ...]
    lookups: tuple[int, ...]
