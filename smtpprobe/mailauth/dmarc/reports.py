"""Where reports go, and whether a destination outside the organization has agreed to take them (RFC 9990 §4)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from smtpprobe.mailauth.dmarc.record import is_dmarc_record, read_record
from smtpprobe.mailauth.dmarc.suppositions import same_organization
from smtpprobe.mailauth.dmarc.walk import questions, walk
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dmarc import DmarcReportDestination
from smtpprobe.model.names import a_labels, is_domain
from smtpprobe.model.texts.language import say

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
    destinations = [
        DmarcReportDestination(uri=uri, domain=host, external=False, accepted=host is not None)
        for uri, host in zip(wanted, hosts, strict=True)
    ]
    return tuple([await _judged(resolver, record_domain, each, tag) for each in destinations])


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
            "the record at {name} sends reports to {elsewhere}, which is not at {host}: none are sent",
            name=found.name,
            elsewhere=elsewhere[0],
            host=host,
        )
        return replace(destination, override=override, problem=problem)
    return replace(destination, accepted=True, override=override)
