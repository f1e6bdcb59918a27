"""The header of the PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt): who the client is said to be."""

from __future__ import annotations

import ipaddress

from smtpprobe.model import names
from smtpprobe.model.request import ProxyVersion
from smtpprobe.model.texts.language import say

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_PROXIED, _TCP4, _TCP6 = 0x21, 0x11, 0x21  # version 2, command PROXY; family and transport


def client(text: str) -> tuple[str, int | None]:
    """Address and port of `IP`, `IP:PORT` or `[v6]:PORT`; None without a port. Raises ValueError."""
    given = text.strip()
    host, port = given, ""
    if given.startswith("[") and "]" in given:
        host, _, port = given[1:].partition("]")
        port = port.removeprefix(":") if port else ""
    elif given.count(":") == 1:
        host, port = given.split(":")
    is_port = not port or (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536)
    if not names.is_ip_address(host) or not is_port or given.endswith(":"):
        raise ValueError(
            say("{text} is not a client: expected IP or IP:PORT, for example 192.0.2.1:4000", text=repr(text))
        )
    return names.ip_address(host), int(port) if port else None


def proxy_header(version: ProxyVersion, source: tuple[str, int], destination: tuple[str, int]) -> tuple[bytes, str]:
    """The octets to send before anything else, and the header as it is shown.

    Both addresses are of one family: an IPv4 address beside an IPv6 one is written as one that is mapped (RFC 4291 §2.5.5.2).
    """
    texts = [each[0].partition("%")[0] for each in (source, destination)]
    if any(":" in each for each in texts):
        texts = [each if ":" in each else f"::ffff:{each}" for each in texts]
    is_v6, ports = ":" in texts[0], (source[1], destination[1])
    shown = f"PROXY {'TCP6' if is_v6 else 'TCP4'} {texts[0]} {texts[1]} {ports[0]} {ports[1]}"
    if version is ProxyVersion.V1:
        return f"{shown}\r\n".encode("ascii"), shown
    packed = b"".join(ipaddress.ip_address(each).packed for each in texts)
    block = packed + b"".join(port.to_bytes(2, "big") for port in ports)
    head = bytes((_PROXIED, _TCP6 if is_v6 else _TCP4)) + len(block).to_bytes(2, "big")
    return _SIGNATURE + head + block, f"{shown} (version 2)"
