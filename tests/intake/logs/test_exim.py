from __future__ import annotations

import pytest

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.intake.found import Counts
from smtpprobe.intake.logs.exim import MARKERS, exim
from smtpprobe.intake.mail_logs import Family, refusals

HOST = "mx.example.com [192.0.2.2]"
DNS, TO = "R=dnslookup", "b@example.com R=dnslookup T=remote_smtp"


def read(line: str) -> tuple[str | None, str | None, str]:
    (found,) = refusals([f"2026-11-22 19:10:45 {line}\n".encode()], Family.EXIM, Counts())
    return found.phase, found.peer, found.reply


@pytest.mark.parametrize(
    ("line", "phase", "reply", "cause"),
    [
        (f"== {TO} defer (111): Connection refused", "connect", "Connection refused", "connection-failed"),
        (f"== {TO} defer (61): Connection refused", "connect", "Connection refused", "connection-failed"),
        (f"== {TO} defer (-1): Connection refused", "connect", "Connection refused", "connection-failed"),
        (f"== {TO} defer (110): Connection timed out", "connect", "Connection timed out", "connection-failed"),
        (f"== {TO} defer (60): Operation timed out", "connect", "Operation timed out", "connection-failed"),
        (f"== {TO} defer (113) H={HOST}: No route to host", "connect", "No route to host", "connection-failed"),
        (
            f"== {TO} defer (110): Connection timed out H={HOST}:25 DT=5m: SMTP timeout after RCPT TO:<b@example.com>",
            "rcpt",
            "Connection timed out: SMTP timeout after RCPT TO:<b@example.com>",
            "reply-timeout",
        ),
        (
            f"== {TO} defer (-18) H={HOST}: Remote host closed connection in response to initial connection",
            "greeting",
            "Remote host closed connection in response to initial connection",
            "connection-lost",
        ),
        (
            f"== {TO} defer (-18) H={HOST}: Remote host closed connection in response to EHLO x.example.org",
            "ehlo",
            "Remote host closed connection in response to EHLO x.example.org",
            "connection-lost",
        ),
        (
            f"== b@example.com {DNS} defer (-1): host lookup did not complete",
            "dns",
            "4.4.3 host lookup did not complete",
            "server-temporary",
        ),
        (
            f"== {TO} defer (-53): retry time not reached for any host for 'example.com'",
            None,
            "retry time not reached for any host for 'example.com'",
            "server-temporary",
        ),
        (
            "== b@example.com routing defer (-51): retry time not reached",
            None,
            "retry time not reached",
            "server-temporary",
        ),
        (f"** {TO}: retry timeout exceeded", None, "retry timeout exceeded", "server-temporary"),
        (
            f"** {TO}: all hosts for 'example.com' have been failing for a long time (and retry time not reached)",
            None,
            "all hosts for 'example.com' have been failing for a long time (and retry time not reached)",
            "server-temporary",
        ),
        ("** b@example.com: Unrouteable address", "dns", "5.4.4 Unrouteable address", "domain-undeliverable"),
        (f"** b@example.com {DNS}: Unrouteable address", "dns", "5.4.4 Unrouteable address", "domain-undeliverable"),
        (
            "** b@example.com: all relevant MX records point to non-existent hosts",
            "dns",
            "5.4.4 all relevant MX records point to non-existent hosts",
            "domain-undeliverable",
        ),
        (
            f"** b@example.com {DNS}: an MX or SRV record indicated no SMTP service",
            "dns",
            "5.1.10 an MX or SRV record indicated no SMTP service",
            "domain-undeliverable",
        ),
        (
            f"== b@example.com {DNS} defer (-1): lowest numbered MX record points to local host",
            "dns",
            "4.4.6 lowest numbered MX record points to local host",
            "mail-loop",
        ),
        (
            f"== {TO} defer (-37) H={HOST}: TLS session: (SSL_connect): error:0A000410:SSL routines::handshake failure",
            "tls",
            "4.7.5 TLS session: (SSL_connect): error:0A000410:SSL routines::handshake failure",
            "tls-failed",
        ),
        (
            f"== {TO} defer (-38) H={HOST}: a TLS session is required, but the server did not offer TLS support",
            "starttls",
            "a TLS session is required, but the server did not offer TLS support",
            "tls-failed",
        ),
        (
            "** b@example.com R=localuser T=local_delivery: mailbox is full",
            None,
            "5.2.2 mailbox is full",
            "mailbox-full",
        ),
        ("** b@example.com R=aliases: Unknown user", None, "5.0.0 Unknown user", "recipient-unknown"),
        ("** b@example.com R=aliases: 550 no such user", None, "550 no such user", "recipient-unknown"),
        (
            "** b@example.com R=lmtp T=lmtp: LMTP error after RCPT TO:<b@example.com>: 550 5.1.1 no such user",
            "rcpt",
            "550 5.1.1 no such user",
            "recipient-unknown",
        ),
    ],
)
def test_what_exim_says_of_a_delivery_of_its_own(line, phase, reply, cause):
    found_phase, peer, found = read(f"1aBcDe-000abc-De {line}")
    assert (found_phase, found) == (phase, reply)
    assert peer == (HOST + ":25" * (":25 " in line) if "H=" in line else None)
    if cause is not None:
        assert explain(found, phase=found_phase).cause == cause


