"""Messages made, and read by another's parser."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pytest

import smtpprobe
from smtpprobe.wire.message.compose import Attachment, Composition, compose, moment
from smtpprobe.wire.message.harmless import eicar, gtube
from smtpprobe.wire.message.octets import is_binary

AT = datetime(2026, 12, 1, 18, 30, 5, tzinfo=UTC)


def made(**changes) -> bytes:
    given = {
        "author": "alice@example.org",
        "forward_paths": ("bob@example.com",),
        "date": AT,
        "token": "0a1b2c",
    }
    return compose(Composition(**{**given, **changes}))


def read(octets: bytes) -> EmailMessage:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert not message.defects
    return message


def test_the_test_message_says_what_it_is():
    octets = made()
    assert octets == (
        b"Date: Tue, 01 Dec 2026 18:30:05 +0000\r\n"
        b"From: <alice@example.org>\r\n"
        b"To: <bob@example.com>\r\n"
        b"Subject: smtpprobe test 2026-12-01 18:30:05 +0000\r\n"
        b"Message-ID: <smtpprobe.20261201183005.0a1b2c@example.org>\r\n"
        b"Auto-Submitted: auto-generated\r\n"
        b"X-Mailer: smtpprobe\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=us-ascii\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"This is a test message. It was sent with smtpprobe to see whether a mail\r\n"
        b"server accepts it. Nothing has to be done about it.\r\n"
        b"\r\n"
        b"<smtpprobe.20261201183005.0a1b2c@example.org>\r\n"
    )


def test_a_date_has_its_zone():
    assert moment(AT.astimezone(timezone(timedelta(hours=-3, minutes=-30)))) == "Tue, 01 Dec 2026 15:00:05 -0330"


FIELDS = [
    ((("Subject", "Lunch"),), ["Subject: Lunch"]),
    ((("subject", "one"), ("Subject", "two")), ["subject: one", "Subject: two"]),
    ((("X-A", "1"), ("X-A", "2")), ["X-A: 1", "X-A: 2"]),
]


@pytest.mark.parametrize(("fields", "lines"), FIELDS)
def test_a_field_is_replaced_where_it_stood_or_added(fields: tuple[tuple[str, str], ...], lines: list[str]):
    header = made(fields=fields).decode().partition("\r\n\r\n")[0].split("\r\n")
    name = lines[0].partition(":")[0].lower()
    assert [each for each in header if each.lower().startswith(name + ":")] == lines


def test_a_field_without_a_value_is_taken_away():
    assert b"X-Mailer" not in made(fields=(("x-mailer", ""),))


def test_a_text_that_is_not_ascii_is_encoded():
    octets = made(text="Grüße\nund\n")
    assert octets.isascii()
    assert read(octets).get_content() == "Grüße\r\nund\r\n"


def test_a_line_that_is_too_long_is_encoded():
    octets = made(text="x" * 2000)
    assert not is_binary(octets)
    assert read(octets).get_content().strip() == "x" * 2000


def test_files_are_attached():
    files = (Attachment("a b.txt", "text/plain", b"\0\xff" * 100), Attachment("grün.bin", "application/x", b""))
    message = read(made(text="Hi\n", attachments=files))
    text, *attached = message.iter_parts()
    assert text.get_content() == "Hi\r\n"
    assert [each.get_filename() for each in attached] == ["a b.txt", "grün.bin"]
    assert attached[0].get_payload(decode=True) == b"\0\xff" * 100
    assert attached[1].get_payload(decode=True) == b""


@pytest.mark.parametrize("octets", [*range(700, 800), 5000, 1 << 20])
def test_a_message_is_filled_to_the_octet(octets: int):
    for attachments in ((), (Attachment("a", "text/plain", b"a"),)) if octets > 1000 else ((),):
        message = made(octets=octets, attachments=attachments)
        assert len(message) == octets
        assert not is_binary(message)
        assert message.endswith(b"\r\n")
        read(message)


def test_a_message_cannot_be_smaller_than_it_is():
    with pytest.raises(ValueError, match="a message of 10 octets: expected at least 5"):
        made(octets=10)


def test_the_strings_that_filters_are_tested_with_are_whole_only_when_they_are_sent():
    line, file = gtube(), eicar().octets
    assert re.fullmatch(r"XJS\*C4JDBQADN1\.NSBN3\*2IDNEN\*[A-Z-]+\*C\.34X", line)
    assert len(line) == len(file) == 68
    package = Path(smtpprobe.__file__).parent
    for path in [each for each in package.rglob("*") if each.is_file()]:
        octets = path.read_bytes()
        assert line.encode() not in octets, path
        assert file not in octets, path
        assert b"EICAR" + b"-STANDARD-ANTIVIRUS" not in octets, path
