"""One MTA-STS policy asked for over HTTPS, and the protocol through which the checks ask (RFC 8461 §3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from smtpprobe.model.words import Word


class FetchStatus(Word):
    """How a fetch came out; only `ok` brings a policy."""

    OK = "ok"
    NO_ADDRESS = "no-address"  # the policy host has none, or DNS did not say
    NOT_PUBLIC = "not-public"  # it has none but private or loopback ones, which are not connected to
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"  # it does not verify for the policy host
    TLS_FAILED = "tls-failed"
    REDIRECT = "redirect"  # RFC 8461 §3.3: never followed
    HTTP_STATUS = "http-status"  # any other than 200
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"  # no HTTP response, or one cut short
    NOT_RECORDED = "not-recorded"  # a replay asks what the saved run did not
    UNKNOWN = "unknown"


class PolicyFetch(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy host answered. `body` is the policy as text, undecodable octets as `\\xNN`; empty unless `ok`.

    `media_type` without its parameters, in lower case. `lookups` are those of the policy host's addresses.
    """

    url: str
    status: FetchStatus
    body: str = ""
    http_status: int | None = None
    media_type: str | None = None
    address: str | None = None
    detail: str | None = None
    took_s: float = 0.0
    lookups: tuple[int, ...] = ()


class PolicyFetcher(Protocol):
    """What the checks may ask of HTTPS."""

    async def fetch(self, domain: str) -> PolicyFetch:
        """The policy host's answer for the policy domain. Never raises for what the network did."""
        ...


class SharedFetcher:
    """A fetcher that the caller opened, and that other runs may use too."""

    def __init__(self, fetcher: PolicyFetcher) -> None:
        self._fetcher = fetcher

    async def fetch(self, domain: str) -> PolicyFetch:
        """The fetcher's answer without `lookups`: those are places in a list that is not this run's."""
        return msgspec.structs.replace(await self._fetcher.fetch(domain), lookups=())


class RecordedFetcher:
    """Answers from what a saved run fetched, by policy domain."""

    def __init__(self, known: Mapping[str, PolicyFetch]) -> None:
        self._known = known

    async def fetch(self, domain: str) -> PolicyFetch:
        """The recorded answer without its lookups, which were another run's; `not-recorded` where there is none."""
        found = self._known.get(domain) or PolicyFetch(url=policy_url(domain), status=FetchStatus.NOT_RECORDED)
        return msgspec.structs.replace(found, lookups=())


def policy_host(domain: str) -> str:
    """The policy host of a policy domain (RFC 8461 §3.2)."""
    return f"mta-sts.{domain}"


def policy_url(domain: str) -> str:
    """Where the policy of a policy domain lies (RFC 8461 §3.2)."""
    return f"https://{policy_host(domain)}/.well-known/mta-sts.txt"
