"""What the caller gets wrong: one line on stderr that names the value and what was expected, exit 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.testing.certificates import server_certificate
from tests.cli.conftest import Ran

HOST = "127.0.0.1:1"
LONG = "a" * 64 + ".example"

# The arguments; words that the line must hold.
WRONG: list[tuple[list[str], list[str]]] = [
    (["check"], ["Missing argument 'TARGET'"]),
    (["check", ""], ["''", "expected HOST"]),
    (["check", "a b"], ["'a b'", "expected HOST"]),
    (["check", "mx..example"], ["'mx..example'", "label"]),
    (["check", LONG], ["a" * 64, "1 to 63"]),
    (["check", "mx.example:99999"], ["'99999'", "1 to 65535"]),
    (["check", "mx.example:smtp"], ["'smtp'", "1 to 65535"]),
    (["check", "mx.example:"], ["mx.example:", "1 to 65535"]),
    (["check", "mx.example:25:26"], ["25:26", "1 to 65535"]),
    (["check", "[2001:db8::1"], ["'[2001:db8::1'", "expected HOST"]),
    (["check", "[mx.example]:25"], ["'[mx.example]:25'", "expected HOST"]),
    (["check", "http://mx.example"], ["'http'", "smtp, smtps or lmtp"]),
    (["check", "smtp://"], ["smtp://"]),
    (["check", "smtp://alice@mx.example"], ["--user"]),
    (["check", "300.1.2.3"], ["'300.1.2.3'", "192.0.2.1"]),
    (["check", "alice@"], ["'alice@'", "user@example.com"]),
    (["check", "a\x1b[31m.example"], ["a\\x1b[31m.example", "expected HOST"]),
    (["check", HOST, "more"], ["the port is not a number", "1 to 65535"]),
    (["check", "mx.example", "25", "more"], ["more"]),
    (["check", HOST, "--mail-from", "a b@example.org"], ["--mail-from", "'a b@example.org'", "user@example.com", "<>"]),
    (["check", HOST, "--mail-from", ""], ["--mail-from", "''", "<>"]),
    (["check", HOST, "--mail-from", "a@b.example\r\nRCPT TO:<x>"], ["\\r\\n", "user@example.com"]),
    (["check", HOST, "--mail-from"], ["--mail-from", "requires an argument"]),
    (["check", HOST, "--rcpt-to", ""], ["--rcpt-to", "''", "user@example.com"]),
    (["check", HOST, "--rcpt-to", "@example.org"], ["--rcpt-to", "'@example.org'", "user@example.com"]),
    (["check", HOST, *["--rcpt-to", "a@example.org"] * 6], ["6 forward-paths", "2", "--force"]),
    (
        ["check", HOST, "--mail-from", "b@example.org", *["--rcpt-to", "a@example.org"] * 6],
        ["6 forward-paths", "5", "--force"],
    ),
    (["check", HOST, "--mail-from", "<>", *["--rcpt-to", "a@example.org"] * 3], ["3 forward-paths", "2"]),
    (["check", HOST, "--helo", "a\rb"], ["--helo", "'a\\rb'", "would start another command"]),
    (["check", HOST, "--helo", "a\nb"], ["--helo", "'a\\nb'", "would start another command"]),
    (["check", HOST, "--helo", "a\0b"], ["--helo", "'a\\x00b'", "would start another command"]),
    (["check", HOST, "--helo", "\udcff"], ["--helo", "not UTF-8"]),
    (["iprev", "192.0.2.1", "--helo", "a\nb"], ["'a\\nb'", "line feed"]),
    (["check", "mx.example", "smtp"], ["'smtp' is not a port", "1 to 65535"]),
    (["check", "mx.example", "0"], ["'0' is not a port", "1 to 65535"]),
    (["check", "mx.example", "RCPT"], ["'RCPT' is not a port", "--quit-after rcpt"]),
    (["check", HOST, "587"], [repr(HOST), "has a port already", "587"]),
    (["check", "[::1]:25", "587"], ["'[::1]:25'", "has a port already"]),
    (["check", "smtp://mx.example:25", "587"], ["has a port already"]),
    (["check", "bob@example.com", "587"], ["'bob@example.com'", "takes no port 587"]),
    (["check", "/run/lmtp", "587"], ["'/run/lmtp'", "takes no port 587"]),
    (["check", "smtps://mx.example", "--tls", "off"], ["'smtps://mx.example'", "--tls is off"]),
    (["check", "SMTPS://mx.example", "465", "--tls", "off"], ["'SMTPS://mx.example:465'", "--tls is off"]),
    (["check", HOST, "--quit-after", "auth"], ["--quit-after auth needs --user"]),
    (["check", HOST, "--quit-after", "TLS", "--tls", "off"], ["--quit-after is tls", "--tls is off"]),
    (["check", HOST, "--client-ip", "192.0.2"], ["--client-ip", "'192.0.2'", "192.0.2.1"]),
    (["check", HOST, "--client-ip", ""], ["--client-ip", "''", "192.0.2.1"]),
    (["check", HOST, "--source-ip", "eth0"], ["--source-ip", "'eth0'", "192.0.2.1"]),
    (["check", HOST, "--resolver", "dns.example"], ["--resolver", "'dns.example'", "IP:PORT"]),
    (["check", HOST, "--resolver", "192.0.2.1:0"], ["--resolver", "1 to 65535"]),
    (["check", HOST, "--resolver", ""], ["--resolver", "''", "IP:PORT"]),
    (["check", HOST, "--dnsbl", "zen example"], ["--dnsbl", "'zen example'"]),
    (["check", HOST, "--only-dnsbl", "all"], ["--only-dnsbl", "--dnsbl"]),
    (["check", HOST, "--tls-name", "a b"], ["--tls-name", "'a b'"]),
    (["check", HOST, "--sni", "a..b"], ["--sni", "'a..b'"]),
    (["check", HOST, "--dkim-selector", "s 1"], ["--dkim-selector", "'s 1'", "for example s1"]),
    (["check", HOST, "--timeout", "0"], ["--timeout", "'0'", "seconds"]),
    (["check", HOST, "--timeout", "nan"], ["--timeout", "'nan'", "seconds"]),
    (["check", HOST, "--timeout", "90000"], ["--timeout", "below 86400"]),
    (["check", HOST, "--deadline", "soon"], ["--deadline", "'soon'", "seconds"]),
    (["check", HOST, "--vrfy", "\udcff"], ["--vrfy", "not UTF-8", "expected text"]),
    (["check", "127.0.0.1:25", "-6"], ["-6: 127.0.0.1 is an IPv4 address"]),
    (["check", HOST, "--user", "x", "--mech", "KERBEROS_V4"], ["--mech", "'KERBEROS_V4'", "PLAIN"]),
    (["check", HOST, "--mech", "PLAIN"], ["--mech needs --user"]),
    (["check", HOST, "--password-file", "x"], ["--password-file needs --user"]),
    (["check", HOST, "--user", ""], ["--user", "a user name"]),
    (["check", HOST, "--quit-after", "lunch"], ["--quit-after", "'lunch'", "'rcpt'"]),
    (["check", HOST, "--tls", "maybe"], ["--tls", "'maybe'", "'require'"]),
    (["check", HOST, "--protocol", "uucp"], ["--protocol", "'uucp'", "'lmtp'"]),
    (["check", HOST, "--diagnose", "maybe"], ["--diagnose", "'maybe'", "'never'"]),
    (["check", HOST, "--fail-on", "unknown"], ["--fail-on", "'unknown'", "'warning'"]),
    (["check", HOST, "--format", "yaml"], ["--format", "'yaml'", "'json'"]),
    (["check", HOST, "--output", ""], ["--output", "''", "[FORMAT:]FILE"]),
    (["check", HOST, "--output", "json:"], ["--output", "'json:'", "[FORMAT:]FILE"]),
    (["check", HOST, "--output", "yaml:x"], ["--output", "'yaml'", "text or json"]),
    (["check", HOST, "--output", "/nowhere/at/all/x.txt"], ["--output", "'/nowhere/at/all'", "does not exist"]),
    (["check", HOST, "--nonsense"], ["--nonsense"]),
    (["check", HOST, "--non\x1bsense"], ["--non\\x1bsense"]),
    (["nonsense"], ["'nonsense'", "check"]),
    (["mx.example.com:25"], ["'mx.example.com:25' is not a command: to probe", "smtpprobe check mx.example.com:25"]),
    (["chekc", "h"], ["'chekc' is not a command: did you mean 'check'?"]),
    (["expalin", "554"], ["'expalin' is not a command: did you mean 'explain'?"]),
    (["554"], ["'554' is not a command: to have a code explained, type smtpprobe explain 554"]),
    (["\x1b[31m"], ["\\x1b[31m"]),
    (["--nonsense"], ["--nonsense"]),
    (["spf"], ["Missing argument 'DOMAIN'"]),
    (["spf", " ", "--ip", "192.0.2.1"], ["' '", "example.com"]),
    (["spf", "example.org", "--ip", "x"], ["--ip", "'x'", "192.0.2.1"]),
    (["spf", "example.org", "--ip", "192.0.2.1", "--mail-from", "x\ny"], ["--mail-from", "'x\\ny'"]),
    (["spf", "example.org", "--ip", "192.0.2.1", "--helo", "x\ny"], ["--helo", "'x\\ny'"]),
    (["spf", "example.org", "--ip", "192.0.2.1", "--at", "noon"], ["--at", "'noon'", "2026-"]),
    (["spf", "example.org", "--ip", "192.0.2.1", "--timeout", "-1"], ["--timeout", "'-1'"]),
    (["spf", "example.org", "--ip", "192.0.2.1", "--resolver", "x"], ["--resolver", "'x'"]),
    (["dkim"], ["DOMAIN", "--message"]),
    (["dkim", "a b"], ["'a b'"]),
    (["dkim", "example.org", "--selector", ""], ["--selector", "''"]),
    (["dkim", "example.org", "--min-key-bits", "5"], ["--min-key-bits", "5", "512"]),
    (["dmarc"], ["nothing to look up: give a DOMAIN or --message FILE"]),
    (
        ["dmarc", "example.org", "--selector", "s", "--spf-pass", "example.org"],
        ["--selector is for a DOMAIN by itself"],
    ),
    (["dmarc", "."], ["'.'"]),
    (["dmarc", "example.org", "--spf-pass", "a b"], ["--spf-pass", "'a b'"]),
    (["dmarc", "example.org", "--dkim-pass", ""], ["--dkim-pass", "''"]),
    (["dnsbl"], ["Missing argument"]),
    (["dnsbl", "1.2.3.4.5"], ["'1.2.3.4.5'", "192.0.2.1"]),
    (["dnsbl", "192.0.2.1", "--dnsbl", "a b"], ["--dnsbl", "'a b'"]),
    (["iprev", "localhost"], ["'localhost'", "192.0.2.1"]),
    (["explain"], ["554"]),
    (["explain", "hello"], ["'hello'", "550 5.1.1"]),
    (["explain", "999"], ["999", "200 to 599"]),
    (["explain", "554 5.7.1 no", "--resolver", "192.0.2.53"], ["--resolver is asked only with --check", "add --check"]),
    (["explain", "554", "--check"], ["expected none beside a code", "--check"]),
    (["explain", "5.7.1", "--since", "1d"], ["expected none beside a code", "--since"]),
    (["explain", "ip-blocklisted", "--phase", "rcpt"], ["expected none beside a code or an id", "--phase"]),
    (["explain", "554", "--phase", "lunch"], ["'lunch'", "greeting"]),
    (["explain", "hello\x1b[31m\x9b\u202e"], ["\\x1b[31m\\x9b\\u202e"]),
    (["demo", "lunch"], ["'lunch'", "blocklisted"]),
    (["demo", "accepted", "more"], ["more"]),
    (["schema", "more"], ["more"]),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda value: " ".join(value)[:60])
def test_a_wrong_value_is_one_line_that_names_it(
    cli: Callable[..., Ran], arguments: list[str], words: list[str]
) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("smtpprobe: ")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith("\n")
    assert ran.err[:-1].isprintable()
    for word in words:
        assert word in ran.err


FILE_OPTIONS = [
    ["check", HOST, "--ca-file"],
    ["check", HOST, "--client-cert"],
    ["check", HOST, "--client-key"],
    ["check", HOST, "--message"],
    ["check", HOST, "--user", "x", "--password-file"],
    ["dkim", "--message"],
    ["explain", "--jsonl"],
    ["replay"],
]


@pytest.mark.parametrize("option", FILE_OPTIONS, ids=" ".join)
def test_a_file_that_is_missing_or_a_directory(cli: Callable[..., Ran], option: list[str], tmp_path: Path) -> None:
    for path, words in ((tmp_path / "missing", "No such file"), (tmp_path, "Is a directory")):
        ran = cli(*option, str(path))
        assert (ran.code, ran.out) == (2, "")
        assert str(path) in ran.err
        assert words in ran.err
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "content", "words"),
    [
        (["check", HOST, "--ca-file"], b"no certificate", "PEM"),
        (["check", HOST, "--ca-file"], b"", "PEM"),
        (["check", HOST, "--client-cert"], b"\xff\x00", "PEM"),
        (["check", HOST, "--client-key"], b"x", "--client-key needs --client-cert"),
        (["check", HOST, "--message"], b"just words\n", "header field"),
        (["check", HOST, "--message"], b"", "header field"),
        (["dkim", "--message"], b"\x00\x01", "header field"),
        (["explain", "--jsonl"], b"{", "line 1"),
        (["explain", "--jsonl"], b'{"reply": 5}', "line 1"),
        (["explain"], b"nothing here", "550 5.1.1"),
        (["replay"], b"{}", ""),
        (["replay"], b"\xff", ""),
    ],
)  # fmt: skip
def test_a_file_that_holds_something_else(
    cli: Callable[..., Ran], option: list[str], content: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    ran = cli(*option, str(path))
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert words in ran.err


def test_a_certificate_without_its_key(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "client.pem"
    path.write_bytes(server_certificate().chain_pem)
    ran = cli("check", HOST, "--client-cert", str(path))
    assert ran.code == 2
    assert "--client-key" in ran.err


def test_a_file_that_cannot_be_written_is_found_out_before_the_session(cli: Callable[..., Ran], tmp_path: Path) -> None:
    ran = cli("check", HOST, "--output", str(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert str(tmp_path) in ran.err


@pytest.mark.parametrize("spelling", ["--password", "--password=hunter2", "-p", "--pass", "--passwd"])
def test_there_is_no_password_on_the_command_line(cli: Callable[..., Ran], spelling: str) -> None:
    ran = cli("check", HOST, "--user", "x", spelling, "hunter2")
    assert (ran.code, ran.out) == (2, "")
    assert "hunter2" not in ran.err
    for source in ("SMTPPROBE_PASSWORD", "--password-file", "--password-command"):
        assert source in ran.err


@pytest.mark.parametrize(
    "target", ["smtp://alice:hunter2@mx.example", "smtps://hunter2@mx.example:465", "lmtp://a:hunter2@b@c"]
)
def test_a_password_in_a_url_is_not_repeated(cli: Callable[..., Ran], target: str) -> None:
    ran = cli("check", target)
    assert ran.code == 2
    assert "hunter2" not in ran.err
    assert "(--user)" in ran.err
