"""The probe that a client's error is answered with: filled with the server that the text names, and safe to copy."""

from __future__ import annotations

import shlex

import pytest

from smtpprobe.catalogue.explainer.client_errors import check_command, server_named
from smtpprobe.model.target import parse_target


@pytest.mark.parametrize(
    ("said", "server"),
    [
        ("Error connecting to mail.example.com on port 587: [Errno 111] Connect call failed ('192.0.2.4', 587)",
         "mail.example.com:587"),
        ("Couldn't connect to host, port: mail.example.com, 587; timeout -1", "mail.example.com:587"),
        ("Could not connect to SMTP host: mail.example.com, port: 465, response: -1", "mail.example.com:465"),
        ("dial tcp 192.0.2.4:25: connect: connection refused", "192.0.2.4:25"),
        ("dial tcp [2001:db8::4]:25: connect: connection refused", "[2001:db8::4]:25"),
        ("dial tcp: lookup mail.exmaple.com on 127.0.0.11:53: no such host", "mail.exmaple.com"),
        ("Error: connect ECONNREFUSED 192.0.2.4:587", "192.0.2.4:587"),
        ("Error: getaddrinfo ENOTFOUND mail.exmaple.com", "mail.exmaple.com"),
        ("curl: (6) Could not resolve host: mail.exmaple.com", "mail.exmaple.com"),
        ("curl: (7) Failed to connect to mail.example.com port 25 after 2 ms: Couldn't connect to server",
         "mail.example.com:25"),
        ("msmtp: cannot connect to mail.example.com, port 587: Connection refused", "mail.example.com:587"),
        ("msmtp: cannot locate host mail.exmaple.com: Name or service not known", "mail.exmaple.com"),
        ("=== Trying mx.example.com:25...\n*** Error connecting to mx.example.com:25:\n*** \tconnect: Connection refused",
         "mx.example.com:25"),
        ("connect to mx.example.com[192.0.2.4]:25: Network is unreachable", "mx.example.com:25"),
        ("stream_socket_client(): Unable to connect to ssl://mail.example.com:465 (Connection refused)",
         "mail.example.com:465"),
        ('Connection could not be established with host "mail.example.com:587": timed out', "mail.example.com:587"),
        ("Failed to open TCP connection to mail.example.com:587 (Connection refused)", "mail.example.com:587"),
        ('File "send.py", line 4, in <module>\n    smtplib.SMTP("localhost", 25)\nConnectionRefusedError', "localhost:25"),
        ("certificate verify failed: Hostname mismatch, certificate is not valid for 'mail.example.com'. (_ssl.c:1006)",
         "mail.example.com"),
        ("x509: certificate is valid for web.example.com, not mail.example.com", "mail.example.com"),
        ("java.net.UnknownHostException: mail.exmaple.com", "mail.exmaple.com"),
        ("unable to establish SMTP connection to (mail.example.com) port 587", "mail.example.com:587"),
        ("VALUES: server=mail.example.com encryption=tls hello=client.example.com port=587 at /usr/lib/git-core/git-send-email",
         "mail.example.com:587"),
        ("s-nail: TLS certificate does not match: mail.example.com:587", "mail.example.com:587"),
        ("Connection refused", None),
        ("at send (mail.js:550:12) Connection refused", None),
        ("smtplib.SMTPServerDisconnected: Connection unexpectedly closed", None),
        ("java.net.ConnectException: Connection refused", None),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", None),
        ("curl: (35) OpenSSL/3.0.22: error:0A00010B:SSL routines::wrong version number", None),
        ("connect to mail.example.com:99999: Connection refused", None),
    ],
)  # fmt: skip
def test_the_server_that_a_text_names(said: str, server: str | None) -> None:
    assert server_named(said) == server


@pytest.mark.parametrize(
    ("server", "command"),
    [
        ("mail.example.com:587", "smtpprobe check mail.example.com:587"),
        ("mail.example.com:465", "smtpprobe check smtps://mail.example.com:465"),
        ("mail.example.com", "smtpprobe check mail.example.com:PORT"),
        ("[2001:db8::4]:25", "smtpprobe check '[2001:db8::4]:25'"),
        (None, "smtpprobe check HOST:PORT"),
    ],
)
def test_the_command(server: str | None, command: str) -> None:
    assert check_command(server) == command


@pytest.mark.parametrize(
    "name",
    ["$(reboot).example.com", "a;reboot.example.com", "`reboot`.example.com", "a.example.com\n", "a.example.com' x '", "-v",
     "a.example.com|sh", "a.example.com>x", "\x1b[31ma.example.com", "a.example.com&&x", "$HOME.example.com", "..", "*"],
)  # fmt: skip
def test_hostile_text_is_never_part_of_a_command(name: str) -> None:
    for said in (f"connect to {name}:25: Connection refused", f'host: "{name}", port: 25', f"ENOTFOUND {name}",
                 f"Could not connect to SMTP host: {name}, port: 25", f"smtps://{name}:465"):  # fmt: skip
        words = shlex.split(check_command(server_named(said)))
        assert words[:2] == ["smtpprobe", "check"]
        assert len(words) == 3
        assert not set(words[2]) & set("$`;|&<>'\"\\ \n\x1b*")
        if "PORT" not in words[2]:
            parse_target(words[2])
