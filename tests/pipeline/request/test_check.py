"""What is wrong in a request is a ValueError that names the field, its value and what was expected, before any traffic."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from smtpprobe.model.request import (
    ChannelBinding,
    Credentials,
    Diagnose,
    Protocol,
    Request,
    Target,
    TlsOptions,
    TlsPolicy,
)
from smtpprobe.model.target import parse_target
from smtpprobe.model.transcript import Phase
from smtpprobe.pipeline.probe import probe
from smtpprobe.pipeline.request.check import checked

HOST = parse_target("192.0.2.1:25")

# Field, wrong value, what the message says of the value and of what was expected.
WRONG: tuple[tuple[str, Any, str], ...] = (
    ("target", "mail.example.com", "target: 'mail.example.com' instead of a Target: expected parse_target("),
    ("target", None, "target: None instead of a Target"),
    ("helo", 5, "helo: 5 instead of a text"),
    ("helo", "a\r\nQUIT", "helo: 'a\\r\\nQUIT' cannot be sent"),
    ("helo", "a\udcff", "helo: the name is not UTF-8"),
    ("mail_from", 5, "mail_from: 5 instead of a text"),
    ("mail_from", "<>", "mail_from: '<>' is not a mailbox: expected user@example.com, or '' for the null reverse-path"),
    ("mail_from", "a b@example.org", "mail_from: 'a b@example.org' is not a mailbox"),
    ("mail_from", "a@example.org\r\nQUIT", "mail_from: "),
    ("rcpt_to", "a@b.c", "rcpt_to: 'a@b.c' instead of a tuple of mailboxes"),
    ("rcpt_to", None, "rcpt_to: None instead of a tuple of mailboxes"),
    ("rcpt_to", ("a@example.org", ""), "rcpt_to: '' is not a mailbox: expected user@example.com"),
    ("rcpt_to", (5,), "rcpt_to: 5 instead of a text"),
    ("rcpt_to", ("a@example.org>",), "rcpt_to: 'a@example.org>' is not a mailbox"),
    ("rcpt_to", tuple(f"u{n}@example.com" for n in range(6)), "6 forward-paths: at most 2 are polite"),
    ("user", "", "user: '' names nobody"),
    ("user", b"alice", "user: b'alice' instead of a text"),
    ("user", "al\0ice", "user: the user name 'al\\x00ice' cannot be sent"),
    ("password", "secret-word", "password: "),
    ("token", "secret-word", "token: a value of another type instead of a TokenRecord: the token belongs in Credentials"),
    ("mech", "FOO", "mech: 'FOO' is not a mechanism that can be used: expected one of PLAIN, LOGIN"),
    ("mech", 5, "mech: 5 instead of a text"),
    ("channel_binding", "tls", "channel_binding: 'tls' is not known here: expected one of tls-exporter, tls-unique, "),
    ("channel_binding", ChannelBinding.TLS_UNIQUE, "channel_binding needs mech SCRAM-SHA-256-PLUS or SCRAM-SHA-1-PLUS: no other"),
    ("mech", "PLAIN", "mech needs user: there is no user to log in"),
    ("tls", "require", "tls: 'require' instead of TlsOptions("),
    ("try_all", 1, "try_all: 1 instead of True or False"),
    ("insecure_auth", "no", "insecure_auth: 'no' instead of True or False"),
    ("send_anyway", "yes", "send_anyway: 'yes' instead of True or False"),
    ("force", 1, "force: 1 instead of True or False"),
    ("quit_after", "foo", "quit_after: 'foo' is not known here: expected one of connect, greeting, ehlo"),
    ("quit_after", Phase.DATA, "quit_after: 'data' is not known here"),
    ("quit_after", Phase.UNKNOWN, "quit_after: 'unknown' is not known here"),
    ("quit_after", 5, "quit_after: 5 is not known here"),
    ("proxy", "v3", "proxy: 'v3' is not known here: expected one of v1, v2"),
    ("proxy_source", "mx", "proxy_source: 'mx' is not a client: expected IP or IP:PORT"),
    ("proxy_source", "192.0.2.1", "proxy_source needs proxy: without it there is no header to name a client in"),
    ("xclient", "FOO=1", "xclient: 'FOO=1' is not an attribute of XCLIENT"),
    ("xforward", "LOGIN=x", "xforward: 'LOGIN=x' is not an attribute of XFORWARD: expected NAME=VALUE"),
    ("drop_after", "data", "drop_after: 'data' is not known here: expected one of connect, greeting"),
    ("drop_after", Phase.AUTH, "drop_after auth needs user: there is no user to log in"),
    ("drop_after_send", Phase.AUTH, "drop_after_send: 'auth' is not known here: expected one of ehlo, starttls, mail, rcpt"),
    ("mail_parameters", "SIZE=1", "mail_parameters: 'SIZE=1' instead of a tuple of parameters"),
    ("mail_parameters", ("SIZE=1 RET=FULL",), "mail_parameters: 'SIZE=1 RET=FULL' is not a parameter: expected KEYWORD"),
    ("mail_parameters", ("SIZE=1\r\nQUIT",), "mail_parameters: "),
    ("mail_parameters", ("SIZE=1", "size=2"), "mail_parameters: SIZE is given twice: a command has each parameter once"),
    ("rcpt_parameters", ("=x",), "rcpt_parameters: '=x' is not a parameter"),
    ("questions", ("QUIT",), "questions: 'QUIT' is not a question: expected one of NOOP, HELP, VRFY, EXPN"),
    ("questions", ("VRFY",), "questions: VRFY needs an argument"),
    ("questions", ("VRFY a\r\nQUIT",), "questions: "),
    ("questions", tuple(f"VRFY u{n}" for n in range(6)), "6 names to look up: at most 5 are polite for a probe"),
    ("pipeline", 1, "pipeline: 1 instead of True or False"),
    ("quit_after", Phase.AUTH, "quit_after auth needs user: there is no user to log in"),
    ("client_ip", "x", "client_ip: 'x' is not a valid IP address: expected 192.0.2.1"),
    ("client_ip", 5, "client_ip: 5 instead of a text"),
    ("source_ip", "x", "source_ip: 'x' is not a valid IP address"),
    ("source_ip", "192.0.2.77", "the source address 192.0.2.77 is not an address of this host"),
    ("source_port", 0, "source_port: 0 is not a port: expected 1 to 65535"),
    ("family", "ipv5", "family: 'ipv5' is not known here: expected one of ipv4, ipv6"),
    ("via", "ftp://proxy.example:21", "via: 'ftp://proxy.example:21' is not a proxy: expected socks5://HOST:PORT"),
    ("all_addresses", 1, "all_addresses: 1 instead of True or False"),
    ("all_mx", "yes", "all_mx: 'yes' instead of True or False"),
    ("dkim_selectors", "s1", "dkim_selectors: 's1' instead of a tuple of selectors"),
    ("dkim_selectors", ("a b",), "dkim_selectors: 'a b' is not a selector"),
    ("dnsbl_zones", "zen.example", "dnsbl_zones: 'zen.example' instead of a tuple of zones"),
    ("dnsbl_zones", ("a b",), "dnsbl_zones: 'a b' is not a domain name"),
    ("only_dnsbl", ("all",), "only_dnsbl: 'all' is not a zone"),
    ("only_dnsbl", ("192.0.2.1",), "only_dnsbl: '192.0.2.1' is neither a domain name nor an IP address"),
    ("diagnose", "x", "diagnose: 'x' is not known here: expected one of auto, always, never"),
    ("diagnose", Diagnose.UNKNOWN, "diagnose: 'unknown' is not known here"),
    ("diagnose", None, "diagnose: None is not known here"),
    ("resolver", "zz", "resolver: 'zz' is not a name server: expected IP or IP:PORT"),
    ("resolver", 53, "resolver: 53 instead of a text"),
    ("timeout_s", -1, "timeout_s: -1 is not a time: expected seconds above 0 and below 86400"),
    ("timeout_s", 0, "timeout_s: 0 is not a time"),
    ("timeout_s", float("nan"), "timeout_s: nan is not a time"),
    ("timeout_s", "5", "timeout_s: '5' instead of a number of seconds"),
    ("timeout_s", True, "timeout_s: True instead of a number of seconds"),
    ("deadline_s", float("inf"), "deadline_s: inf is not a time"),
    ("deadline_s", "5", "deadline_s: '5' instead of a number of seconds"),
    ("evaluation_time", "2026-11-22", "evaluation_time: '2026-11-22' instead of a datetime"),
    ("evaluation_time", datetime(2026, 11, 22), "evaluation_time: 2026-11-22T00:00:00 has no time zone"),
    ("message_to_judge", b"From: <a@b>", "message_to_judge: b'From: <a@b>' instead of a MessageRecord"),
    ("message_to_send", b"From: <a@b>", "message_to_send: b'From: <a@b>' instead of a MessageRecord"),
    ("bdat", 1, "bdat: 1 instead of True or False"),
    ("bdat", True, "bdat needs message_to_send: no message is sent"),
    ("chunk_octets", 0, "chunk_octets: 0 is not a number of octets: expected 1 or more"),
    ("chunk_octets", "1k", "chunk_octets: '1k' instead of a number of octets"),
    ("chunk_octets", 10, "chunk_octets needs message_to_send: no message is sent"),
    ("keep_line_ends", None, "keep_line_ends: None instead of True or False"),
    ("keep_line_ends", True, "keep_line_ends needs message_to_send: no message is sent"),
)  # fmt: skip
WRONG_TLS: tuple[tuple[str, Any, str], ...] = (
    ("policy", "x", "tls.policy: 'x' is not known here: expected one of auto, require, off, implicit"),
    ("policy", TlsPolicy.UNKNOWN, "tls.policy: 'unknown' is not known here"),
    ("verify", "no", "tls.verify: 'no' instead of True or False"),
    ("ca_file", 5, "tls.ca_file: 5 instead of a text"),
    ("ca_file", "/nonexistent.pem", "tls.ca_file '/nonexistent.pem': "),
    ("name", "a b", "tls.name: 'a b' is not a domain name"),
    ("sni", "a b", "tls.sni: 'a b' is not a domain name"),
    ("client_cert", "/nonexistent.pem", "tls.client_cert '/nonexistent.pem': "),
    ("client_cert", 5, "tls.client_cert: 5 instead of a text"),
    ("client_key", "/nonexistent.pem", "tls.client_key needs tls.client_cert: a key alone proves nothing"),
    ("client_key", 5, "tls.client_key: 5 instead of a text"),
    ("min_version", "1.4", "tls.min_version: '1.4' is not known here: expected one of 1.0, 1.1, 1.2, 1.3"),
    ("max_version", "tls1.2", "tls.max_version: 'tls1.2' is not known here"),
    ("ciphers", "", "tls.ciphers: '' is not a list of ciphers"),
    ("ciphers", "NO-SUCH", "tls.ciphers 'NO-SUCH': OpenSSL knows none of these"),
    ("alpn", "smtp", "tls.alpn: 'smtp' instead of a tuple of protocol names"),
    ("alpn", ("",), "tls.alpn: '' is not a protocol's name"),
    ("expiry_days", 21, "tls.expiry_days: 21 instead of two whole numbers of days"),
    ("expiry_days", (21,), "tls.expiry_days: (21,) instead of two whole numbers of days"),
    ("expiry_days", (21, "7"), "tls.expiry_days: (21, '7') instead of two whole numbers of days"),
    ("expiry_days", (7, 21), "tls.expiry_days: '7,21': the second number is the sooner one: expected at most 7"),
    ("expiry_days", (7, -1), "tls.expiry_days: '7,-1': expected numbers of days"),
)
WRONG_TARGET: tuple[tuple[str, Any, str], ...] = (
    ("given", None, "target.given: None instead of a text"),
    ("host", "a b", "target.host: 'a b' is not a domain name"),
    ("host", None, "target.host: None instead of a text"),
    ("port", 0, "target.port: 0 is not a port: expected 1 to 65535"),
    ("port", "25", "target.port: '25' instead of a port"),
    ("protocol", "x", "target.protocol: 'x' is not known here: expected one of esmtp, smtp, lmtp"),
    ("literal", "yes", "target.literal: 'yes' instead of True or False"),
    ("implicit_tls", 1, "target.implicit_tls: 1 instead of True or False"),
    ("socket", 5, "target.socket: 5 instead of a text"),
    ("mailbox", "a b", "target.mailbox: 'a b' is not a mailbox"),
)


@pytest.mark.parametrize(("field", "value", "words"), WRONG)
async def test_a_wrong_field_is_named_with_its_value(field: str, value: Any, words: str) -> None:
    fields = {"target": HOST, field: value}
    with pytest.raises(ValueError) as raised:
        await probe(Request(**fields))
    assert str(raised.value).startswith(words)
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize(("field", "value", "words"), WRONG_TLS)
def test_a_wrong_field_of_the_tls_options_too(field: str, value: Any, words: str) -> None:
    with pytest.raises(ValueError) as raised:
        checked(Request(HOST, tls=TlsOptions(**{field: value})))
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize(("field", "value", "words"), WRONG_TARGET)
def test_and_of_a_target_that_was_built_by_hand(field: str, value: Any, words: str) -> None:
    with pytest.raises(ValueError) as raised:
        checked(Request(Target(**{"given": "h", "host": "192.0.2.1", field: value})))
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize(
    ("struct", "table"), [(Request, WRONG), (TlsOptions, WRONG_TLS), (Target, WRONG_TARGET)], ids=lambda each: ""
)
def test_no_field_is_left_out(struct: type[msgspec.Struct], table: tuple[tuple[str, Any, str], ...]) -> None:
    assert {name for name, _, _ in table} == set(struct.__struct_fields__)


@pytest.mark.parametrize(
    ("user", "credentials", "words"),
    [
        ("alice@example.org", None, "user 'alice@example.org' needs credentials: expected credentials=Credentials("),
        ("alice", Credentials("bob", "secret-word"), "the credentials are those of 'bob', and user is 'alice'"),
        (None, Credentials("bob", "secret-word"), "the credentials are those of 'bob', and user is None"),
        ("alice", ("alice", "secret-word"), "credentials: a value of another type: expected Credentials(user, secret)"),
    ],
)
async def test_no_login_passes_for_one_that_was_tried(user: str | None, credentials: Any, words: str) -> None:
    with pytest.raises(ValueError) as raised:
        await probe(Request(HOST, user=user), credentials=credentials)
    assert str(raised.value).startswith(words)
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tls": TlsOptions(policy=TlsPolicy.OFF)}, "'smtps://192.0.2.1' asks for TLS, but tls.policy is off"),
        (
            {"target": HOST, "tls": TlsOptions(policy=TlsPolicy.OFF), "quit_after": Phase.TLS},
            "quit_after is tls, but tls.policy is off: a session without TLS does not get there",
        ),
    ],
)
def test_what_does_not_fit_together(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as raised:
        checked(Request(**{"target": parse_target("smtps://192.0.2.1"), **fields}))
    assert str(raised.value).startswith(words)


def test_values_are_as_they_are_used() -> None:
    target = msgspec.structs.replace(HOST, protocol="lmtp")
    given = Request(target, quit_after="ehlo", diagnose="always", client_ip="2001:DB8:0::1", rcpt_to=["a@example.org"])  # type: ignore[arg-type]
    found = checked(given)
    assert found.quit_after is Phase.EHLO
    assert found.diagnose is Diagnose.ALWAYS
    assert found.target.protocol is Protocol.LMTP
    assert (found.client_ip, found.rcpt_to) == ("2001:db8::1", ("a@example.org",))
    right = Request(HOST, rcpt_to=("a@example.org",), dnsbl_zones=("all",), evaluation_time=datetime.now(UTC))
    assert checked(right) is right


def test_what_is_no_request() -> None:
    with pytest.raises(ValueError, match="is not a request: expected Request"):
        checked("mail.example.com")  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [None, 25, b"mail.example.com"])
def test_a_target_is_a_text(given: Any) -> None:
    with pytest.raises(ValueError, match="is not a target: expected"):
        parse_target(given)
