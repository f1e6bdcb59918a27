"""One DNS question and its answer, and the protocol through which every room asks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Protocol, TypeVar

import msgspec

from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import Word


class DnsStatus(Word):
    """The result of a query; the first three are answers, the rest are not."""

    ANSWER = "answer"
    NODATA = "nodata"  # the name exists, not with this type
    NXDOMAIN = "nxdomain"  # RFC 8020: nothing below it either
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    NOT_RECORDED = "not-recorded"  # a replay asks what the saved run did not
    UNKNOWN = "unknown"


_NONE = mark("no answer")
_NO_ANSWER = {DnsStatus.TIMEOUT: mark("no answer in time"), DnsStatus.NOT_RECORDED: mark("not recorded")}


class Question(msgspec.Struct, frozen=True):
    """A name (lower case, without trailing dot), a type, and where it is asked: None for the run's resolver."""

    name: str
    type: str
    server: str | None = None


class DnsLookup(msgspec.Struct, frozen=True, kw_only=True):
    """A question and its answer.

    `records` are in presentation form, TXT strings joined without quotes and undecodable octets as `\\xNN`;
    `index` is the lookup's place in the report's list, -1 outside a run.
    """

    name: str
    type: str
    status: DnsStatus
    records: tuple[str, ...] = ()
    ttl_s: int | None = None
    authentic: bool = False  # the AD bit (RFC 4035 §3.2.3)
    server: str | None = None
    started_s: float = 0.0
    took_s: float = 0.0
    index: int = -1
    cname: str | None = None  # the canonical name, where the answer came through CNAME
    detail: str | None = None

    @property
    def is_void(self) -> bool:
        """Whether the answer is that there is none: NODATA or NXDOMAIN (RFC 7208 §4.6.4)."""
        return self.status in (DnsStatus.NODATA, DnsStatus.NXDOMAIN)

    @property
    def failed(self) -> bool:
        """Whether there is no trustworthy answer: SERVFAIL, refused, timeout, not recorded."""
        return self.status not in (DnsStatus.ANSWER, DnsStatus.NODATA, DnsStatus.NXDOMAIN)

    @property
    def failure_text(self) -> str:
        """Why there is no trustworthy answer, for a message: `PTR lookup of 1.2.0.192.in-addr.arpa failed: SERVFAIL`."""
        rcode = self.status.value.upper() if self.status in (DnsStatus.SERVFAIL, DnsStatus.REFUSED) else None
        why = (
            f"{rcode} ({self.detail})"
            if rcode and self.detail
            else rcode or self.detail or say(_NO_ANSWER.get(self.status, _NONE))
        )
        return say("{type} lookup of {name} failed: {why}", type=self.type, name=self.name, why=why)


def mx_records(lookup: DnsLookup) -> tuple[tuple[int, str], ...]:
    """Preference and exchange of each MX record, best first, equal ones by name; the exchange of a null MX is empty.

    RFC 5321 §5.1, RFC 7505 §3. Empty where the lookup is no answer.
    """
    found = set()
    for record in lookup.records if lookup.status is DnsStatus.ANSWER else ():
        preference, _, exchange = record.partition(" ")
        if preference.isascii() and preference.isdigit():
            found.add((int(preference[:6]), exchange.strip().rstrip(".").lower()))
    return tuple(sorted(found))


Result = TypeVar("Result")


class Resolver(Protocol):
    """Answers DNS queries. Each query is sent once per run, however often it is looked up."""

    async def lookup(self, question: Question) -> DnsLookup:
        """The answer. Never raises for what the network did."""
        ...

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start the work now, its result discarded; it is cancelled at the end of the run."""
        ...

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What the work comes to, done once a run for this key: later callers join the first. Raises what it raises.

        The key says all that the result depends on beside DNS.
        """
        ...
