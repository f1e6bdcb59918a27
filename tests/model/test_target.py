from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model.request import Protocol, Target
from smtpprobe.model.target import TargetError, parse_target, port_number


def target(given: str, host: str, port: int | None = None, **more) -> Target:
    return Target(given=given, host=host, port=port, **more)


@pytest.mark.parametrize(
    "expected",
    [
        target("mail.example.com", "mail.example.com"),
        target("MAIL.Example.com.", "mail.example.com"),
        target("mail.example.com:587", "mail.example.com", 587, literal=True),
        target("mail.example.com:465", "mail.example.com", 465, literal=True, implicit_tls=True),
        target("192.0.2.1", "192.0.2.1", literal=True),
        target("192.0.2.1:25", "192.0.2.1", 25, literal=True),
        target("2001:db8::1", "2001:db8::1", literal=True),
        target("[2001:DB8::1]", "2001:db8::1", literal=True),
        target("[2001:db8::1]:25", "2001:db8::1", 25, literal=True),
        target("[IPv6:2001:db8::1]:25", "2001:db8::1", 25, literal=True),
        target("[192.0.2.1]", "192.0.2.1", literal=True),
        target("grün.example", "xn--grn-ioa.example"),
        target("bob@Example.com", "example.com", mailbox="bob@example.com"),
        target("smtp://mail.example.com", "mail.example.com", 25, literal=True),
        target("SMTP://mail.example.com:2525/", "mail.example.com", 2525, literal=True),
        target("smtps://mail.example.com", "mail.example.com", 465, literal=True, implicit_tls=True),
        target("smtps://mail.example.com:2465", "mail.example.com", 2465, literal=True, implicit_tls=True),
        target("smtp://[2001:db8::1]:25", "2001:db8::1", 25, literal=True),
        target("lmtp://mail.example.com", "mail.example.com", 24, literal=True, protocol=Protocol.LMTP),
        target("/run/mail.sock", "localhost", literal=True, socket="/run/mail.sock"),
        target("unix:/run/lmtp", "localhost", literal=True, socket="/run/lmtp", protocol=Protocol.LMTP),
        target("lmtp:///run/mail", "localhost", literal=True, socket="/run/mail", protocol=Protocol.LMTP),
    ],
    ids=lambda each: each.given,
)
def test_a_target_is_read(expected):
    assert parse_target(expected.given) == expected


def test_a_name_can_be_meant_literally():
    assert parse_target("mail.example.com", literal=True).literal
    assert parse_target("bob@example.com", literal=True).literal


@pytest.mark.parametrize(
    "text",
    ["", " ", "a b", "mail.example.com:", "mail.example.com:x", "mail.example.com:0", "mail.example.com:65536",
     "mail.example.com:25:25", "a..b", "[2001:db8::1", "[2001:db8::1]25", "[example.com]", "http://mail.example.com",
     "://mail.example.com", "smtp://", "smtp://user:secret@mail.example.com", "smtp://mail.example.com/x", "bob@",
     "@example.com", "bob@[192.0.2.1]", "mail.example.com\r\nRSET", "mail.example.com:" + "9" * 5000],
)  # fmt: skip
def test_what_is_no_target_is_refused_in_one_line(text):
    with pytest.raises(ValueError) as refused:
        parse_target(text)
    assert "\n" not in str(refused.value)
    assert "expected" in str(refused.value) or "is no" in str(refused.value) or "not read" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "smtp://user:hunter22@mail.example.com",
        "SMTPS://user:hunter22@mail.example.com:465/x",
        "user:hunter22@mail.example.com:587",
        "user:p@hunter22@mail.example.com",
        "user:hunter 22@mail.example.com",
        "user:hunter22@[2001:db8::1]:25",
        "x://user:hunter22@mail.example.com",
        "unix:user:hunter22@mail.example.com",
    ],
)
def test_the_refusal_of_a_target_says_nothing_of_a_password_in_it(text):
    with pytest.raises(TargetError) as refused:
        parse_target(text)
    assert "hunter" not in str(refused.value)
    assert refused.value.needs == "user"


def test_a_quoted_local_part_may_hold_a_colon():
    assert parse_target('"a:b"@example.com').mailbox == '"a:b"@example.com'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mail.example.com:99999", "'mail.example.com:99999': '99999' is not a port: "),
        ("[2001:db8::1]:x", "'[2001:db8::1]:…': the port is not a number: "),
        ("a..b:25", "'a..b:25': 'a..b' is not a domain name: "),
        ("a..b", "'a..b' is not a domain name: "),
        ("smtp://a..b", "'smtp://a..b': 'a..b' is not a domain name: "),
        ("a@b@c", "'a@b@c' is not a mailbox: "),
        (" a@b@c", "' a@b@c': 'a@b@c' is not a mailbox: "),
    ],
)
def test_a_wrong_part_is_named_with_its_whole_and_a_wrong_whole_once(text, words):
    with pytest.raises(TargetError) as refused:
        parse_target(text)
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("25", 25), ("65535", 65535)])
def test_a_port_is_read(text, port):
    assert port_number(text) == port


@pytest.mark.parametrize("text", ["", "0", "-1", "+25", "2 5", "1e3", "65536", "9" * 5000, "²"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a port|the port is not a number"):
        port_number(text)


@given(st.text() | st.from_regex(r"[a-z]{0,5}:?/{0,3}[\[\]a-z0-9:.@]{0,20}"))
def test_any_text_is_a_target_or_refused(text):
    try:
        made = parse_target(text)
    except ValueError:
        return
    assert made.host
    assert made.port is None or 0 < made.port < 65536
