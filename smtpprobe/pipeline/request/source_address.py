"""From where a connection is made, and how: what cannot be used is the caller's mistake, or leaves no address to call."""

from __future__ import annotations

import msgspec

from smtpprobe.model import names
from smtpprobe.model.request import AddressFamily, Field, Request, RequestError
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import OutcomeFault
from smtpprobe.net.dialling.sockets import is_own_address
from smtpprobe.net.dialling.via import is_installed
from smtpprobe.pipeline.route import Route


def check(request: Request) -> None:
    """Raises RequestError for a source address that is not this host's, or of another kind than the target's address."""
    source, target = request.source_ip, request.target
    _way(request)
    if source is None:
        return
    if request.via is not None:
        if not is_own_address(source):
            raise RequestError(mark("the source address {source} is not an address of this host"), source=source)
        return
    if target.socket is not None:
        raise RequestError(mark("the source address {source} cannot be used with a unix socket"), source=source)
    if names.is_ip_address(target.host) and _is_six(source) is not _is_six(target.host):
        raise RequestError(
            mark("the source address {source} is an {kind} address, and {host} is not"),
            source=source,
            kind=_kind(source),
            host=target.host,
        )
    if not is_own_address(source):
        raise RequestError(mark("the source address {source} is not an address of this host"), source=source)


def _way(request: Request) -> None:
    target = request.target
    if target.socket is not None:
        for name in ("source_port", "family", "via"):
            if getattr(request, name) is not None:
                raise RequestError(mark("{field} cannot be used with a unix socket"), field=Field(name))
    if request.family is not None and names.is_ip_address(target.host) and _is_wanted(request, target.host) is False:
        raise RequestError(
            mark("{field}: {host} is an {kind} address"),
            field=Field("family"),
            host=target.host,
            kind=_kind(target.host),
        )
    if request.via is None:
        return
    if request.source_port is not None:
        raise RequestError(
            mark("{field} cannot be used with {via}: it is the proxy that connects"),
            field=Field("source_port"),
            via=Field("via"),
        )
    if not is_installed():
        raise RequestError(
            mark("{field} needs the package python-socks, which the extra `proxy` brings"), field=Field("via")
        )


def _is_wanted(request: Request, address: str) -> bool:
    return request.family is None or (request.family is AddressFamily.IPV6) is _is_six(address)


def of_family(route: Route, request: Request) -> Route:
    """The route with the addresses of the kind that is wanted; without any of them it leads nowhere."""
    if request.family is None or not route.addresses:
        return route
    fitting = tuple(pair for pair in route.addresses if _is_wanted(request, pair[1]))
    if fitting:
        return msgspec.structs.replace(route, addresses=fitting)
    kind = "IPv6" if request.family is AddressFamily.IPV6 else "IPv4"
    problem = say("{host} has no {kind} address", host=request.target.host, kind=kind)
    return msgspec.structs.replace(route, addresses=(), problem=problem, fault=OutcomeFault.OTHER_FAMILY)


def reachable(route: Route, request: Request) -> Route:
    """The route with the addresses that can be called from the source address. Raises RequestError where none can."""
    source = request.source_ip
    if source is None or not route.addresses or request.via is not None:
        return route
    fitting = tuple(pair for pair in route.addresses if _is_six(pair[1]) is _is_six(source))
    if not fitting:
        other = _kind(route.addresses[0][1])
        raise RequestError(
            mark("the source address {source} is an {kind} address, and {host} has only {other} addresses"),
            source=source,
            kind=_kind(source),
            host=request.target.host,
            other=other,
        )
    return msgspec.structs.replace(route, addresses=fitting)


def _is_six(address: str) -> bool:
    return ":" in address


def _kind(address: str) -> str:
    return "IPv6" if _is_six(address) else "IPv4"
