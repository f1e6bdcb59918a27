"""Lists of mail queues: who waits, and why."""

from __future__ import annotations

import json

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.recognise import Reader


def entry(*recipients: tuple[str, str | None], arrived: int = 1772701872) -> str:
    waiting = [{"address": to} | ({"delay_reason": why} if why else {}) for to, why in recipients]
    fields = {"queue_name": "deferred", "queue_id": "4B0A1", "arrival_time": arrived, "message_size": 550}
    return json.dumps(fields | {"forced_expire": False, "sender": "tom@example.net", "recipients": waiting}) + "\n"


def read(text: str, words: str) -> tuple[list[Found], Counts]:
    taken = recognise.recognise(text.encode())
    assert taken is not None
    assert (taken.words, taken.reader) == (words, Reader.LOG)
    counts = Counts()
    return list(recognise.refusals([text.encode()], taken, counts)), counts


@pytest.mark.parametrize(
    ("why", "reply", "phase", "peer"),
    [
        ("host mx.example.com[198.51.100.1] said: 450 4.7.1 first contact, wait (in reply to RCPT TO command)",
         "450 4.7.1 first contact, wait", "rcpt", "mx.example.com[198.51.100.1]"),
        ("host mx.example.com[198.51.100.1] refused to talk to me: 421 4.7.0 busy", "421 4.7.0 busy", "greeting",
         "mx.example.com[198.51.100.1]"),
        ("connect to mx.example.com[198.51.100.1]:25: Connection refused",
         "connect to mx.example.com[198.51.100.1]:25: Connection refused", "connect", None),
        ("delivery temporarily suspended: lost connection with mx.example.com[198.51.100.1] while sending RCPT TO",
         "delivery temporarily suspended: lost connection with mx.example.com[198.51.100.1] while sending RCPT TO", "rcpt",
         None),
        ("temporary failure of a script", "temporary failure of a script", None, None),
        ("host mx.example.com[198.51.100.1] said: what", "host mx.example.com[198.51.100.1] said: what", None,
         "mx.example.com[198.51.100.1]"),
    ],
)  # fmt: skip
def test_the_reasons_of_postqueue(why: str, reply: str, phase: str | None, peer: str | None) -> None:
    (found,), _ = read(entry(("jane@example.com", why)), "Postfix queue")
    assert (found.reply, found.phase, found.peer) == (reply, phase, peer)
    assert (found.recipient_domain, found.when, found.line) == ("example.com", "2026-03-05T09:11:12Z", 1)


def test_who_was_not_tried_yet_has_no_reason_and_what_cannot_be_read_is_counted() -> None:
    text = (
        entry(("a@example.com", None), ("b@example.org", "550 no"))
        + "{\n"
        + entry(("c@example.net", "452 full"), arrived=0)
    )
    found, counts = read(text, "Postfix queue")
    assert [(each.reply, each.recipient_domain, each.line) for each in found] == [
        ("550 no", "example.org", 1),
        ("452 full", "example.net", 3),
    ]
    assert found[1].when is None
    assert (counts.unread, counts.lines) == (1, 3)


EXIM = """\
25m  2.9K 1aBcDe-0000fG-Hi <tom@example.net>
        D bob@example.org
          jane@example.com

 4h   550 1aBcDf-0000fG-Hj <> *** frozen ***
          tom@example.net

 3d  1.2M 1tAbCd-00000001234-AbCd <blocked@example.net>
          jane@example.com
          anna@example.com

"""


def test_exims_queue_gives_no_reasons() -> None:
    found, counts = read(EXIM, "Exim queue")
    assert (found, counts.lines) == ([], 11)


