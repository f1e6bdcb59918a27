from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model import names


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example.com", "example.com"),
        (" EXAMPLE.Com. ", "example.com"),
        ("_dmarc.example.org", "_dmarc.example.org"),
        ("localhost", "localhost"),
        ("grün.example", "xn--grn-ioa.example"),
        ("GRÜN。example", "xn--grn-ioa.example"),
        ("gru\u0308n.example", "xn--grn-ioa.example"),
        ("x" * 63 + ".example", "x" * 63 + ".example"),
        (".".join(["x" * 49] * 5) + ".abc", ".".join(["x" * 49] * 5) + ".abc"),
    ],
)
def test_a_domain_becomes_lower_case_a_labels(text, domain):
    assert names.domain(text) == domain


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", ".example", "example.com..", "x" * 64 + ".example", "-a.example", "a-.example", "a b.example",
     "a/b", "a@b", "exa\nmple.com", "exa\0mple.com", "ü" * 60 + ".example", ".".join(["x" * 49] * 5) + ".abcd"],
)  # fmt: skip
def test_what_is_no_domain_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not a domain name") as refused:
        names.domain(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_address_is_put_in_its_shortest_form(text, address):
    assert names.ip_address(text) == address


@pytest.mark.parametrize("text", ["", "192.0.2", "192.0.2.256", "192.0.02.1", "example.com", "[192.0.2.1]", "1"])
def test_what_is_no_address_is_refused(text):
    assert not names.is_ip_address(text)
    with pytest.raises(ValueError, match="is not a valid IP address"):
        names.ip_address(text)


@pytest.mark.parametrize(
    ("literal", "address"),
    [
        ("[192.0.2.1]", "192.0.2.1"),
        ("[IPv6:2001:db8::1]", "2001:db8::1"),
        ("[ipv6:2001:DB8::1]", "2001:db8::1"),
        ("192.0.2.1", None),
        ("[192.0.2.1", None),
        ("[example.com]", None),
        ("[]", None),
        ("[", None),
    ],
)
def test_an_address_literal_is_read(literal, address):
    assert names.literal_address(literal) == address


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_an_address_literal_is_read_back(address):
    assert names.literal_address(names.address_literal(address)) == address


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("alice@example.org", "alice@example.org"),
        (" <Alice@EXAMPLE.org> ", "Alice@example.org"),
        ("postmaster", "postmaster"),
        ("alice@[192.0.2.1]", "alice@[192.0.2.1]"),
        ('"a b"@example.org', '"a b"@example.org'),
        (r'"a\"@b"@example.org', r'"a\"@b"@example.org'),
        ("a+b=c/d@example.org", "a+b=c/d@example.org"),
        ("grün@grün.example", "grün@xn--grn-ioa.example"),
    ],
)
def test_a_mailbox_is_read(text, mailbox):
    assert names.mailbox(text) == mailbox


@pytest.mark.parametrize(
    "text",
    ["", "@", "@example.org", "alice@", "a b@example.org", "a@b@example.org", "alice@exa mple.org", "a\r\nRSET@example.org",
     "a@example.org\0", "a>@example.org", '"a@example.org', "alice@[example.org]", "a,b@example.org", "a\x7f@example.org"],
)  # fmt: skip
def test_what_is_no_mailbox_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not a mailbox") as refused:
        names.mailbox(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("mailbox", "domain"),
    [
        ("alice@Example.org", "example.org"),
        ("", None),
        ("postmaster", None),
        ("a@[192.0.2.1]", None),
        ("alice@mail.Bücher.de", "mail.xn--bcher-kva.de"),
        ('"a@b"@c.example', "c.example"),
    ],
)
def test_the_domain_of_a_mailbox(mailbox, domain):
    assert names.domain_of(mailbox) == domain


@pytest.mark.parametrize(
    ("address", "is_global", "is_local"),
    [
        ("8.8.8.8", True, False),
        ("127.0.0.1", False, True),
        ("10.0.0.1", False, True),
        ("169.254.0.1", False, True),
        ("100.64.0.1", False, True),
        ("192.0.2.1", False, False),
        ("2001:db8::1", False, False),
        ("0.0.0.0", False, True),
        ("::1", False, True),
        ("fe80::1", False, True),
        ("fd00::1", False, True),
        # A server at a mapped public address is far, one at a private address in whatever form is near.
        ("::ffff:8.8.8.8", True, False),
        ("::ffff:10.0.0.1", False, True),
        ("2002:808:808::1", True, False),
        ("2002:7f00:1::", False, True),
        ("64:ff9b::808:808", True, False),
        ("64:ff9b::a00:1", False, True),
    ],
)
def test_reach_of_an_address(address, is_global, is_local):
    assert (names.is_global(address), names.is_local_address(address)) == (is_global, is_local)


