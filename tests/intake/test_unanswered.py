"""What sending systems say where no server replied: of them, at which stage, whom they wanted to reach, and whose side it is."""

from __future__ import annotations

import pytest

from smtpprobe.intake import bounces, recognise
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.unanswered import is_unanswered, phase_unanswered, server_of
from smtpprobe.model.transcript import Side


def found_in(text: str) -> list[Found]:
    taken = recognise.recognise(text.encode())
    assert taken is not None
    return list(recognise.refusals([text.encode()], taken, Counts()))


@pytest.mark.parametrize(
    ("words", "phase"),
    [
        ("Connection refused by mx.example.org.", "connect"),
        ("Operation timed out with mx.example.org.", "connect"),
        ("mx.example.org.: No route to host", "connect"),
        ("Network is unreachable", "connect"),
        ("Connection reset by mx.example.org.", None),
        ("lost connection with mx.example.org[198.51.100.1] while sending RCPT TO", None),
        ("Remote host closed connection in response to EHLO mail.example.net", None),
        ("Name server: mx.example.org.: host name lookup failure", "dns"),
        ("Host unknown (Name server: nowhere.example.: host not found)", "dns"),
        ("TLS is required, but was not offered by host mx.example.org[198.51.100.1]", "starttls"),
        ("Cannot start TLS: handshake failure", "tls"),
        ("Failed to connect. Winsock error code: 10060", "connect"),
    ],
)
def test_words_without_a_reply(words: str, phase: str | None) -> None:
    assert is_unanswered(words)
    assert phase_unanswered(words) == phase


@pytest.mark.parametrize(
    "words",
    [
        "550 5.7.1 Connection refused", "450 4.4.1 connect to mx.example.org: timed out", "5.4.7 Connection timed out",
        "User unknown", "message size 2 exceeds size limit 1 of server mx.example.org[198.51.100.1]", "Host unknown", "",
    ],
)  # fmt: skip
def test_a_reply_is_one(words: str) -> None:
    assert not is_unanswered(words)


@pytest.mark.parametrize(
    ("peer", "words", "server"),
    [
        ("mx.example.org[198.51.100.1]:25", "", "mx.example.org:25"),
        ("mx.example.org[198.51.100.1]", "", "mx.example.org:25"),
        ("mx.example.org. [198.51.100.1]", "", "mx.example.org:25"),
        ("relay.example.org[2001:db8::1]:587", "", "relay.example.org:587"),
        ("[198.51.100.1]", "", "198.51.100.1:25"),
        ("[2001:db8::1]:25", "", "[2001:db8::1]:25"),
        ("198.51.100.1:2525", "", "198.51.100.1:2525"),
        ("MX.example.org", "", "mx.example.org:25"),
        (None, "connect to mx.example.org[198.51.100.1]:25: Connection timed out", "mx.example.org:25"),
        (None, "connect ECONNREFUSED 198.51.100.1:25", "198.51.100.1:25"),
        (None, "mx.example.org.: No route to host", "mx.example.org:25"),
        (None, "no answer [mx.example.org 198.51.100.1: timed out]", "mx.example.org:25"),
        (None, "Name service error for name=nowhere.example type=MX: Host not found", "nowhere.example"),
        ("nowhere.example", "Name server: nowhere.example.: host name lookup failure", "nowhere.example"),
        (None, "connect to mx.example.org[private/mailstore]: No such file or directory", None),
        ("local", "unknown user: bob", None),
        (None, "", None),
    ],
)
def test_whom_it_wanted_to_reach(peer: str | None, words: str, server: str | None) -> None:
    assert server_of(peer, words) == server


SENDMAIL = (
    "Mar  5 09:11:12 mx1 sm-mta[7]: 62591: to=<jane@example.com>, delay=1, relay=mx.example.com. [198.51.100.1], "
)


@pytest.mark.parametrize(
    ("stat", "phase", "reply"),
    [
        ("dsn=4.0.0, stat=Deferred: Connection timed out with mx.example.com.", "connect",
         "Connection timed out with mx.example.com."),
        ("dsn=4.0.0, stat=Deferred: Connection reset by mx.example.com.", None, "Connection reset by mx.example.com."),
        ("dsn=4.0.0, stat=Deferred: No route to host", "connect", "No route to host"),
        ("dsn=4.2.0, stat=Deferred: 450 4.2.0 wait", None, "450 4.2.0 wait"),
        ("dsn=4.0.0, stat=Deferred", None, "4.0.0 Deferred"),
    ],
)  # fmt: skip
def test_what_sendmail_says_without_a_reply(stat: str, phase: str | None, reply: str) -> None:
    (found,) = found_in(f"{SENDMAIL}{stat}\n")
    assert (found.phase, found.reply, found.server, found.side) == (phase, reply, "mx.example.com:25", Side.SENDING)


