"""Where a target leads: names to addresses, ports, and the envelope's defaults."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model import names, ports
from smtpprobe.model.dns.lookup import DnsStatus, Question, Resolver
from smtpprobe.model.request import Assumed, Envelope, Protocol, Request, Target, TlsPolicy
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import OutcomeFault

if TYPE_CHECKING:
    from smtpprobe.model.evidence.mx import MxDomain, MxHost

_SHOWN_HOSTS = 3
MAX_ADDRESSES = 4  # of a route are tried in turn until one gives a connection; a probe is no mail queue


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Host names with their addresses in the order to try; `problem` and its `fault` where there is nowhere to go.

    `mx_hosts` are the hosts that the MX records of `mx_domain` name.
    """

    addresses: tuple[tuple[str, str], ...]
    ports: tuple[int | None, ...]
    mx_domain: str | None = None
    mx_hosts: tuple[MxHost, ...] = ()
    problem: str | None = None
    fault: OutcomeFault | None = None

    def preference(self, host: str) -> int | None:
        """The preference by which an MX record names the host, None where none does."""
        return next((each.preference for each in self.mx_hosts if each.name == host), None)


async def find(request: Request, resolver: Resolver, *, with_credentials: bool, hosts_file: bool = False) -> Route:
    """The route to the request's target.

    With credentials a name is always literal, never through MX: a domain's MX may be a third party's filter.
    `hosts_file`: a name that DNS does not know may be one that this system knows.
    """
    target = request.target
    if target.socket is not None:
        return Route(addresses=((target.host, target.socket),), ports=(None,))
    ports = _ports(target, request.tls.policy, with_credentials=with_credentials)
    if names.is_ip_address(target.host):
        return Route(addresses=((target.host, target.host),), ports=ports)
    if not target.literal and not with_credentials:
        return await _through_mx(target, resolver, ports, hosts_file)
    addresses, fault, why_none = await _addresses(target.host, resolver, hosts_file)
    if not addresses:
        return Route(
            addresses=(),
            ports=ports,
            problem=why_none,
            fault=fault,
        )
    return Route(addresses=tuple((target.host, address) for address in addresses), ports=ports)


def _ports(target: Target, policy: TlsPolicy, *, with_credentials: bool) -> tuple[int | None, ...]:
    if target.port is not None:
        return (target.port,)
    if target.protocol is Protocol.LMTP:
        return (ports.LMTP,)
    if policy is TlsPolicy.IMPLICIT:
        return (ports.SUBMISSIONS,)
    if policy is TlsPolicy.OFF and with_credentials:
        return (ports.SUBMISSION,)  # RFC 8314 §7.3: port 465 speaks nothing but TLS
    return ports.SUBMISSION_PORTS if with_credentials else (ports.SMTP,)


async def _through_mx(target: Target, resolver: Resolver, ports: tuple[int | None, ...], hosts_file: bool) -> Route:
    from smtpprobe.mailauth.dns import mx
    from smtpprobe.model.evidence.mx import MxStatus

    domain = target.host
    found = await mx.mail_hosts(resolver, domain)
    pairs = [(host.name, address) for host in found.hosts for address in _v4_first(host.addresses)]
    if not pairs and found.status in (MxStatus.IMPLICIT, MxStatus.NOTHING, MxStatus.NXDOMAIN):
        pairs = [(domain, address) for address in (await _addresses(domain, resolver, hosts_file))[0]]
    if not pairs:
        problem, fault = _why_nowhere(found)
        takes_none = found.status is MxStatus.NULL_MX
        return Route(
            addresses=(),
            ports=ports,
            mx_domain=domain if takes_none else None,
            mx_hosts=found.hosts,
            problem=problem,
            fault=fault,
        )
    named = found.status is MxStatus.MX
    return Route(
        addresses=tuple(dict.fromkeys(pairs)),
        ports=ports,
        mx_domain=domain if named else None,
        mx_hosts=found.hosts if named else (),
    )