@pytest.mark.parametrize(
    ("address", "is_global"),
    [
        # IPv4-mapped, IPv4-compatible, 6to4 and NAT64 addresses lead to the IPv4 address inside.
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("::127.0.0.1", False),
        ("::10.0.0.1", False),
        ("::8.8.8.8", True),
        ("::", False),
        ("2002:7f00:1::", False),
        ("2002:a00:1::1", False),
        ("2002:808:808::1", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b:1::808:808", False),
        ("64:ff9b:1:ffff::1", False),
        # Teredo (RFC 4380), site-local (RFC 3879), multicast.
        ("2001:0:7f00:1::", False),
        ("fec0::1", False),
        ("feff::1", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("::ffff:224.0.0.1", False),
        ("2002:e000:1::", False),
        ("2620:4f:8000::25", True),
        ("fe80::1%eth0", False),
    ],
)
def test_an_address_is_as_global_as_where_it_leads(address, is_global):
    assert names.is_global(address) is is_global


def test_an_address_is_reversed_for_a_question():
    assert names.reversed_labels("192.0.2.1") == "1.2.0.192"
    assert names.reverse_name("192.0.2.1") == "1.2.0.192.in-addr.arpa"
    nibbles = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
    assert names.reversed_labels("2001:db8::1") == nibbles
    assert names.reverse_name("2001:db8::1") == f"{nibbles}.ip6.arpa"


@given(st.text())
def test_any_text_is_read_or_refused(text):
    for read in (names.domain, names.mailbox, names.ip_address):
        try:
            made = read(text)
        except ValueError:
            continue
        assert not set("\r\n\0 ") & set(made) or made.startswith('"')
        assert read(made) == made


def test_octets_that_are_no_text_are_no_name():
    for read in (names.domain, names.mailbox):
        with pytest.raises(ValueError):
            read("al\udcffice@example.org" if read is names.mailbox else "ex\udcffample.org")
    with pytest.raises(ValueError):
        names.mailbox('"al\udcffice"@example.org')


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Example.COM.", "example.com"),
        (" example.com ", "example.com"),
        ("Grün.Example", "xn--grn-ioa.example"),
        ("not a domain!", "not a domain!"),
        ("", ""),
        ("ex\udcffample.org", "ex\udcffample.org"),
    ],
)
def test_a_labels_of_any_text(name, asked):
    assert names.a_labels(name) == asked


@pytest.mark.parametrize(
    ("name", "whether"),
    [
        ("example.com", True),
        ("_dmarc.example.com", True),
        ("grün.example", True),
        ("x" * 63 + ".example", True),
        ("x" * 64 + ".example", False),
        (".".join(["x" * 50] * 4) + ".example-with-a-long-label-that-makes-it-x1234567", True),
        (".".join(["x" * 50] * 4) + ".example-with-a-long-label-that-makes-it-x12345678" + "9" * 8, False),
        ("example..com", False),
        ("-x.example", False),
        ("a b.example", False),
        ("", False),
    ],
)
def test_what_can_be_asked_of_dns(name, whether):
    assert names.is_domain(name) is whether


@pytest.mark.parametrize(
    ("name", "domain", "whether"),
    [
        ("example.com", "example.com", True),
        ("a.b.example.com", "example.com", True),
        ("notexample.com", "example.com", False),
        ("com", "example.com", False),
        ("example.com.example.net", "example.com", False),
    ],
)
def test_at_or_below(name, domain, whether):
    assert names.is_at_or_below(name, domain) is whether


@pytest.mark.parametrize(
    ("name", "local"),
    [
        *((f"mail.{suffix}", True) for suffix in ("local", "localdomain", "lan", "internal", "home.arpa", "localhost")),
        *((f"mail.{suffix}", True) for suffix in ("intranet", "corp", "home", "invalid", "onion")),
        ("localhost", False),
        ("mail.example.com", False),
        ("mail.notlocal", False),
        ("in-addr.arpa", False),
    ],
)
def test_a_name_that_only_a_local_network_knows(name, local):
    assert names.is_local_name(name) is local


@pytest.mark.parametrize(
    ("pattern", "host", "whether"),
    [
        ("mx.example.com", "MX.example.com.", True),
        ("*.example.com", "mx.example.com", True),
        ("*.Example.com.", "mx.example.com", True),
        ("*.example.com", "a.mx.example.com", False),
        ("*.example.com", "example.com", False),
        ("*.example.com", ".example.com", False),
        ("m*.example.com", "mx.example.com", False),
        ("*.", "mx.example.com", False),
        ("*", "localhost", False),
        ("", "", False),
    ],
)
def test_a_wildcard_stands_for_one_label(pattern, host, whether):
    assert names.wildcard_matches(pattern, host) is whether


@given(st.text(), st.text())
def test_any_text_is_compared(text, other):
    assert names.wildcard_matches(text, text) is bool(text.rstrip(".")) or text.startswith("*.")
    names.wildcard_matches(text, other)
    assert names.is_at_or_below(text, text)
