"""Rows of the TLS reporting check: a session with the mail host of example.com."""

from __future__ import annotations

from tests.checks.tls.sessions import HOP, over_tls
from tests.finding_cases.row import Given, Row

GOOD = "v=TLSRPTv1; rua=mailto:a@example.com"


def published(*texts: str, fault: str = "") -> Given:
    zone = "".join(f'_smtp._tls.example.com. TXT "{text}"\n' for text in texts)
    return Given(zone + fault, transcript=over_tls(), next_hop=HOP)


ROWS = (
    Row("tlsrpt-missing", published(), published(GOOD)),
    Row("tlsrpt-missing", published("unrelated"), published("unrelated", GOOD)),
    Row("tlsrpt-invalid", published(GOOD.replace("mailto:", "ftp:")), published(GOOD)),
    Row("tlsrpt-invalid", published(GOOD.replace("v1;", "v1")), published(GOOD)),
    Row("tlsrpt-invalid", published(GOOD, "v=TLSRPTv1; rua=mailto:b@example.com"), published(GOOD, "v=TLSRPTv2")),
    Row(
        "tlsrpt-temperror",
        published(fault=";! SERVFAIL _smtp._tls.example.com TXT"),
        published(fault=";! NXDOMAIN _smtp._tls.example.com TXT"),
        ("tlsrpt-missing",),
    ),
)
