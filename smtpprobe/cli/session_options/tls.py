"""How to do TLS."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import foreign_options, values
from smtpprobe.cli.session_options import adds
from smtpprobe.model.request import TlsOptions, TlsPolicy, TlsVersion

_VERSIONS = tuple(version.value for version in TlsVersion if version is not TlsVersion.UNKNOWN)

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
        "--tls-min",
        "min_version",
        type=click.Choice(_VERSIONS),
        help="The oldest version.  [default: 1.2 if the certificate has to verify, else any]",
    ),
    click.option("--tls-max", "max_version", type=click.Choice(_VERSIONS), help="The newest version.  [default: any]"),
    click.option(
        "--ciphers", type=values.CIPHERS, metavar="LIST", help="Ciphers up to TLS 1.2, in the form of OpenSSL."
    ),
    click.option(
        "--alpn",
        type=values.ALPN,
        metavar="NAME",
        multiple=True,
        help="Name this application protocol to the server; repeatable.",
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
            min_version=TlsVersion(given["min_version"]) if given["min_version"] else None,
            max_version=TlsVersion(given["max_version"]) if given["max_version"] else None,
            ciphers=given["ciphers"],
            alpn=given["alpn"],
            expiry_days=given["cert_days"],
        )
    }
