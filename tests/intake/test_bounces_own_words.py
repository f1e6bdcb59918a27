"""Refusals that bounces tell in words of their own, without a reply's code or apart from the reply."""

from __future__ import annotations

import pytest

from smtpprobe.intake.bounces import refusals

ADDRESSES = "   ----- The following addresses had permanent fatal errors -----\n"
SESSION = "\n   ----- Transcript of session follows -----\n... while talking to mx.example.com.:\n>>> DATA\n"


def read(bounce: str) -> list[tuple[str | None, str | None, str | None, str]]:
    return [(f.phase, f.recipient_domain, f.peer, f.reply) for f in refusals(bounce.encode().split(b"\n"))]


POSTFIX = "This is the mail system at host mail.example.org.\n\n"
SENDMAILS = "From: MAILER-DAEMON@mail.example.org\n\n"
FOLLOWS = "\n   ----- Transcript of session follows -----\n"
LISTED = (
    f"{ADDRESSES}<bob@example.com>\n    (reason: 550-5.1.1 No such)\n<c@nx.example>\n    (reason: 550 Host unknown)\n"
)
NO_HOST = "550 5.1.2 <c@nx.example>... Host unknown (Name server: nx.example: host not found)"
YAHOO = "From: MAILER-DAEMON@mail.example.org\n\nSorry, we were unable to deliver your message to the following address.\n\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "<dan@nx.example>: Host or domain name not found. Name service error for\n    name=nx.example\n\n"
            '<eve@example.org>: unknown user: "eve"\n\n<fay@example.org>: mail forwarding loop for fay@example.org\n',
            [
                ("dns", "dan@nx.example", "Host or domain name not found. Name service error for name=nx.example"),
                (None, "eve@example.org", 'unknown user: "eve"'),
                (None, "fay@example.org", "mail forwarding loop for fay@example.org"),
            ],
        ),
        (
            "<b@example.com>: host mx.example.com[192.0.2.2] said: 450 4.2.0 Later (in reply to RCPT TO command)\n\n"
            "<c@example.com>: connect to mx.example.com[192.0.2.3]:25: Connection timed out\n\n"
            "<d@example.com>: conversation with mx.example.com[192.0.2.3] timed out while sending MAIL FROM\n",
            [
                ("rcpt", "b@example.com", "450 4.2.0 Later"),
                ("connect", "c@example.com", "connect to mx.example.com[192.0.2.3]:25: Connection timed out"),
                (
                    "mail",
                    "d@example.com",
                    "conversation with mx.example.com[192.0.2.3] timed out while sending MAIL FROM",
                ),
            ],
        ),
        ("<b@example.com>: delivery via mx.example.com[192.0.2.2]:25: 250 2.0.0 Ok: queued as 4X1\n", []),
        ("<b@example.com>: delivery via local: delivered to mailbox\n", []),
    ],
)
def test_a_reason_of_postfix_needs_no_code(words: str, expected: list[tuple[object, ...]]) -> None:
    bounce = f"From: MAILER-DAEMON@mail.example.org\n\n{POSTFIX}{words}"
    assert [(f.phase, f.recipient, f.reply) for f in refusals(bounce.encode().split(b"\n"))] == expected


def test_an_address_with_a_colon_is_no_refusal() -> None:
    assert read("From: alice@example.org\n\n<bob@example.com>: have you met him?\n") == []


def test_a_reason_without_a_code_completes_its_own_recipient() -> None:
    status = "".join(
        f"Final-Recipient: rfc822; {to}@example.org\nAction: failed\nStatus: 5.1.1\n\n" for to in ("bob", "eve")
    )
    words = f'{POSTFIX}<eve@example.org>: unknown user: "eve"\n\n<bob@example.org>: host a[192.0.2.2] said: 550 no\n'
    kinds = (("text/plain", words), ("message/delivery-status", f"Reporting-MTA: dns; a.example\n\n{status}"))
    body = "".join(f"--b\nContent-Type: {kind}\n\n{text}\n" for kind, text in kinds)
    assert read(f"Content-Type: multipart/report; boundary=b\n\n{body}--b--\n") == [
        (None, "example.org", "a[192.0.2.2]", "550 no"),
        (None, "example.org", None, '5.1.1 unknown user: "eve"'),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            f"{FOLLOWS}<bob@slow.example>... Deferred: Connection timed out with mx.slow.example.\nWarning: message still\n",
            [("bob@slow.example", "Connection timed out with mx.slow.example.")],
        ),
        (
            f"{LISTED}{SESSION}<<< 550-5.1.1 No such\n<<< 550 5.1.1 account\n550 5.1.1 <bob@example.com>... User unknown\n"
            f"{NO_HOST}\n",
            [("bob@example.com", "550-5.1.1 No such\n550 5.1.1 account"), ("c@nx.example", NO_HOST)],
        ),
        (
            f"{LISTED}{SESSION}<<< 550-5.1.1 No such\n<<< 550 5.1.1 account\n{NO_HOST}\n",
            [("bob@example.com", "550-5.1.1 No such\n550 5.1.1 account"), ("c@nx.example", NO_HOST)],
        ),
        (
            f"{LISTED}{FOLLOWS}{NO_HOST}\n",
            [("c@nx.example", NO_HOST), ("bob@example.com", "550-5.1.1 No such")],
        ),
        (
            f"{ADDRESSES}<a@example.com>\n    (reason: 550 no)\n<b@example.com>\n    (reason: 550 no)\n{FOLLOWS}"
            "... while talking to mx.example.com.:\n"
            ">>> RCPT To:<a@example.com>\n<<< 550 no\n550 5.1.1 <a@example.com>... User unknown\n"
            ">>> RCPT To:<b@example.com>\n<<< 550 no\n550 5.1.1 <b@example.com>... User unknown\n",
            [("a@example.com", "550 no"), ("b@example.com", "550 no")],
        ),
        (f"{FOLLOWS}550 5.1.1 <bob>... User unknown\n", [("bob", "550 5.1.1 <bob>... User unknown")]),
        (
            f"{SESSION}<<< 554 5.7.1 spam\n554 5.0.0 <a@example.com>,<b@example.com>... Service unavailable\n",
            [(None, "554 5.7.1 spam")],
        ),
    ],
    ids=["deferred", "own words after a reply", "at once", "no reply", "one domain", "local", "repeated"],
)
def test_what_sendmail_says_itself(words: str, expected: list[tuple[object, ...]]) -> None:
    found = refusals(f"{SENDMAILS}{words}".encode().split(b"\n"))
    assert [(f.recipient, f.reply) for f in found] == expected


def test_each_reply_in_a_report_of_yahoo_has_the_address_above_it() -> None:
    words = (
        "<bob@corp.example>:\n554: 5.7.1 <bob@corp.example>: Access denied\n\n"
        "<c@big.example>:\nMessage size exceeds limit: 552 5.3.4 Message size exceeds fixed limit\n\n"
        "<d@nowhere.example>:\nNo mx record found for domain=nowhere.example\n\n"
        "--- Below this line is a copy of the message.\n\n<e@example.com>:\n550 5.1.1 in the copy\n"
    )
    found = refusals(f"{YAHOO}{words}".encode().split(b"\n"))
    assert [(f.recipient, f.reply) for f in found] == [
        ("bob@corp.example", "554 5.7.1 <bob@corp.example>: Access denied"),
        ("c@big.example", "552 5.3.4 Message size exceeds fixed limit"),
        ("d@nowhere.example", "No mx record found for domain=nowhere.example"),
    ]
