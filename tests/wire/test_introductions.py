"""Who the client is said to be: the PROXY header, and the attributes of XCLIENT."""

from __future__ import annotations

import pytest

from smtpprobe.model.request import ProxyVersion
from smtpprobe.wire.dialogue.proxy import client, proxy_header
from smtpprobe.wire.xclient import XFORWARD, attributes, client_ip

V1, V2 = ProxyVersion.V1, ProxyVersion.V2
SIGNATURE = bytes.fromhex("0d0a0d0a000d0a515549540a")


@pytest.mark.parametrize(
    ("version", "source", "destination", "octets"),
    [
        (V1, ("192.0.2.1", 4000), ("203.0.113.9", 25), b"PROXY TCP4 192.0.2.1 203.0.113.9 4000 25\r\n"),
        (V1, ("2001:db8::1", 4000), ("2001:db8::9", 25), b"PROXY TCP6 2001:db8::1 2001:db8::9 4000 25\r\n"),
        (V1, ("2001:db8::1", 4000), ("203.0.113.9", 25), b"PROXY TCP6 2001:db8::1 ::ffff:203.0.113.9 4000 25\r\n"),
        (V1, ("192.0.2.1", 4000), ("fe80::1%eth0", 25), b"PROXY TCP6 ::ffff:192.0.2.1 fe80::1 4000 25\r\n"),
        (
            V2,
            ("192.0.2.1", 4000),
            ("203.0.113.9", 25),
            SIGNATURE + bytes.fromhex("2111 000c c0000201 cb007109 0fa0 0019"),
        ),
        (
            V2,
            ("2001:db8::1", 1),
            ("2001:db8::9", 65535),
            SIGNATURE
            + bytes.fromhex("2121 0024 20010db8000000000000000000000001 20010db8000000000000000000000009 0001 ffff"),
        ),
    ],
)
def test_a_proxy_header(
    version: ProxyVersion, source: tuple[str, int], destination: tuple[str, int], octets: bytes
) -> None:
    assert proxy_header(version, source, destination)[0] == octets


def test_octets_are_shown_as_words() -> None:
    _, shown = proxy_header(V2, ("192.0.2.1", 4000), ("203.0.113.9", 25))
    assert shown == "PROXY TCP4 192.0.2.1 203.0.113.9 4000 25 (version 2)"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("192.0.2.1", ("192.0.2.1", None)),
        ("192.0.2.1:4000", ("192.0.2.1", 4000)),
        ("2001:DB8::1", ("2001:db8::1", None)),
        ("[2001:db8::1]", ("2001:db8::1", None)),
        ("[2001:db8::1]:4000", ("2001:db8::1", 4000)),
    ],
)
def test_the_client_of_a_header(text: str, read: tuple[str, int | None]) -> None:
    assert client(text) == read


@pytest.mark.parametrize(
    "text", ["", "mx.example.com", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x", "192.0.2.1:²", "[::1"]
)
def test_what_is_no_client(text: str) -> None:
    with pytest.raises(ValueError, match="is not a client: expected IP or IP:PORT"):
        client(text)


@pytest.mark.parametrize(
    ("given", "sent", "ip"),
    [
        ("ADDR=192.0.2.1", "ADDR=192.0.2.1", "192.0.2.1"),
        ("addr=192.0.2.1  name=[UNAVAILABLE]", "ADDR=192.0.2.1 NAME=[UNAVAILABLE]", "192.0.2.1"),
        ("ADDR=IPV6:2001:DB8::1", "ADDR=IPV6:2001:DB8::1", "2001:db8::1"),
        ("NAME=client.example.org HELO=a", "NAME=client.example.org HELO=a", None),
        ("ADDR=[UNAVAILABLE]", "ADDR=[UNAVAILABLE]", None),
    ],
)
def test_attributes_are_sent_as_they_are_meant(given: str, sent: str, ip: str | None) -> None:
    assert attributes(given) == sent
    assert client_ip(sent) == ip


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "no attribute of XCLIENT is given"),
        ("ADDR", "'ADDR' is not an attribute of XCLIENT"),
        ("FOO=1", "'FOO=1' is not an attribute of XCLIENT"),
        ("ADDR=mx.example.com", "expected an IP address"),
        ("NAME=", "expected a value of printable ASCII"),
        ("NAME=é", "expected a value of printable ASCII"),
    ],
)
def test_what_is_no_attribute_is_refused(given: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        attributes(given)


def test_attributes_of_xforward_are_others() -> None:
    assert attributes("source=LOCAL ident=1", XFORWARD) == "SOURCE=LOCAL IDENT=1"
    with pytest.raises(ValueError, match="'LOGIN=a' is not an attribute of XFORWARD"):
        attributes("LOGIN=a", XFORWARD)
