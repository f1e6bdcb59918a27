"""How to do TLS."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import foreign_options, values
from smtpprobe.cli.session_options import adds
from smtpprobe.model.request import TlsOptions, TlsPolicy

options = adds(
    click.option(
        "--tls",
        "policy",
        type=values.Words([p.value for p in TlsPolicy if p is not TlsPolicy.UNKNOWN], foreign_options.OF_TLS),
        default="auto",
        show_default=True,
        help="auto: STARTTLS if offered, require with a login; implicit: from the first octet, as on port 465.",
    ),
    click.option(
        "--tls-verify/--no-tls-verify",
        "verify",
        default=None,
        help="End the session if the certificate does not verify.  [default: only with --user]",
    ),
    click.option(
        "--ca-file", type=values.FILE, metavar="FILE", help="Trust these certificates instead of the system's."
    ),
    click.option(
        "--tls-name",
        type=values.ADDRESS_OR_DOMAIN,
        metavar="NAME",
        help="The name that the certificate must carry; the host by default.",
    ),
    click.option(
        "--sni",
        type=values.ADDRESS_OR_DOMAIN,
        metavar="NAME",
        help="The name to ask the server for; --tls-name by default.",
    ),
    click.option(
        "--client-cert",
        type=values.FILE,
        metavar="FILE",
        help="Show this certificate (PEM) if the server asks for one.",
    ),
    click.option(
        "--client-key", type=values.FILE, metavar="FILE", help="Its private key, if --client-cert does not contain it."
    ),
    click.option(
        "--cert-days",
        type=values.CERT_DAYS,
        metavar="DAYS[,DAYS]",
        default="21,7",
        show_default=True,
        help="A certificate that expires within so many days is a warning, or an error.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {
        "tls": TlsOptions(
            policy=TlsPolicy(given["policy"]),
            verify=given["verify"],
            ca_file=given["ca_file"],
            name=given["tls_name"],
            sni=given["sni"],
            client_cert=given["client_cert"],
            client_key=given["client_key"],
            expiry_days=given["cert_days"],
        )
    }
