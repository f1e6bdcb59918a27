"""A connection through a proxy: SOCKS5 (RFC 1928) or HTTP CONNECT (RFC 9110 §9.3.6), by python-socks.

It is given the server's address, never its name: names are looked up here, as for every other session.
"""

from __future__ import annotations

import importlib
import importlib.util
import socket
from typing import Any

import msgspec

from smtpprobe.model import names, target
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Breakage
from smtpprobe.net.dialling.sockets import ConnectFailure
from smtpprobe.net.error_words import breakage_of, words_of

PACKAGE = "python_socks"
_KINDS = {"socks5": "SOCKS5", "http": "HTTP"}
# RFC 1928 §6: what a SOCKS5 proxy answers, and whose fault that is.
_SOCKS = {
    1: (Breakage.LOCAL, mark("a general failure")),
    2: (Breakage.LOCAL, mark("its rules do not allow this connection")),
    3: (Breakage.UNREACHABLE, mark("the network is not reachable from there")),
    4: (Breakage.UNREACHABLE, mark("the host is not reachable from there")),
    5: (Breakage.REFUSED, mark("the server refused the connection")),
    6: (Breakage.TIMED_OUT, mark("no answer came in time")),
    7: (Breakage.LOCAL, mark("it does not know the command")),
    8: (Breakage.LOCAL, mark("it does not take addresses of this kind")),
}
_HTTP = {
    403: mark("it does not allow this connection"),
    405: mark("it does not know CONNECT"),
    407: mark("it wants a login"),
    502: mark("it could not connect to the server"),
    503: mark("it could not connect to the server"),
    504: mark("no answer came in time"),
}


class Via(msgspec.Struct, frozen=True):
    """A proxy: its kind, and where it is."""

    scheme: str
    host: str
    port: int


def split_via(text: str) -> Via:
    """The proxy that a URL names. Raises ValueError, which repeats nothing that may be a password."""
    scheme, separator, rest = text.strip().partition("://")
    expected = say("expected socks5://HOST:PORT or http://HOST:PORT")
    if "@" in rest:
        raise ValueError(say("a user name is not read from a URL, nor a password: {expected}", expected=expected))
    host, colon, port = rest.rstrip("/").rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if scheme.lower() not in _KINDS or not separator or not colon:
        raise ValueError(say("{text} is not a proxy: {expected}", text=repr(text), expected=expected))
    try:
        host = names.ip_address(host) if names.is_ip_address(host) else names.domain(host)
        return Via(scheme.lower(), host, target.port_number(port))
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None


def is_installed() -> bool:
    """Whether the package is there that speaks with proxies."""
    return importlib.util.find_spec(PACKAGE) is not None


async def connected_via(
    via: str, host: str, port: int, *, timeout_s: float, source_ip: str | None = None
) -> socket.socket:
    """A socket that the proxy connects with the address. Raises ConnectFailure."""
    package: Any = importlib.import_module(PACKAGE)
    of_asyncio: Any = importlib.import_module(f"{PACKAGE}.async_.asyncio")
    wanted = split_via(via)
    kind = package.ProxyType[_KINDS[wanted.scheme]]
    proxy = of_asyncio.Proxy(kind, wanted.host, wanted.port, rdns=False)
    local = {} if source_ip is None else {"local_addr": (source_ip, 0)}
    try:
        made: socket.socket = await proxy.connect(host, port, timeout=timeout_s, **local)
    except package.ProxyTimeoutError:
        words = say("no connection in {timeout_s} s", timeout_s=format(timeout_s, "g"))
        raise ConnectFailure(Breakage.TIMED_OUT, f"{via}: {words}") from None
    except package.ProxyConnectionError as error:
        words = words_of(OSError(error.errno, "")) if error.errno else words_of(error)
        raise _of_proxy(say("the proxy {via} cannot be connected to: {words}", via=via, words=words)) from None
    except package.ProxyError as error:
        raise _refused(via, wanted, error.error_code) from None
    except OSError as error:
        raise _of_proxy(f"{via}: {words_of(error)}", breakage_of(error)) from None
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _refused(via: str, wanted: Via, code: int | None) -> ConnectFailure:
    """What the proxy answered; without a code that it cannot be understood, or wants a login."""
    if code is None:
        return _of_proxy(say("the proxy {via} does not answer as one, or wants a login", via=via))
    if wanted.scheme == "socks5":
        breakage, words = _SOCKS.get(int(code), (Breakage.LOCAL, mark("a general failure")))
    else:
        # RFC 9110 §15.6: what went wrong behind it, the proxy does not tell apart.
        words = _HTTP.get(int(code), mark("it does not make the connection"))
        breakage = {502: Breakage.UNREACHABLE, 503: Breakage.UNREACHABLE, 504: Breakage.TIMED_OUT}.get(
            int(code), Breakage.LOCAL
        )
    text = say("the proxy {via} answers with {code}: {words}", via=via, code=int(code), words=say(words))
    return _of_proxy(text, breakage)


def _of_proxy(words: str, breakage: Breakage = Breakage.LOCAL) -> ConnectFailure:
    return ConnectFailure(breakage, words)
