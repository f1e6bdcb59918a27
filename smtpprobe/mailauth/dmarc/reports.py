"""Where reports go, and whether a destination outside the organization has agreed to take them (RFC 9990 §4)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.mailauth.dmarc.record import is_dmarc_record, read_record
from smtpprobe.mailauth.dmarc.report_uri import uri_fault
from smtpprobe.mailauth.dmarc.suppositions import same_organization
from smtpprobe.mailauth.dmarc.walk import questions, walk
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver, mx_records
from smtpprobe.model.evidence.dmarc import DmarcReportDestination
from smtpprobe.model.names import a_labels, is_domain
from smtpprobe.model.texts.language import mark, say

MAX_DESTINATIONS = 10
MAX_NAME = 253  # octets of a name in DNS (RFC 1035 §3.1)


async def report_destinations(
    resolver: Resolver, record_domain: str, uris: Iterable[str], *, tag: str = "rua"
) -> tuple[DmarcReportDestination, ...]:
    """Each report URI or address of a tag with whether it may be reported to; at most ten are looked at."""
    wanted = list(dict.fromkeys(uris))[:MAX_DESTINATIONS]
    hosts = [_host(uri) for uri in wanted]
    for host in dict.fromkeys(hosts):
        if host is not None and host != record_domain:
            for question in (_question(record_domain, host), *questions(host)):
                resolver.ahead(resolver.lookup(question))
        if host is not None:
            resolver.ahead(_mail(resolver, host))
    destinations = [
        DmarcReportDestination(uri=uri, domain=host, external=False, accepted=host is not None, tag=tag)
        for uri, host in zip(wanted, hosts, strict=True)
    ]
    judged = [await _judged(resolver, record_domain, each, tag) for each in destinations]
    return tuple([await _with_way(resolver, each) for each in judged])


async def _with_way(resolver: Resolver, destination: DmarcReportDestination) -> DmarcReportDestination:
    """The destination with whether reports to it can arrive, and why not."""
    fault = uri_fault(destination.uri)
    if fault is not None:
        return msgspec.structs.replace(
            destination, reachable=False, problem="; ".join(filter(None, (fault, destination.problem)))
        )
    if destination.domain is None:
        return destination
    found = await _mail(resolver, destination.domain)
    why = _no_way(*found)
    problem = destination.problem or (say(why, host=destination.domain) if why is not None else None)
    return msgspec.structs.replace(
        destination,
        reachable=None if why is None and not any(each.records for each in found) else why is None,
        problem=problem,
        lookups=tuple(dict.fromkeys((*destination.lookups, *(each.index for each in found)))),
    )


async def _mail(resolver: Resolver, host: str) -> list[DnsLookup]:
    """The MX answer of a domain and, where it has no MX record, those about its addresses (RFC 5321 §5.1)."""
    mx = await resolver.lookup(Question(host, "MX"))
    # Without an answer nobody knows where mail goes, and a name that does not exist has no address either.
    if mx.status is not DnsStatus.NODATA:
        return [mx]
    addresses = [Question(host, rdtype) for rdtype in ("A", "AAAA")]
    for question in addresses:
        resolver.ahead(resolver.lookup(question))
    return [mx, *[await resolver.lookup(question) for question in addresses]]


def _no_way(mx: DnsLookup, *addresses: DnsLookup) -> str | None:
    """Why no mail goes to a domain (RFC 5321 §5.1, RFC 7505); None where it can, or DNS gave no answer."""
    exchanges = [exchange for _, exchange in mx_records(mx)]
    if exchanges:
        return mark("{host} accepts no mail: it has a null MX (RFC 7505)") if set(exchanges) == {""} else None
    if mx.status is DnsStatus.NXDOMAIN:
        return mark("{host} does not exist")
    is_empty = mx.is_void and all(each.is_void for each in addresses)
    return mark("{host} has neither MX nor address records") if is_empty else None


def _question(record_domain: str, host: str) -> Question:
    return Question(f"{record_domain}._report._dmarc.{host}", "TXT")


def _host(uri: str) -> str | None:
    rest = uri.partition("://")[2].partition("/")[0].partition(":")[0] if "://" in uri else uri.partition("?")[0]
    host = a_labels(rest.rpartition("@")[2])
    return host if is_domain(host) else None


async def _judged(
    resolver: Resolver, record_domain: str, destination: DmarcReportDestination, tag: str
) -> DmarcReportDestination:
    host, replace = destination.domain, msgspec.structs.replace
    if host is None:
        return replace(destination, problem=say("no domain can be read from it"))
    if host == record_domain:
        return destination
    # RFC 9990 §4: a destination in the same organization needs no permission.
    if same_organization(await walk(resolver, record_domain), await walk(resolver, host)):
        return destination
    destination = replace(destination, external=True, accepted=False)
    question = _question(record_domain, host)
    # RFC 9990 §4 step 4: without a name that DNS can hold there is no permission.
    if len(question.name) > MAX_NAME:
        problem = say(
            "the name where {host} would agree to take these reports is longer than {most} octets",
            host=host,
            most=MAX_NAME,
        )
        return replace(destination, problem=problem)
    found = await resolver.lookup(question)
    destination = replace(destination, lookups=(found.index,))
    if found.failed:
        return replace(destination, accepted=None, problem=found.failure_text)
    # RFC 9990 §4 steps 6 to 8: records of another kind are discarded, and of the others one is enough.
    agreed = [read_record(text) for text in sorted(found.records) if is_dmarc_record(text)]
    if not agreed:
        alias = say(", an alias (CNAME) of {cname}", cname=found.cname) if found.cname else ""
        problem = say(
            "there is no DMARC record at {name}{alias}: {host} has not agreed to take these reports",
            name=found.name,
            alias=alias,
            host=host,
        )
        return replace(destination, problem=problem)
    override = next((uris for record in agreed if (uris := record.rua if tag == "rua" else record.ruf)), ())
    elsewhere = [uri for uri in override if _host(uri) != host]
    if elsewhere:
        # RFC 9990 §4 step 9: against loops and abuse neither the one nor the other is reported to.
        problem = say(
            "the record at {name} names {elsewhere} instead, which has to be at {host} (RFC 9990 §4)",
            name=found.name,
            elsewhere=elsewhere[0],
            host=host,
        )
        return replace(destination, override=override, problem=problem)
    return replace(destination, accepted=True, override=override)