@pytest.mark.parametrize(
    ("line", "phase", "peer", "reply", "cause"),
    [
        (
            "rejected EHLO from (x) [192.0.2.1]: syntactically invalid argument(s): bad_name",
            "ehlo",
            "(x) [192.0.2.1]",
            "501 Syntactically invalid EHLO argument(s): bad_name",
            "helo-rejected",
        ),
        (
            "rejected HELO from [2001:db8::1]:4711: syntactically invalid argument(s): a b",
            "ehlo",
            "[2001:db8::1]:4711",
            "501 Syntactically invalid HELO argument(s): a b",
            "helo-rejected",
        ),
        (
            "H=(bad_name) [192.0.2.1] rejected EHLO or HELO bad_name: forged name",
            "ehlo",
            "(bad_name) [192.0.2.1]",
            "550 forged name",
            None,
        ),
        (
            "SMTP protocol synchronization error (input sent without waiting for greeting): "
            'rejected connection from H=[192.0.2.1] input="GET / HTTP/1.1\\r\\n"',
            "greeting",
            "[192.0.2.1]",
            "554 SMTP protocol synchronization error (input sent without waiting for greeting)",
            "protocol-error",
        ),
        (
            "SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): "
            'rejected "RCPT TO:<b@example.com>" H=x.example.org [192.0.2.1] next input="DATA\\r\\n"',
            "rcpt",
            "x.example.org [192.0.2.1]",
            "554 SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised)",
            "protocol-error",
        ),
        (
            'H=[192.0.2.1] rejected connection in "connect" ACL: no mail from here',
            "greeting",
            "[192.0.2.1]",
            "550 no mail from here",
            None,
        ),
        (
            "refused connection from H=x.example.org [192.0.2.1] (host_reject_connection)",
            "greeting",
            "x.example.org [192.0.2.1]",
            "554 SMTP service not available (host_reject_connection)",
            "policy-rejected",
        ),
        (
            "temporarily refused connection from [192.0.2.1]: not in reserve list: connected=20 max=20 reserve=2",
            "greeting",
            "[192.0.2.1]",
            "421 not in reserve list: connected=20 max=20 reserve=2",
            None,
        ),
        (
            "Connection from [192.0.2.1]:4711 refused: too many connections from that IP address",
            "greeting",
            "[192.0.2.1]:4711",
            "421 too many connections from that IP address",
            "rate-limited",
        ),
    ],
)
def test_what_exim_refuses_before_a_message(line, phase, peer, reply, cause):
    assert read(line) == (phase, peer, reply)
    if cause is not None:
        assert explain(reply, phase=phase).cause == cause


@pytest.mark.parametrize(
    "message",
    [
        "1aBcDe-000abc-De => b@example.com R=dnslookup T=remote_smtp C=\"250 a == b: c ** d: e\"",
        "1aBcDe-000abc-De <= a@example.org S=1 T=\"550 a ** b: c\"",
        "compared a == b: different",
        "kwargs ** more: x",
        "the proxy rejected connection 7: no token",
        "peer refused connection from x: y",
    ],
)  # fmt: skip
def test_words_of_others_are_no_refusals(message):
    assert any(marker in message.encode() for marker in MARKERS)
    assert exim(message) is None
