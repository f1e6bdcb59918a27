"""Bounces as users pass them on: attached to a mail, in a digest, in a bounce's own returned message."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.bounces import refusals
from smtpprobe.intake.found import Counts
from tests.intake import samples

BOUNCES = {
    "STATUS": samples.STATUS,
    "QMAIL": samples.QMAIL,
    "EXIM": samples.EXIM_BOUNCE,
    "EXCHANGE": samples.EXCHANGE_BASE64,
    "POSTFIX": samples.POSTFIX_BOUNCE,
    "SENDMAIL": samples.SENDMAIL_BOUNCE,
}
ORDINARY = "From: a@example.org\nSubject: x\n\nYesterday I saw 550 5.7.1 no such user in a log.\n"
MESSAGE = "message/rfc822"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "base64": base64.encodebytes,
    "quoted-printable": quopri.encodestring,
}


def told(text: str) -> list[tuple[object, ...]]:
    found = list(refusals(text.encode().split(b"\n")))
    return [(f.reply, f.phase, f.recipient_domain, f.peer, f.when) for f in found]


def forwarded(
    *messages: str, cover: str = "What is this?", kind: str = MESSAGE, coding: str = "", fields: str = ""
) -> str:
    encoding = f"Content-Transfer-Encoding: {coding}\n" if coding else ""
    parts = "".join(
        f"--F\nContent-Type: {kind}\n{encoding}\n{PACKERS[coding](each.encode()).decode('ascii')}\n"
        for each in messages
    )
    return (
        f'From: alice@example.org\n{fields}Content-Type: multipart/mixed; boundary="F"\n\n'
        f"--F\nContent-Type: text/plain\n\n{cover}\n\n{parts}--F--\n"
    )


@pytest.mark.parametrize("coding", ["", "base64", "quoted-printable"])
@pytest.mark.parametrize("name", BOUNCES)
def test_an_attached_bounce_tells_what_it_tells_alone(name: str, coding: str) -> None:
    mail = forwarded(BOUNCES[name], coding=coding)
    assert told(mail) == told(BOUNCES[name])
    taken = recognise.recognise(mail.encode())
    assert taken is not None
    assert taken.reader == "bounce"
    assert len(list(recognise.refusals([mail.encode()], taken, Counts()))) == len(told(mail)) > 0


@pytest.mark.parametrize(
    "mail",
    [
        forwarded(samples.STATUS, cover="It says 550 5.1.1 no such user"),
        forwarded(samples.STATUS, kind='application/octet-stream; name="Undelivered Mail.eml"', coding="base64"),
        forwarded(forwarded(samples.STATUS)),
        forwarded(ORDINARY, samples.STATUS),
        forwarded(samples.STATUS, fields="Auto-Submitted: auto-generated\n"),
        f"Content-Type: multipart/digest; boundary=D\n\n--D\n\n{samples.STATUS}\n--D--\n",
        f"Content-Type: message/rfc822\n\n{samples.STATUS}",
        forwarded(samples.STATUS).replace("\n", "\r\n"),
    ],
    ids=["cover quotes it", "file", "twice", "beside another mail", "by a program", "digest", "bare", "CRLF"],
)
def test_ways_to_attach_it(mail: str) -> None:
    taken = recognise.recognise(mail.encode())
    assert taken is not None
    assert [f.reply for f in recognise.refusals([mail.encode()], taken, Counts())] == [
        reply for reply, *_ in told(samples.STATUS)
    ]


def test_each_of_several_bounces_has_its_own_time() -> None:
    mail = forwarded(samples.QMAIL.replace("From:", "Date: Mon, 2 Nov 2026 10:00:00 +0000\nFrom:", 1), samples.STATUS)
    assert [when for *_, when in told(mail)] == ["Mon, 2 Nov 2026 10:00:00 +0000"] * 2 + [
        "Sun, 22 Nov 2026 19:10:45 +0000"
    ] * 2


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (forwarded(ORDINARY), ""),
        (samples.STATUS.replace("Subject: x\n", samples.QMAIL), samples.STATUS),
        (
            forwarded(ORDINARY, cover=samples.QMAIL.partition("\n\n")[2].partition("---")[0], fields="From: x\n"),
            samples.QMAIL,
        ),
        (samples.STATUS.replace("Subject: x\n", "Subject: x\n\nFrom now on\n\n550 5.7.1 in my text\n"), samples.STATUS),
    ],
    ids=["no bounce", "a bounce that bounced", "wording", "a line that begins with From"],
)
def test_the_message_that_came_back_is_not_read(mail: str, expected: str) -> None:
    assert [reply for reply, *_ in told(mail)] == [reply for reply, *_ in told(expected)]


def test_lines_are_counted_in_the_file() -> None:
    lines = forwarded(samples.STATUS).split("\n")
    found = list(refusals(line.encode() for line in lines))
    assert [lines[(f.line or 0) - 1].partition(":")[0] for f in found] == ["Final-Recipient"] * 2


def test_endless_nesting_ends() -> None:
    message = b"Content-Type: message/rfc822\n\n"
    assert not list(refusals((message * 20000).split(b"\n")))
    recognise.recognise(b"Content-Transfer-Encoding: base64\n" + message * 5000)
