"""Names that a zone file extended because their final dot is missing."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns.final_dot import final_dot_hint, without_zone
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus


@pytest.mark.parametrize(
    ("name", "owner", "meant"),
    [
        ("mail.example.com.example.com", "example.com", "mail.example.com"),
        ("mail.example.com.example.com", "sub.example.com", "mail.example.com"),
        ("mail.example.com.sub.example.com", "sub.example.com", "mail.example.com"),
        ("mx.provider.net.example.com", "example.com", "mx.provider.net"),
        ("mx.provider.co.uk.example.com", "example.com", "mx.provider.co.uk"),
        ("mx.provider.example.example.com", "example.com", "mx.provider.example"),
        ("s1.dkim.provider.net.example.com", "s1._domainkey.example.com", "s1.dkim.provider.net"),
        ("s1.dkim.provider.net._domainkey.example.com", "s1._domainkey.example.com", None),
        ("mail.example.com.2.0.192.in-addr.arpa", "9.2.0.192.in-addr.arpa", "mail.example.com"),
        ("mail.example.com.8.b.d.0.1.0.0.2.ip6.arpa", "a.0.8.b.d.0.1.0.0.2.ip6.arpa", "mail.example.com"),
        ("9.0-15.2.0.192.in-addr.arpa", "9.2.0.192.in-addr.arpa", None),
        ("a.b.8.b.d.0.1.0.0.2.ip6.arpa", "a.0.8.b.d.0.1.0.0.2.ip6.arpa", None),
        ("mail.example.com", "example.com", None),
        ("a.b.example.com", "example.com", None),
        ("example.com.example.com", "example.com", "example.com"),
        ("com.example.com", "example.com", None),
        ("mail.example.com", "com", None),
        ("mail.example.com", "example.org", None),
    ],
)
def test_the_name_that_was_meant(name: str, owner: str, meant: str | None) -> None:
    found = without_zone(name, owner)
    assert found == meant


@pytest.mark.parametrize(
    ("cname", "status", "hint"),
    [
        ("s1.provider.net.example.com", DnsStatus.NXDOMAIN, "s1.provider.net may have been meant"),
        ("s1.provider.net.example.com", DnsStatus.NODATA, "s1.provider.net may have been meant"),
        ("s1.provider.net.example.com", DnsStatus.ANSWER, ""),
        ("s1.provider.net", DnsStatus.NXDOMAIN, ""),
        (None, DnsStatus.NXDOMAIN, ""),
    ],
)
def test_a_hint_where_an_alias_leads_nowhere(cname: str | None, status: DnsStatus, hint: str) -> None:
    found = DnsLookup(name="s1._domainkey.example.com", type="TXT", status=status, cname=cname)
    assert hint in final_dot_hint(found)
    assert bool(final_dot_hint(found)) is bool(hint)