def _why_nowhere(found: MxDomain) -> tuple[str, OutcomeFault]:
    """Why no address takes mail for the domain."""
    from smtpprobe.mailauth.dns.mx_set import host_text
    from smtpprobe.model.evidence.mx import MxProblem, MxStatus

    domain = found.domain
    match found.status:
        case MxStatus.NULL_MX:
            # RFC 7505 §3: the domain says that it takes no mail; there is nothing to connect to.
            return say("{domain} accepts no mail (null MX)", domain=domain), OutcomeFault.NULL_MX
        case MxStatus.NXDOMAIN:
            of_alias = mark("the domain {domain} is an alias (CNAME) of {alias}, which does not exist")
            words = of_alias if found.alias else mark("the domain {domain} does not exist")
            return say(words, domain=domain, alias=found.alias), OutcomeFault.NAME_UNKNOWN
        case MxStatus.TEMPERROR:
            return say(
                "{domain} could not be looked up: {problem}", domain=domain, problem=found.problem
            ), OutcomeFault.LOOKUP_FAILED
        case MxStatus.MX:
            told = [host_text(host) for host in found.hosts[:_SHOWN_HOSTS]]
            if found.null_among_others:
                told.append(say("it also has a null MX"))
            words = mark("{domain} has no mail host with an address: {told}")
            fault = OutcomeFault.MX_WITHOUT_ADDRESS
            if any(host.problem is MxProblem.TEMPERROR for host in found.hosts):
                words = mark("no address of a mail host of {domain} is known: {told}")
                fault = OutcomeFault.LOOKUP_FAILED
            return say(words, domain=domain, told="; ".join(told)), fault
        case _:
            of_alias = mark("{domain} is an alias (CNAME) of {alias}, which has neither MX nor address")
            words = of_alias if found.alias else mark("{domain} has neither MX nor address")
            return say(words, domain=domain, alias=found.alias), OutcomeFault.NO_ADDRESS


def _v4_first(addresses: tuple[str, ...]) -> list[str]:
    """IPv4 before IPv6: many hosts that run a probe have no IPv6 route, and a refused mail is diagnosed per family."""
    return sorted(addresses, key=lambda address: ":" in address)


async def _addresses(host: str, resolver: Resolver, hosts_file: bool) -> tuple[list[str], OutcomeFault, str]:
    """The host's addresses, IPv4 first, and why there is none: as a word, and in words."""
    questions = [Question(host, "A"), Question(host, "AAAA")]
    for question in questions:
        resolver.ahead(resolver.lookup(question))
    lookups = [await resolver.lookup(question) for question in questions]
    found = [record for lookup in lookups if lookup.status is DnsStatus.ANSWER for record in lookup.records]
    failed = next((lookup for lookup in lookups if lookup.failed), None)
    target = next((lookup.cname for lookup in lookups if lookup.cname), None)
    if failed is not None:
        why_none = (
            OutcomeFault.LOOKUP_FAILED,
            say("the host {host} could not be looked up: {problem}", host=host, problem=failed.failure_text),
        )
    elif all(lookup.status is DnsStatus.NXDOMAIN for lookup in lookups):
        why_none = OutcomeFault.NAME_UNKNOWN, _missing(host, target, exists=False)
    else:
        why_none = OutcomeFault.NO_ADDRESS, _missing(host, target, exists=True)
    return found or await _known_here(host, hosts_file), *why_none


def _missing(host: str, alias: str | None, *, exists: bool) -> str:
    """What is said of a host without addresses; an alias is named with where it leads."""
    if exists:
        of_alias = mark("the host {host} is an alias (CNAME) of {alias}, which has no address")
        return say(of_alias if alias else mark("the host {host} has no address"), host=host, alias=alias)
    of_alias = mark("the host {host} is an alias (CNAME) of {alias}, which does not exist")
    return say(of_alias if alias else mark("the host {host} does not exist"), host=host, alias=alias)


async def _known_here(host: str, hosts_file: bool) -> list[str]:
    """What the system itself knows of a name that DNS does not: localhost, a line in the hosts file."""
    if not hosts_file and "." in host and not names.is_at_or_below(host, "localhost"):
        return []
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


async def envelope(request: Request, route: Route, resolver: Resolver) -> Envelope:
    """The envelope with its defaults marked as assumed. The HELO value is empty where only the literal is left."""
    target = request.target
    if request.rcpt_to:
        forward = tuple(Assumed(path) for path in request.rcpt_to)
    elif target.mailbox:
        forward = (Assumed(target.mailbox),)
    elif route.mx_domain:
        # RFC 5321 §4.5.1: every domain that takes mail takes it for postmaster.
        forward = (Assumed(f"postmaster@{route.mx_domain}", assumed=True),)
    else:
        forward = ()
    helo = Assumed(request.helo) if request.helo is not None else Assumed(await _own_name(resolver) or "", assumed=True)
    return Envelope(helo, request.reverse_path, forward)


async def _own_name(resolver: Resolver) -> str | None:
    """This host's name where it is fully qualified, resolves and is meant for the world."""
    name = socket.gethostname().rstrip(".").lower()
    if "." not in name or names.is_local_name(name):
        return None
    try:
        name = names.domain(name)
    except ValueError:
        return None
    for rdtype in ("A", "AAAA"):
        if (await resolver.lookup(Question(name, rdtype))).status is DnsStatus.ANSWER:
            return name
    return None
