from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.intake import blocks, mail_logs
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.logs.opensmtpd import opensmtpd
from smtpprobe.intake.logs.postfix import postfix
from smtpprobe.intake.logs.sendmail import sendmail
from smtpprobe.intake.mail_logs import Family, refusals
from smtpprobe.model.transcript import Phase
from tests.intake import samples


def read(log: str | bytes, family: Family | None = None) -> list[Found]:
    octets = log.encode() if isinstance(log, str) else log
    return list(refusals([octets], family, Counts()))


LISTED = "5.7.1 Service unavailable"
POSTFIX = [
    (2, "rcpt", "example.com", "unknown[192.0.2.1]", f"554 {LISTED}; Client host [192.0.2.1] blocked using zen.example"),
    (3, "rcpt", "example.com", "mx.example.com[192.0.2.2]", "550 5.1.1 <bob@example.com>: User unknown"),
    (5, "connect", "example.com", None, "connect to mx.example.com[192.0.2.2]:25: Connection refused"),
    (6, "rcpt", "example.com", "[192.0.2.9]:4711", f"550 {LISTED}; client [192.0.2.9] blocked using zen.example"),
    (7, "message", "example.com", "unknown[192.0.2.1]", "5.7.1 Spam"),
    (8, "greeting", "example.com", "mx.example.com[192.0.2.2]", "421 4.7.0 Try later"),
    (9, "auth", None, "smtp.example.com[192.0.2.2]", "535 5.7.8 Error: authentication failed"),
    (10, "message", None, "mx.example.com[2001:db8::1]", "451 4.7.1 Later"),
    (11, "rcpt", "example.com", None, "conversation with mx.example.com[192.0.2.2] timed out while sending RCPT TO"),
]  # fmt: skip
EXIM = [
    (2, "rcpt", "example.com", "mx.example.com [192.0.2.2]", "550 5.1.1 User unknown"),
    (3, "rcpt", "example.com", "mx.example.com [192.0.2.2]", "451 4.7.1 Greylisted"),
    (4, "message", "example.com", "mx.example.com [192.0.2.2]", "554 5.7.1 spam"),
    (5, "dns", "example.net", None, "5.4.4 Unrouteable address"),
    (6, "rcpt", "example.com", "(client.example.org) [192.0.2.1]", "550 relay not permitted"),
    (7, "rcpt", "example.com", "x.example.org [192.0.2.1]", "451 greylisted"),
    (8, "message", None, "x.example.org [192.0.2.1]", "550 malware (Eicar)"),
    (9, "ehlo", None, "[192.0.2.1]", "501 Syntactically invalid EHLO argument(s)"),
    (10, "auth", None, "(client) [192.0.2.1]", "535 Incorrect authentication data"),
]
SENDMAIL = [
    (1, None, "example.com", "mx.example.com. [192.0.2.2]", "5.1.1 User unknown"),
    (2, None, "example.com", "mx.example.com. [192.0.2.2]", "451 4.7.1 Greylisted"),
    (3, "rcpt", "example.com", "x.example.org [192.0.2.1]", "550 5.7.1 <bob@example.com>... Relaying denied"),
    (4, "data", None, None, "554 5.7.1 spam"),
]
OPENSMTPD = [
    (1, None, "example.com", "192.0.2.2 (mx.example.com)", "550 5.1.1 User unknown"),
    (2, "rcpt", "example.com", None, "550 Invalid recipient: <bob@example.com>"),
]


@pytest.mark.parametrize(
    ("log", "family", "expected"),
    [
        (samples.POSTFIX, Family.POSTFIX, POSTFIX),
        (samples.EXIM, Family.EXIM, EXIM),
        (samples.SENDMAIL, Family.SENDMAIL, SENDMAIL),
        (samples.OPENSMTPD, Family.OPENSMTPD, OPENSMTPD),
    ],
)
def test_refusals_of_each_program(log, family, expected):
    for wanted in (family, None):
        found = [(f.line, f.phase, f.recipient_domain, f.peer, f.reply) for f in read(log, wanted)]
        assert found == expected


@pytest.mark.parametrize(
    ("log", "when"),
    [
        (samples.SYSLOG_5424, "2026-11-22T19:10:45.123Z"),
        (samples.SYSLOG_3339, "2026-11-22T19:10:45.123456+01:00"),
        (samples.JOURNAL, "2026-11-22T19:10:45Z"),
        (samples.POSTFIX.splitlines()[1], "Nov 22 19:10:45"),
        (samples.REJECTED, None),
    ],
)
def test_headers(log, when):
    (found,) = read(log)
    assert found.when == when
    assert found.reply[:3] in ("450", "554")


