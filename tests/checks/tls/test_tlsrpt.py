"""What the TLS reporting check says."""

from __future__ import annotations

import pytest

from smtpprobe.checks.base import not_applicable
from smtpprobe.checks.tls.tlsrpt import CHECK
from tests.checks.tls.sessions import HOP, NOT_TRIED, context, over_tls


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        ('_smtp._tls.example.com. TXT "v=TLSRPTv1; rua=mailto:a@example.com"', []),
        ("example.com. A 192.0.2.1", ["info tlsrpt-missing"]),
        ('_smtp._tls.example.com. TXT "v=TLSRPTv1; rua=ftp://x"', ["warning tlsrpt-invalid"]),
        ('_smtp._tls.example.com. TXT "v=TLSRPTv1; rua=mailto:a@example.com,ftp://x"', ["warning tlsrpt-invalid"]),
        (";! SERVFAIL _smtp._tls.example.com TXT", ["warning tlsrpt-temperror"]),
    ],
)
async def test_findings(zone: str, found: list[str]) -> None:
    _, findings = await CHECK.run(context(zone, over_tls()))
    assert [f"{finding.severity} {finding.id}" for finding in findings] == found


def test_skipped() -> None:
    assert CHECK.skip(context("", NOT_TRIED, HOP)) == not_applicable("the session ended before TLS")
    assert CHECK.skip(context("", over_tls(), HOP)) is None
