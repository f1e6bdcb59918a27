"""Which addresses are called, from where, and through what."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds, named
from smtpprobe.model.request import AddressFamily
from smtpprobe.model.texts.language import say

options = adds(
    click.option(
        "--all-addresses",
        is_flag=True,
        help="A session with each address of the host, or of the MX hosts that are preferred; what differs comes first.",
    ),
    click.option("--all-mx", is_flag=True, help="The same with each address of each MX host."),
    click.option("-4", "--ipv4", is_flag=True, help="Call IPv4 addresses only."),
    click.option("-6", "--ipv6", is_flag=True, help="Call IPv6 addresses only."),
    click.option("--source-ip", type=values.IP, metavar="IP", help="Connect from this address."),
    click.option("--source-port", type=values.PORT, metavar="PORT", help="Connect from this port."),
    click.option(
        "--via",
        type=values.VIA,
        metavar="URL",
        help="Connect through a proxy: socks5://HOST:PORT or http://HOST:PORT. Names are looked up here.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for. Raises ValueError for both families."""
    if given["ipv4"] and given["ipv6"]:
        words = say(
            "{one} and {other} exclude each other: without them both are called", one=named("ipv4"), other=named("ipv6")
        )
        raise ValueError(words)
    family = AddressFamily.IPV4 if given["ipv4"] else AddressFamily.IPV6 if given["ipv6"] else None
    return {
        **{name: given[name] for name in ("all_addresses", "all_mx", "source_ip", "source_port", "via")},
        "family": family,
    }
