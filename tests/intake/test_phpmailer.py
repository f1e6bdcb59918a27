"""PHPMailer's errors: the server's words, its code and its enhanced status code apart, on one line or on several."""

from __future__ import annotations

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts, Found
from smtpprobe.pipeline.explaining import explain, explain_text


def read(text: str) -> list[Found]:
    taken = recognise.recognise(text.encode())
    assert taken is not None
    return list(recognise.refusals([text.encode()], taken, Counts()))


DENIED = "<jane@example.org>: Relay access denied"
TO = f"SMTP Error: The following recipients failed: jane@example.org: {DENIED}\n"
SENDER = "The following From address failed: ada@example.com : MAIL FROM command failed,Sender is not owned by tom"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{TO}\nSMTP server error: RCPT TO command failed Detail: {DENIED}\n SMTP code: 554 Additional SMTP info: 5.7.1\n",
         ("rcpt", f"554 5.7.1 {DENIED}")),
        (f"{TO}SMTP server error: RCPT TO command failed Detail: {DENIED}\n SMTP code: 554 Additional SMTP info: 5.7.1",
         ("rcpt", f"554 5.7.1 {DENIED}")),
        (f"SMTP server error: RCPT TO command failed Detail: {DENIED} SMTP code: 554 Additional SMTP info: 5.7.1",
         ("rcpt", f"554 5.7.1 {DENIED}")),
        ("SMTP Error: data not accepted.SMTP server error: DATA END command failed Detail: Looks like junk\n SMTP code: 550",
         ("message", "550 Looks like junk")),
        ("SMTP Error: data not accepted.SMTP server error: DATA END command failed Detail: Looks like junk\n SMTP code: 550 "
         "Additional SMTP info: 5.7.1", ("message", "550 5.7.1 Looks like junk")),
        ("SMTP Error: Could not authenticate. SMTP server error: Password command failed Detail: Wrong pair\n SMTP code: 535 "
         "Additional SMTP info: 5.7.8", (None, "535 5.7.8 Wrong pair")),
        ("SMTP Error: data not accepted.SMTP server error: DATA END command failed SMTP code: 554 Additional SMTP info: 5.7.1",
         ("message", "554 5.7.1")),
        ("SMTP server error: MAIL FROM command failed Detail: Too many of\n yours today\n SMTP code: 450 Additional SMTP info: "
         "4.7.1", ("mail", "450 4.7.1 Too many of yours today")),
        (f"{SENDER}\n,553,5.7.1", ("mail", "553 5.7.1 Sender is not owned by tom")),
        (f"{SENDER},553,5.7.1", ("mail", "553 5.7.1 Sender is not owned by tom")),
        (f"{SENDER}\n,553,", ("mail", "553 Sender is not owned by tom")),
        (f"{SENDER}\n,553,5.7.1SMTP server error: MAIL FROM command failed Detail: Sender is not owned by tom\n SMTP code: 553 "
         "Additional SMTP info: 5.7.1", ("mail", "553 5.7.1 Sender is not owned by tom")),
    ],
)  # fmt: skip
def test_code_and_words_are_one_reply(text: str, expected: tuple[str | None, str], line_end: str) -> None:
    text = text.replace("\n", line_end)
    assert [(each.phase, each.reply) for each in read(text)] == [expected]
    assert [(each.found.phase, each.found.reply) for each in explain_text(text).refusals] == [expected]
    assert explain(text).code == int(expected[1][:3])


@pytest.mark.parametrize(
    "text",
    [
        "Detail: the letter was sent\n SMTP code: 250",
        "SMTP Error: Could not connect to SMTP host.\n SMTP server error: Failed to connect to server SMTP code: 111",
        "The following From address failed: ada@example.com : MAIL FROM command failed,,,",
        "rows of the mail table\n,553,571,590",
    ],
)
def test_a_code_of_something_else_is_none(text: str) -> None:
    taken = recognise.recognise(text.encode())
    assert taken is None or list(recognise.refusals([text.encode()], taken, Counts())) == []
