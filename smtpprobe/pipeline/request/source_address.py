"""The local address to connect from, which the caller chooses: one that cannot be used is the caller's mistake."""

from __future__ import annotations

import msgspec

from smtpprobe.model import names
from smtpprobe.model.request import Request, RequestError
from smtpprobe.model.texts.language import mark
from smtpprobe.net.connection import is_own_address
from smtpprobe.pipeline.route import Route


def check(request: Request) -> None:
    """Raises RequestError for a source address that is not this host's, or of another kind than the target's address."""
    source, target = request.source_ip, request.target
    if source is None:
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


def reachable(route: Route, request: Request) -> Route:
    """The route with the addresses that can be called from the source address. Raises RequestError where none can."""
    source = request.source_ip
    if source is None or not route.addresses:
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
