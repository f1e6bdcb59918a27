from __future__ import annotations

import tracemalloc

import pytest

from smtpprobe.intake.bounces import refusals
from smtpprobe.intake.found import Counts
from smtpprobe.intake.mime import parts
from tests.intake import samples


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
                ("dns", "example.net", None, "Host or domain name not found"),
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


ADDRESSES = "   ----- The following addresses had permanent fatal errors -----\n"
SESSION = "\n   ----- Transcript of session follows -----\n... while talking to mx.example.com.:\n>>> DATA\n"
DMARC = "550 5.7.26 Unauthenticated email is not accepted"


@pytest.mark.parametrize(
    ("addresses", "session", "domains"),
    [
        (f"<bob@example.com>\n    (reason: {DMARC})\n", f"<<< {DMARC}\n", ["example.com"]),
        ("<bob@example.com>\n", f"<<< {DMARC}\n", ["example.com"]),
        ("bob@example.com\n    (expanded from: <list@example.org>)\n", f"<<< {DMARC}\n", ["example.com"]),
        (
            f"<a@example.com>\n    (reason: {DMARC})\n<b@example.net>\n    (reason: {DMARC})\n",
            f"<<< {DMARC}\n",
            ["example.com", "example.net"],
        ),
        (
            f"<a@example.com>\n    (reason: 550 5.1.1 no)\n<b@example.net>\n    (reason: {DMARC})\n",
            f"<<< {DMARC}\n... while talking to mx.example.net.:\n>>> DATA\n<<< 550 5.1.1 no\n",
            ["example.net", "example.com"],
        ),
        ("<a@example.com>\n    (reason: 550-5.7.1 one)\n", "<<< 550-5.7.1 one\n<<< 550 5.7.1 two\n", ["example.com"]),
        ("<a@example.com>\n<b@example.net>\n", f"<<< {DMARC}\n", [None]),
        ("<a@example.com>\n<b@example.com>\n", f"<<< {DMARC}\n", ["example.com"]),
        ("", f"<<< {DMARC}\n", [None]),
    ],
)
def test_whom_sendmails_session_concerns(addresses, session, domains):
    bounce = f"From: MAILER-DAEMON@mail.example.org\n\n{ADDRESSES}{addresses}{SESSION}{session}"
    assert [domain for _, domain, _, _ in read(bounce)] == domains


def test_each_session_of_sendmail_has_its_peer():
    bounce = (
        samples.SENDMAIL_BOUNCE + "... while talking to mx.example.net.:\n>>> RCPT To:<c@example.net>\n<<< 550 no\n"
    )
    assert read(bounce) == [
        ("rcpt", "example.com", "mx.example.com", UNKNOWN),
        ("rcpt", "example.net", "mx.example.net", "550 no"),
    ]


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


@pytest.mark.parametrize(
    "bounce",
    [
        samples.STATUS.partition("Final-Recipient: rfc822; carol")[0],
        samples.QMAIL.partition("<carol")[0],
        samples.EXIM_BOUNCE,
        samples.EXCHANGE,
        samples.EXCHANGE_HASH,
        samples.EXCHANGE_BASE64,
        samples.POSTFIX_BOUNCE,
        samples.SENDMAIL_BOUNCE.replace("   -----", f"{ADDRESSES}<bob@example.com>\n\n   -----", 1),
        "From: MAILER-DAEMON@mail.example.org\n\nbob@example.com was refused: 550 5.1.1 no such user here\n",
    ],
)
def test_the_recipients_address(bounce):
    assert [f.recipient for f in refusals(bounce.encode().split(b"\n"))] == ["bob@example.com"]


def test_the_message_that_came_back_is_not_read():
    assert "no@example.com" not in str(read(samples.STATUS))


def test_nested_parts_and_long_bodies_take_little_memory():
    nested = (b"--b", b"Content-Type: multipart/mixed; boundary=b", b"")
    tracemalloc.start()
    for _ in parts(line for _ in range(20000) for line in (b"Content-Type: multipart/mixed; boundary=b", b"", *nested)):
        pass
    list(refusals(b"y" * 1000 for _ in range(20000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


SEPARATOR = "From MAILER-DAEMON Sun Nov 22 19:10:45 2026\n"


def test_a_long_message_of_a_mailbox_ends_where_the_next_begins():
    one = SEPARATOR + samples.QMAIL.partition("<carol")[0] + "\n--- Below this line is a copy of the message.\n\n"
    returned = "y" * 70 + "\nFrom here on 10:00 it goes on\n"
    assert len(read(one + returned * 3000 + "\n" + one + "\n" + one)) == 3


def report(recipients: int) -> str:
    group = (
        "Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n\n"
    )
    return (
        "From: MAILER-DAEMON@example.org\nContent-Type: multipart/report; boundary=F\n\n--F\n"
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; example.org\n\n{group * recipients}--F--\n"
    )


def test_every_recipient_of_a_long_report_is_read():
    counts = Counts()
    assert len(list(refusals(report(5000).encode().split(b"\n"), counts))) == 5000
    assert counts.unread == 0


@pytest.mark.parametrize("limit", [2000, 2040, 2080])
def test_recipients_beyond_what_is_read_are_counted(monkeypatch, limit):
    monkeypatch.setattr("smtpprobe.intake.mime._MAX_STATUS", limit)
    counts = Counts()
    found = list(refusals(report(100).encode().split(b"\n"), counts))
    assert found
    assert counts.unread
    assert len(found) + counts.unread == 100


def test_the_fields_that_are_kept_are_bounded():
    lines = [line for number in range(5000) for line in (f"X-{number}: y".encode(), b" and more")]
    (part,) = parts([*lines, b"", b"words"])
    assert part.fields["x-0"] == "y and more"
    assert len(part.fields) <= 500
    assert part.body == [b"words"]