HEAD = "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n"
POSTQUEUE = f"""\
{HEAD}4B0A1*     2912 Thu Mar  5 09:11:12  tom@example.net
                                         jane@example.com

4B0A2      1044 Thu Mar  5 09:12:12  tom@example.net
(connect to mx.example.com[198.51.100.1]:25: No route to host)
                                         jane@example.com
                                         anna@example.com
    (host mx.example.org[198.51.100.2] said: 450 4.7.1 wait a bit (in reply to RCPT TO command))
                                         bob@example.org

-- 4 Kbytes in 2 Requests.
"""
MAILQ = """\
                /var/spool/mqueue (2 requests)
-----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------
6259BC7x004711     2912 Thu Mar  5 09:11 <tom@example.net>
                 (Deferred: Connection reset by mx.example.com.)
                                         <jane@example.com>
6259BC7x004712     1044 Thu Mar  5 09:12 <tom@example.net>
                                         <bob@example.org>
                Total requests: 2
"""


def test_why_messages_wait_in_a_list_of_postfix() -> None:
    found, _ = read(POSTQUEUE, "Postfix queue")
    route = "connect to mx.example.com[198.51.100.1]:25: No route to host"
    assert [(each.phase, each.recipient_domain, each.reply, each.server) for each in found] == [
        ("connect", "example.com", route, "mx.example.com:25"),
        ("connect", "example.com", route, "mx.example.com:25"),
        ("rcpt", "example.org", "450 4.7.1 wait a bit", "mx.example.org:25"),
    ]
    assert {each.when for each in found} == {"Mar  5 09:12:12"}


def test_why_messages_wait_in_a_list_of_sendmail() -> None:
    (found,), _ = read(MAILQ, "Sendmail queue")
    assert (found.recipient_domain, found.reply) == ("example.com", "Connection reset by mx.example.com.")
    assert found.server == "mx.example.com:25"


@pytest.mark.parametrize("text", ["Mail queue is empty\n", HEAD, "/var/spool/mqueue is empty\n\t\tTotal requests: 0\n"])
def test_an_empty_queue(text: str) -> None:
    taken = recognise.recognise(text.encode())
    assert taken is not None
    assert list(recognise.refusals([text.encode()], taken, Counts())) == []


FAILOVER = "Attempted failover to alternate host, but that did not succeed."


@pytest.mark.parametrize(
    ("text", "reply", "phase", "server"),
    [
        (
            "LastError      : [{LED=451 4.4.0 Primary target IP address responded with: \"550 5.7.1 go away.\" "
            f"{FAILOVER}}};{{MSG=}};{{FQDN=mx.example.com}};{{IP=198.51.100.1}};{{LRT=3/5/2026 9:11:12 AM}}]\n",
            "550 5.7.1 go away.", None, "mx.example.com:25",
        ),
        (
            "NextHopDomain : example.com\nLastError     : 451 4.4.0 DNS query failed. The error was: SMTPSEND.DNS.RetryServfail\n"
            "RetryCount    : 3\n",
            "DNS query failed. The error was: SMTPSEND.DNS.RetryServfail", "dns", None,
        ),
        (
            "[{LED=421 4.4.2 Connection dropped due to SocketError};{FQDN=mx.example.com};{IP=198.51.100.1}]\n",
            "Connection dropped due to SocketError", None, "mx.example.com:25",
        ),
        (
            "NextHopDomain : example.com\r\nLastError     : [{LED=441 4.4.1 Error encountered while communicating with pri\r\n"
            "                mary target IP address: \"Failed to connect. Winsock error code: 10061, Win32 error code:\r\n"
            "                 10061.\" Attempted failover};{IP=198.51.100.1}]\r\n",
            "Failed to connect. Winsock error code: 10061, Win32 error code: 10061.", "connect", "198.51.100.1:25",
        ),
        ("LastError : 421 4.3.2 The service is not active\n", "421 4.3.2 The service is not active", None, None),
    ],
)  # fmt: skip
def test_the_last_error_of_an_exchange_queue(text: str, reply: str, phase: str | None, server: str | None) -> None:
    (found,), _ = read(text, "Exchange queue")
    assert (found.reply, found.phase, found.server) == (reply, phase, server)


def test_an_exchange_queue_without_an_error() -> None:
    assert read("Identity      : EX1\\3\nNextHopDomain : example.com\nLastError     :\n", "Exchange queue")[0] == []
