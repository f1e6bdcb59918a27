"""Where reports go, and whether a destination outside the organization has agreed to take them (RFC 9990 §4)."""

from __future__ import annotations

from collections.abc import Iterable

from smtpprobe.mailauth.dmarc.record import is_dmarc_record
from smtpprobe.mailauth.dmarc.suppositions import same_organization
from smtpprobe.mailauth.dmarc.walk import questions, walk
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.dmarc import DmarcReportDestination
from smtpprobe.model.names import a_labels, is_domain

MAX_DESTINATIONS = 10


async def report_destinations(
    resolver: Resolver, record_domain: str, uris: Iterable[str]
) -> tuple[DmarcReportDestination, ...]:
    """Each report URI or address with whether it may be reported to; at most ten are looked at."""
    wanted = list(dict.fromkeys(uris))[:MAX_DESTINATIONS]
    hosts = [_host(uri) for uri in wanted]
    for host in dict.fromkeys(hosts):
        if host is not None and host != record_domain:
            for question in (_question(record_domain, host), *questions(host)):
                resolver.ahead(resolver.lookup(question))
    return tuple(
        [await _destination(resolver, record_domain, uri, host) for uri, host in zip(wanted, hosts, strict=True)]
    )


def _question(record_domain: str, host: str) -> Question:
    return Question(f"{record_domain}._report._dmarc.{host}", "TXT")


def _host(uri: str) -> str | None:
    rest = uri.partition("://")[2].partition("/")[0].partition(":")[0] if "://" in uri else uri.partition("?")[0]
    host = a_labels(rest.rpartition("@")[2])
    return host if is_domain(host) else None


async def _destination(resolver: Resolver, record_domain: str, uri: str, host: str | None) -> DmarcReportDestination:
    if host is None:
        return DmarcReportDestination(
            uri=uri, domain=None, external=False, accepted=False, problem="no domain can be read from it"
        )
    if host == record_domain:
        return DmarcReportDestination(uri=uri, domain=host, external=False, accepted=True)
    here, there = await walk(resolver, record_domain), await walk(resolver, host)
    # RFC 9990 §4: a destination in the same organization needs no permission.
    if same_organization(here, there):
        return DmarcReportDestination(uri=uri, domain=host, external=False, accepted=True)
    found = await resolver.lookup(_question(record_domain, host))
    lookups = (found.index,)
    if found.failed:
        return DmarcReportDestination(
            uri=uri, domain=host, external=True, accepted=None, problem=found.failure_text, lookups=lookups
        )
    if any(is_dmarc_record(text) for text in found.records):
        return DmarcReportDestination(uri=uri, domain=host, external=True, accepted=True, problem=None, lookups=lookups)
    problem = f"there is no DMARC record at {found.name}: {host} has not agreed to take these reports"
    return DmarcReportDestination(uri=uri, domain=host, external=True, accepted=False, problem=problem, lookups=lookups)