def test_other_programs_words_are_no_refusals():
    words = "H=x [192.0.2.1] rejected RCPT <b@example.com>: no"
    assert read(f"Nov 22 19:10:45 mail httpd[1]: {words}\n") == []
    assert len(read(f"Nov 22 19:10:45 mail exim4[1]: {words}\n")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22 19:10:45 1aBcDe-000abc-De ** b@example.com H=mx [192.0.2.2]: SMTP error from remote mail server:",
        "2026-11-22 19:10:45 H=[192.0.2.1] F=<a@example.org> rejected RCPT <b@example.com>: ",
        "Nov 22 19:10:45 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: ",
    ],
)
def test_a_line_that_ends_before_the_reply_is_no_refusal_without_words(line):
    assert all(found.reply for found in read(line))


def test_line_ends_in_exims_log_are_line_ends_again():
    line = (
        r"** b@example.com R=x T=y: SMTP error from remote mail server after DATA: host mx [192.0.2.2]: 550-no\n550 way"
    )
    (found,) = read(f"2026-11-22 19:10:45 1aBcDe-000abc-De {line}")
    assert (found.phase, found.reply) == ("data", "550-no\n550 way")


def journal(message: str, program: str = "postfix/smtpd") -> bytes:
    return f'{{"SYSLOG_IDENTIFIER":"{program}","MESSAGE":{message}}}\n'.encode()


@pytest.mark.parametrize("gap", [",", ", "])
def test_the_journals_octets_as_numbers(gap):
    octets = samples.REJECTED.replace("Greylisted", "Refus\xe9").encode("latin-1")
    entry = journal(f"[{gap.join(map(str, octets))}]").replace(b'":', b'":' + gap[1:].encode())
    (found,) = read(entry)
    assert found.reply == "450 4.2.0 <b@example.com>: Recipient address rejected: Refus\\xe9"
    assert (found.phase, found.recipient_domain) == ("rcpt", "example.com")


@pytest.mark.parametrize(
    ("entry", "unread"),
    [
        (journal("[82,256]"), 1),
        (journal("[82"), 1),
        (journal('["a","b"]'), 1),
        # The journal writes null for a message that is too long for its reader.
        (journal("null"), 1),
        (journal("null", "kernel"), 0),
        (journal("[82,69]"), 0),
        (journal('"connect from x"'), 0),
    ],
)
def test_messages_of_the_journal_that_cannot_be_read_are_counted(entry, unread):
    for reading in (lambda counts: refusals([entry], None, counts), lambda counts: mail_logs.mixed([entry], counts)):
        counts = Counts()
        assert list(reading(counts)) == []
        assert counts.unread == unread


def test_a_bounce_that_is_kept_soft_is_a_refusal():
    line = (
        "Nov 22 19:10:45 mail postfix/pipe[1]: 4X1: to=<b@example.com>, relay=x, delay=1, dsn=4.3.0, "
        "status=SOFTBOUNCE (temporary failure. Command output: x)"
    )
    (found,) = read(line, Family.POSTFIX)
    assert (found.reply, found.recipient_domain) == ("4.3.0 temporary failure. Command output: x", "example.com")


def test_a_line_that_is_cut_still_names_the_recipient():
    start = "4X1: to=<b@example.com>, relay=x, dsn=5.1.1, status=bounced (host x[192.0.2.1] said: 550 5.1.1 "
    (found,) = read(f"Nov 22 19:10:45 mail postfix/smtp[1]: {start}{'y' * 100_000} (in reply to RCPT TO command))\n")
    assert found.recipient_domain == "example.com"
    assert found.reply.startswith("550 5.1.1 yyy")


def test_what_cannot_be_made_out_is_counted():
    counts = Counts()
    assert list(refusals([b'{"MESSAGE": "reject: broken\n'], None, counts)) == []
    assert (counts.lines, counts.unread) == (1, 1)


@given(st.lists(st.integers(1, 400), max_size=40))
def test_every_split_into_blocks_finds_the_same(sizes):
    log, pieces, at = samples.POSTFIX.encode(), [], 0
    for size in sizes:
        pieces.append(log[at : at + size])
        at += size
    counts = Counts()
    found = list(refusals([*pieces, log[at:]], Family.POSTFIX, counts))
    assert found == read(log, Family.POSTFIX)
    assert counts.lines == log.count(b"\n")


