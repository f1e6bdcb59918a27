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


def test_who_waits_in_exims_queue() -> None:
    found, counts = read(EXIM, "Exim queue")
    assert [(each.reply, each.recipient_domain, each.line) for each in found] == [
        ("25m 2.9K 1aBcDe-0000fG-Hi", "example.com", 3),
        ("4h 550 1aBcDf-0000fG-Hj", "example.net", 6),
        ("3d 1.2M 1tAbCd-00000001234-AbCd", "example.com", 9),
        ("3d 1.2M 1tAbCd-00000001234-AbCd", "example.com", 10),
    ]
    assert counts.lines == 11
