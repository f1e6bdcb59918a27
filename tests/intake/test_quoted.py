from __future__ import annotations

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts
from tests.intake import samples

DAY = "2026-11-22 19:10:45"


def read(text: str) -> list[tuple[int | None, str | None, str]] | None:
    taken = recognise.recognise(text.encode())
    if taken is None:
        return None
    found = list(recognise.refusals([text.encode()], taken, Counts()))
    # A log in which nothing of mail was seen, and that has none, is in no known format.
    if not taken.known and not found:
        return None
    assert taken.words == "text that quotes a reply"
    return [(f.line, f.when, f.reply) for f in found]


@pytest.mark.parametrize(
    ("line", "when", "reply"),
    [
        (f"{DAY},123 ERROR app sending failed: (535, b'5.7.8 Bad')", f"{DAY},123", "535 5.7.8 Bad"),
        (f"{DAY} ERROR SMTP error: 550 5.7.1 Message rejected as spam", DAY, "550 5.7.1 Message rejected as spam"),
        (f"{DAY} ERROR smtplib.SMTPDataError: (554, b'5.7.1 a\\n5.7.1 b')", DAY, "554 5.7.1 a\n554 5.7.1 b"),
        (f"{DAY} SERVER -> CLIENT: 535 5.7.139 Disabled", DAY, "535 5.7.139 Disabled"),
        (f"{DAY} SERVER -> CLIENT: 550 No such user", DAY, "550 No such user"),
        (f"{DAY} ERROR SMTPRecipientsRefused: mail rejected by server: 550 no", DAY, "550 no"),
        (f"[{DAY}] mail.ERROR: got code \"550\", with message \"550 5.1.1 no\".", DAY, "550 5.1.1 no"),
        (f"{DAY.replace('-', '/')} mail: 550 5.1.1 no", DAY.replace("-", "/"), "550 5.1.1 no"),
        ("Nov 22 19:10:45 host app[3]: failed: 550 5.1.1 User unknown", "Nov 22 19:10:45", "550 5.1.1 User unknown"),
        ("2026-11-22T19:10:45.000Z [NOTICE] [outbound] bounced: 550 5.1.1 no", "2026-11-22T19:10:45.000Z", "550 5.1.1 no"),
        (f"{DAY},323 DEBUG client reply: b'550 5.1.1 <b@example.com>: no\\r\\n'", f"{DAY},323", "550 5.1.1 <b@example.com>: no"),
        (f"{DAY} +0100 version 4.5.6 of app: 450-4.2.0 wait", f"{DAY} +0100", "450-4.2.0 wait"),
        ('{"time":"2026-11-22","error":"550 5.1.1 no","n":1}', None, "550 5.1.1 no"),
        ("app: SMTP error: 550 No such user", None, "550 No such user"),
        ("Error: 5.7.1 Relaying denied", None, "5.7.1 Relaying denied"),
    ],
)  # fmt: skip
def test_a_line_that_quotes_a_reply(line, when, reply):
    for before, number in (("", 1), (f"{DAY} INFO nothing here\n", 2)):
        if before and when is None:
            continue
        assert read(f"{before}{line}\n") == [(number, when, reply)]


@pytest.mark.parametrize(
    "line",
    [
        f"{DAY} INFO Linux version 5.4.0 started",
        f"{DAY} INFO mail queue: 450 messages",
        f"{DAY} ERROR http error: 502 Bad Gateway from the SMTP service",
        f"{DAY} ERROR error: 550 items were lost",
        f"{DAY} INFO GET / 404 5.6.7.8",
        f"{DAY} INFO SMTP worker ready, nothing rejected so far",
        f"{DAY} INFO compared a == b: equal",
        "Nov 22 19:10:45 host kernel: nothing of mail",
    ],
)
def test_a_dated_line_without_a_reply(line):
    assert read(f"{line}\n") is None


def test_lines_of_one_reply_stay_together():
    text = (
        f"{DAY} SERVER -> CLIENT: 550-5.1.1 no\n          550-5.1.1 such\n          550 See the manual\n"
        f"{DAY} SERVER -> CLIENT: 450-4.2.0 wait\n{DAY} CLIENT -> SERVER: QUIT\n{DAY} INFO 550-5.7.1 open"
    )
    assert read(text) == [
        (1, DAY, "550-5.1.1 no\n550-5.1.1 such\n550 See the manual"),
        (4, DAY, "450-4.2.0 wait"),
        (6, DAY, "550-5.7.1 open"),
    ]


def test_mail_programs_and_others_in_one_log():
    text = (
        "Nov 22 19:10:44 host app[3]: failed: 550 5.1.1 no\n" + "Nov 22 19:10:44 host app[3]: fine\n" * 9000
        + samples.POSTFIX + "Nov 22 19:10:49 host postfix/cleanup[1]: warning: header Subject: 550 5.1.1 x\n"
    )  # fmt: skip
    found = read(text)
    assert found is not None
    assert [reply for _, _, reply in found][:2] == [
        "550 5.1.1 no",
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example",
    ]
    assert len(found) == 10


def test_the_journal_of_other_programs():
    octets = ('{"MESSAGE":"failed: 550 5.1.1 no","SYSLOG_IDENTIFIER":"app"}\n' * 2).encode()
    taken = recognise.recognise(octets)
    assert taken is not None
    assert taken.words == "journal entries as JSON"
    assert [f.reply for f in recognise.refusals([octets], taken, Counts())] == ["550 5.1.1 no"] * 2
