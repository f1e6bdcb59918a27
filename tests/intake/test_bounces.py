from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given

from smtpprobe.intake.bounces import parts, refusals
from tests.intake import samples
from tests.intake.test_mail_logs import HOSTILE


def read(bounce: str) -> list[tuple[str | None, str | None, str | None, str]]:
    return [(f.phase, f.recipient_domain, f.peer, f.reply) for f in refusals(bounce.encode().split(b"\n"))]


NOBODY = "550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown"
EXIM = "550 5.1.1 <bob@example.com>: User unknown"
UNKNOWN = "550 5.1.1 User unknown"


@pytest.mark.parametrize(
    ("bounce", "expected"),
    [
        (
            samples.STATUS,
            [
                (None, "example.com", "mx.example.com", NOBODY),
                (None, "example.net", None, "5.4.4 Host or domain name not found"),
            ],
        ),
        (
            samples.QMAIL,
            [
                ("rcpt", "example.com", "192.0.2.2", UNKNOWN),
                ("message", "example.net", "192.0.2.3", "554-5.7.1 spam\n554 5.7.1 indeed"),
            ],
        ),
        (samples.EXIM_BOUNCE, [("rcpt", "example.com", "mx.example.com [192.0.2.2]", EXIM)]),
        (samples.EXCHANGE, [(None, "example.com", None, UNKNOWN)]),
        (samples.EXCHANGE_HASH, [(None, "example.com", "mx.example.com", "550 5.1.1 <bob@example.com>: Recipient rejected")]),
        (samples.EXCHANGE_BASE64, [(None, "example.com", None, UNKNOWN)]),
        (
            samples.POSTFIX_BOUNCE,
            [("rcpt", "example.com", "mx.example.com[192.0.2.2]", "550 5.1.1 <bob@example.com>: Recipient address rejected")],
        ),
        (samples.SENDMAIL_BOUNCE, [("rcpt", "example.com", "mx.example.com", UNKNOWN)]),
        ("Subject: hello\n\nno reply in here\n", []),
    ],
)  # fmt: skip
def test_each_kind_of_bounce(bounce, expected):
    assert read(bounce) == expected


def test_pasted_fields_without_a_message():
    (found,) = read(
        "Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no\n"
    )
    assert found == (None, "example.com", None, "550 no")


def test_fields_that_leave_out_the_reply_are_completed_from_the_words():
    fields = "Reporting-MTA: dns; mail.example.org\n\nAction: failed\nFinal-Recipient: rfc822;bob@example.com\nStatus: 5.0.0\n"
    kinds = ("text/plain", samples.EXIM_BOUNCE.partition("\n\n")[2]), ("message/delivery-status", fields)
    body = "".join(f"--b\nContent-Type: {kind}\n\n{text}\n" for kind, text in kinds)
    assert read(f"Content-Type: multipart/report; boundary=b\n\n{body}--b--\n") == read(samples.EXIM_BOUNCE)


def test_a_mailbox_of_bounces():
    mailbox = "".join(
        f"From MAILER-DAEMON Sun Nov 22 19:10:45 2026\n{each}\n" for each in (samples.STATUS, samples.QMAIL)
    )
    assert read(mailbox) == read(samples.STATUS) + read(samples.QMAIL)


def test_time_and_place():
    found = list(refusals(samples.STATUS.encode().split(b"\n")))
    assert {f.when for f in found} == {"Sun, 22 Nov 2026 19:10:45 +0000"}
    assert found[0].line < found[1].line


def test_the_message_that_came_back_is_not_read():
    assert "no@example.com" not in str(read(samples.STATUS))


@given(HOSTILE)
def test_no_octets_raise(octets):
    for found in refusals(octets.split(b"\n")):
        assert found.reply


def test_nested_parts_and_long_bodies_take_little_memory():
    nested = (b"--b", b"Content-Type: multipart/mixed; boundary=b", b"")
    tracemalloc.start()
    for _ in parts(line for _ in range(20000) for line in (b"Content-Type: multipart/mixed; boundary=b", b"", *nested)):
        pass
    list(refusals(b"y" * 1000 for _ in range(20000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
