from __future__ import annotations

import dns.rrset
import pytest

from smtpprobe.net.records import presentation


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("A", "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
        ("MX", "10 MX.Example.COM.", "10 mx.example.com"),
        ("MX", "0 .", "0 ."),
        ("PTR", "Host.Example.COM.", "host.example.com"),
        ("NS", "ns.example.com.", "ns.example.com"),
        ("CNAME", "A.example.com.", "a.example.com"),
        ("SRV", "1 2 587 Mail.example.com.", "1 2 587 mail.example.com"),
        ("TXT", '"v=spf1 " "-all"', "v=spf1 -all"),
        ("TXT", '""', ""),
        ("TXT", r'"gr\195\188n \255"', "grün \\xff"),
        ("TXT", r'"a\"b\\c;d"', 'a"b\\c;d'),
        ("HTTPS", "1 . alpn=h2", '1 . alpn="h2"'),
        ("CAA", '0 issue "ca.example.net"', '0 issue "ca.example.net"'),
    ],
)
def test_a_record_is_put_as_text(kind, data, text):
    assert presentation(dns.rrset.from_text("example.com.", 60, "IN", kind, data)) == (text,)
