"""Whom the server takes the client for."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds
from smtpprobe.model.request import ProxyVersion

options = adds(
    click.option(
        "--helo",
        type=values.SPOKEN_NAME,
        metavar="NAME",
        help="HELO name, sent as given; by default this host's, else an address literal.",
    ),
    click.option(
        "--client-ip",
        type=values.IP,
        metavar="IP",
        help="The address that the server sees, when it cannot be found out (NAT).",
    ),
    click.option(
        "--proxy",
        type=values.Words([each.value for each in ProxyVersion if each is not ProxyVersion.UNKNOWN]),
        metavar="VERSION",
        help="Begin with a header of the PROXY protocol, v1 or v2, for a server that expects a proxy.",
    ),
    click.option(
        "--proxy-source",
        type=values.PROXY_SOURCE,
        metavar="IP[:PORT]",
        help="The client that the PROXY header names.  [default: this end of the connection]",
    ),
    click.option(
        "--xclient",
        type=values.XCLIENT,
        metavar="ATTRIBUTES",
        help="Have a server that trusts you take you for another client: 'ADDR=192.0.2.1 NAME=[UNAVAILABLE]'.",
    ),
    click.option(
        "--xforward",
        type=values.XFORWARD,
        metavar="ATTRIBUTES",
        help="Have a server that trusts you log another client: 'ADDR=192.0.2.1 NAME=client.example.org'.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    same = ("helo", "client_ip", "proxy_source", "xclient", "xforward")
    return {
        **{name: given[name] for name in same},
        "proxy": ProxyVersion(given["proxy"]) if given["proxy"] else None,
    }