def test_a_line_without_end_is_cut():
    counts = Counts()
    wanted = b"reject: RCPT from x: 550 5.1.1 "
    found = list(refusals([wanted] + [b"y" * 65536] * 64 + [b"\n", wanted + b"z\n"], None, counts))
    assert [f.line for f in found] == [1, 2]
    assert len(found[0].reply) <= 8192
    assert counts.lines == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([b"a\nb"], [b"a", b"b"]),
        ([b"a\r\n", b"\n", b"b\n"], [b"a", b"", b"b"]),
        ([b"a", b"b", b"\nc"], [b"ab", b"c"]),
        ([], []),
        ([b""], []),
    ],
)
def test_lines(given, expected):
    counts = Counts()
    assert list(blocks.lines(given, counts)) == expected
    assert counts.lines == len(expected)


def test_an_entry_of_the_journal_nested_beyond_reason_is_unread():
    entry = b'{"MESSAGE":"status=bounced","a":' + b"[" * 50_000 + b"\n"
    for reading in (refusals([entry], None, counts := Counts()), mail_logs.mixed([entry], counts)):
        assert list(reading) == []
    assert counts.unread == 2


@pytest.mark.parametrize(
    ("detail", "phase", "reply"),
    [
        ("said: ", None, "4.4.2 host x[192.0.2.1] said:"),
        ("said: 250 2.0.0 ok", None, "4.4.2 host x[192.0.2.1] said: 250 2.0.0 ok"),
        ("refused to talk to me: ", "greeting", "4.4.2 host x[192.0.2.1] refused to talk to me:"),
        ("said: 4.7.1 Later (in reply to DATA command)", "data", "4.7.1 Later"),
        ("said: 451 (in reply to DATA command)", "data", "451"),
    ],
)
def test_what_a_server_said_without_a_code_of_refusal(detail, phase, reply):
    said = f"host x[192.0.2.1] {detail}"
    (found,) = read(f"x: to=<b@example.com>, relay=x, dsn=4.4.2, status=deferred ({said})\n", Family.POSTFIX)
    assert (found.phase, found.reply, found.peer) == (phase, reply, "x[192.0.2.1]")
    assert (postfix(said) is None) == reply.startswith("4.4.2")


def test_a_quoted_local_part_in_opensmtpds_command():
    command = 'RCPT TO:<"b c"@example.com>'
    (found,) = read(f'smtpd[1]: 1 smtp failed-command command="{command}" result="550 Invalid"\n', Family.OPENSMTPD)
    assert (found.reply, found.phase, found.recipient_domain) == ("550 Invalid", "rcpt", "example.com")


@pytest.mark.parametrize(
    "words",
    [
        'failed-command command="',
        "failed-command" + ' command="' * 20,
        "Milter x",
        "Milter x reject",
        "ruleset=check_rcpt, arg1=<",
        "dsn=4.0.0,",
        "to=<>",
        "to=<b> dsn=4.0.0, status=",
    ],
)
def test_lines_of_one_pattern_take_no_time(words):
    line = words * (16_000 // len(words))
    begun = time.process_time()
    for _ in range(20):
        for reader in (postfix, sendmail, opensmtpd):
            reader(line)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("message", "reply", "domain"),
    [
        ("header Subject: pills from x.example[192.0.2.9]; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>: "
         "5.7.1 message content rejected", "5.7.1 message content rejected", "d.example"),
        ("mime-header Content-Type: x; name=a.exe from x.example[192.0.2.9]; from=<> to=<c@d.example> proto=ESMTP "
         "helo=<x>: 550 5.7.1 no programs", "550 5.7.1 no programs", "d.example"),
        ("body http://evil.example from local; from=<a@b.example>: 550 5.7.1 not here", "550 5.7.1 not here", None),
    ],
)  # fmt: skip
def test_content_that_postfix_itself_rejects(message: str, reply: str, domain: str | None) -> None:
    found = postfix(f"4AC7: reject: {message}")
    assert found is not None
    assert (found[0], found[1], found[2]) == (reply, Phase.MESSAGE, domain)


def test_what_a_filter_before_the_queue_rejects() -> None:
    found = postfix(
        "proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=1 - spam; from=<a@b> to=<c@d.example> proto=SMTP"
    )
    assert found is not None
    assert (found[0], found[1]) == ("554 5.7.0 Reject, id=1 - spam", Phase.MESSAGE)