@pytest.mark.parametrize(
    ("diagnostic", "phase", "reply", "server"),
    [
        ("X-Postfix; connect to mx.example.com[198.51.100.1]:25: Connection refused", "connect", None, "mx.example.com:25"),
        ("X-Postfix; lost connection with mx.example.com[198.51.100.1] while sending\n    end of data", None,
         "lost connection with mx.example.com[198.51.100.1] while sending end of data", "mx.example.com:25"),
        ("x-exim; Connection timed out", "connect", None, None),
        ("X-Unix; Host or domain name not found. Name service error for name=example.com type=A", "dns", None, "example.com"),
        ("smtp; 451 4.4.1 Connection timed out", None, None, None),
        ("X-Postfix; mail for example.com loops back to myself", None, "4.4.1 mail for example.com loops back to myself", None),
    ],
)  # fmt: skip
def test_a_diagnostic_that_is_no_reply(
    diagnostic: str, phase: str | None, reply: str | None, server: str | None
) -> None:
    report = (
        f"Final-Recipient: rfc822; jane@example.com\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: {diagnostic}\n"
    )
    (found,) = bounces.refusals(report.encode().split(b"\n"))
    assert found.reply == (reply or diagnostic.partition("; ")[2])
    assert (found.phase, found.server, found.side) == (phase, server, Side.SENDING)


def test_an_exim_line_about_one_host_counts_if_it_is_the_last() -> None:
    tried = "2026-03-05 09:11:12 1aBcDe-0000fG-Hi H=mx.example.com [198.51.100.1]"
    for words in (
        "TLS error on connection (recv): The packet was broken.",
        "SMTP timeout after RCPT TO:<jane@example.com>",
    ):
        (found,) = found_in(f"{tried}: {words}\n")
        assert (found.reply, found.peer, found.server) == (words, "mx.example.com [198.51.100.1]", "mx.example.com:25")
        again = f"{tried} {words}\n2026-03-05 09:11:13 1aBcDe-0000fG-Hi ** jane@example.com: retry timeout exceeded\n"
        assert [each.reply for each in found_in(again)] == ["retry timeout exceeded"]


EXIM_PIECE = """\
  jane@example.com
    host mx.example.com [198.51.100.1]
    SMTP error from remote mail server after MAIL FROM:<tom@example.net>:
    550 5.7.1 your host has no name
    and is not taken
  anna@example.org
    host mx.example.org [198.51.100.2]
    SMTP error from remote mail server after RCPT TO:<anna@example.org>:
    550 5.1.1 nobody of that name
"""
PIECES = [
    (None, "example.com", "550 5.7.1 your host has no name\nand is not taken"),
    (None, "example.org", "550 5.1.1 nobody of that name"),
]


@pytest.mark.parametrize("margin", ["", "> ", "    "])
def test_pieces_of_an_exim_bounce(margin: str) -> None:
    text = "".join(f"{margin}{line.strip() if not margin.strip() else line}\n" for line in EXIM_PIECE.splitlines())
    for piece in (EXIM_PIECE, text):
        assert [(each.recipient_domain, each.reply) for each in found_in(piece)] == [row[1:] for row in PIECES]


def test_a_reply_ends_where_the_next_recipient_begins() -> None:
    piece = EXIM_PIECE[EXIM_PIECE.index("    550 5.7.1") :]
    assert [each.reply.split() for each in found_in(piece)] == [
        ["550", "5.7.1", "your", "host", "has", "no", "name", "and", "is", "not", "taken"],
        ["550", "5.1.1", "nobody", "of", "that", "name"],
    ]


@pytest.mark.parametrize(
    ("text", "words", "reply"),
    [
        ("<jane@example.com>: connect to mx.example.com[198.51.100.1]:25: Connection\n    refused\n", "bounce (Postfix)",
         "connect to mx.example.com[198.51.100.1]:25: Connection refused"),
        ("<jane@example.com>: User unknown in virtual mailbox table\n", "bounce (Postfix)",
         "User unknown in virtual mailbox table"),
        ("<jane@example.com>\n    (reason: 552 5.3.4 too much)\n", "bounce (Sendmail)", "552 5.3.4 too much"),
        ("... while talking to mx.example.com.:\n>>> DATA\n<<< 554 5.7.1 not this\n554 5.0.0 Service unavailable\n",
         "bounce (Sendmail)", "554 5.7.1 not this"),
        ("<jane@example.com>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n", "bounce (qmail)",
         "Sorry, I wasn't able to establish an SMTP connection."),
        ("<jane@example.com>:\nThis user is no more. (#5.1.1)\n", "bounce (qmail)", "5.1.1 This user is no more. (#5.1.1)"),
    ],
)  # fmt: skip
def test_a_paragraph_of_a_bounce_alone(text: str, words: str, reply: str) -> None:
    taken = recognise.recognise(text.encode())
    assert taken is not None
    assert taken.words == words
    assert [each.reply for each in found_in(text)] == [reply]
