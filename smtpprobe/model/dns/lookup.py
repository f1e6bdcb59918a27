"""One DNS question and its answer, and the protocol through which every room asks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Sequence
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
    REFUSED = "refused"  # the name server says so; where the system refuses, it is `unreachable`
    OTHER_RCODE = "other-rcode"  # another code for a failure, which `detail` names
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"  # RFC 7766 §5: the answer did not fit into UDP, and TCP gave none
    UNREACHABLE = "unreachable"  # the operating system could not send the query
    MALFORMED = "malformed"  # a reply that cannot be read
    REFERRAL = "referral"  # RFC 2308 §2.1: other name servers instead of an answer
    NO_RECURSION = "no-recursion"  # nothing, from a name server that neither has the zone nor asks on (RFC 1035 §4.1.1)
    ALIAS_LOOP = "alias-loop"  # aliases (CNAME) in a circle, or more of them than are followed
    NOT_RECORDED = "not-recorded"  # a replay asks what the saved run did not
    UNKNOWN = "unknown"


_SHOWN_ALIASES = 5
ANSWERS = frozenset((DnsStatus.ANSWER, DnsStatus.NODATA, DnsStatus.NXDOMAIN))
_NO_ANSWER = {
    DnsStatus.SERVFAIL: "SERVFAIL",
    DnsStatus.REFUSED: "REFUSED",
    DnsStatus.OTHER_RCODE: mark("the name server reports an error"),
    DnsStatus.TRUNCATED: mark("the answer was truncated over UDP, and TCP failed"),
    DnsStatus.MALFORMED: mark("the reply cannot be read"),
    DnsStatus.REFERRAL: mark("the name server refers to others instead of answering"),
    DnsStatus.NO_RECURSION: mark("the name server does not recurse, and does not have the zone"),
    DnsStatus.ALIAS_LOOP: mark("its aliases (CNAME) have no end"),
    DnsStatus.NOT_RECORDED: mark("not recorded"),
}


class Question(msgspec.Struct, frozen=True):
    """A name (lower case, without trailing dot), a type, and where it is asked: None for the run's resolver."""

    name: str
    type: str
    server: str | None = None


class DnsLookup(msgspec.Struct, frozen=True, kw_only=True):
    """A question and its answer.

    `records` are in presentation form, TXT strings joined without quotes and undecodable octets as `\\xNN`;
    `index` is the lookup's place in the report's list, -1 outside a run. `detail` is what is known beside the status: a
    name server's extended errors (RFC 8914), the system's error, the aliases of a circle.
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
    cname: str | None = None  # the canonical name, where CNAME led to it, whether or not it exists
    detail: str | None = None

    @property
    def is_void(self) -> bool:
        """Whether the answer is that there is none: NODATA or NXDOMAIN (RFC 7208 §4.6.4)."""
        return self.status in (DnsStatus.NODATA, DnsStatus.NXDOMAIN)

    @property
    def failed(self) -> bool:
        """Whether there is no trustworthy answer: any status that is not answer, nodata or nxdomain."""
        return self.status not in ANSWERS

    @property
    def failure_reason(self) -> str:
        """Why there is no trustworthy answer, without the question: `SERVFAIL`, `no answer in 5 s`."""
        if self.status is DnsStatus.TIMEOUT:
            return self.detail or say("no answer in time")
        if self.status is DnsStatus.UNREACHABLE:
            words = (
                say("the name server {server} cannot be reached", server=self.server)
                if self.server
                else say("no name server can be asked")
            )
        else:
            words = say(_NO_ANSWER.get(self.status, mark("no answer")))
        return f"{words} ({self.detail})" if self.detail else words

    @property
    def failure_text(self) -> str:
        """Why there is no trustworthy answer, for a message: `PTR lookup of 1.2.0.192.in-addr.arpa failed: SERVFAIL`."""
        plain = mark("{type} lookup of {name} failed: {why}")
        of_alias = mark("{type} lookup of {name}, an alias (CNAME) of {alias}, failed: {why}")
        words = of_alias if self.cname else plain
        return say(words, type=self.type, name=self.name, alias=self.cname, why=self.failure_reason)

    def void_text(self, name: str) -> str:
        """What there is instead of an answer: `x.example does not exist`, `x.example has no TXT record`.

        An alias is named with the name that it leads to (RFC 1034 §3.6.2), and so is one that leads nowhere.
        """
        exists = self.status is not DnsStatus.NXDOMAIN
        if self.cname:
            nowhere = mark("{name} is an alias (CNAME) of {alias}, which does not exist")
            nothing = mark("{name} is an alias (CNAME) of {alias}, which has no {type} record")
            words = nothing if exists else nowhere
        else:
            words = mark("{name} has no {type} record") if exists else mark("{name} does not exist")
        text = say(words, name=name, alias=self.cname, type=self.type)
        return f"{text} ({self.detail})" if self.detail else text

    @property
    def alias_text(self) -> str | None:
        """That the name is an alias, with where it leads, be it nowhere; None where it is none or the lookup failed."""
        if not self.cname or self.failed:
            return None
        if self.is_void:
            return self.void_text(self.name)
        return say("{name} is an alias (CNAME) of {alias}", name=self.name, alias=self.cname)


def endless(names: Sequence[str], most: int) -> str:
    """Why aliases have no end: `a circle: a.example → b.example → a.example`, or more than the most that are followed."""
    chain = " → ".join((*names[:_SHOWN_ALIASES], *(("…",) if len(names) > _SHOWN_ALIASES else ())))
    words = mark("a circle: {chain}") if names[-1] in names[:-1] else mark("more than {most}: {chain}")
    return say(words, chain=chain, most=most)


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
