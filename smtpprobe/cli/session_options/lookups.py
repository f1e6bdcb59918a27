"""What is looked up, and whom to ask."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds
from smtpprobe.model.request import Diagnose

options = adds(
    click.option(
        "--resolver",
        type=values.NAME_SERVER,
        metavar="IP[:PORT]",
        help="Ask this name server (or SMTPPROBE_RESOLVER).  [default: the system's]",
    ),
    click.option(
        "--dnsbl",
        type=values.ZONE_OR_ALL,
        metavar="ZONE",
        multiple=True,
        help="Ask this zone too; repeatable; `all` for every tier.",
    ),
    click.option(
        "--only-dnsbl", type=values.ZONE, metavar="ZONE", multiple=True, help="Ask these zones and no others."
    ),
    click.option(
        "--diagnose",
        type=click.Choice([d.value for d in Diagnose if d is not Diagnose.UNKNOWN]),
        default="auto",
        show_default=True,
        help="When DNSBL, SPF, DKIM, DMARC and iprev are looked up; auto: after a refusal.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {
        "resolver": given["resolver"],
        "dnsbl_zones": given["dnsbl"],
        "only_dnsbl": given["only_dnsbl"],
        "diagnose": Diagnose(given["diagnose"]),
    }
