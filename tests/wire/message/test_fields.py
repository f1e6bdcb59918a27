"""Header fields as a user gives them, and in a message that is given."""

from __future__ import annotations

from email.header import decode_header, make_header

import pytest

from smtpprobe.wire.message.fields import field, parameter, replaced_in, values

GOOD = [
    ("Subject: Hi", ("Subject", "Hi")),
    ("X-A:1", ("X-A", "1")),
    ("X-Mailer:", ("X-Mailer", "")),
    ("From: Bob <bob@bücher.example>", ("From", "Bob <bob@bücher.example>")),  # SMTPUTF8
]


@pytest.mark.parametrize(("text", "read"), GOOD)
def test_a_field_is_read(text: str, read: tuple[str, str]):
    assert field(text) == read


@pytest.mark.parametrize("text", ["Subject", "Sub ject: x", ": x", "Sübject: x", "A: b\r\nBcc: c", "A: b\nc", "A: \0"])
def test_what_is_no_field_is_refused(text: str):
    with pytest.raises(ValueError, match=r"expected 'Name: value'|would start another field"):
        field(text)


def test_a_field_longer_than_a_line_may_be_is_refused():
    with pytest.raises(ValueError, match="longer than 998 octets"):
        field("X: " + "x" * 1000)


@pytest.mark.parametrize("text", ["Grüße", "a Grüße und Küsse b", "日本語" * 40, "ß  ü"])
def test_words_that_are_not_ascii_are_encoded(text: str):
    _, value = field(f"Subject: {text}")
    assert value.isascii()
    assert str(make_header(decode_header(value.replace("\r\n", "")))) == text


MESSAGE = b"From: <a@example.org>\r\nSubject: old\r\n and folded\r\nX: 1\r\nsubject: again\r\n\r\nSubject: body\r\n"


def test_fields_of_a_message_are_replaced_and_the_rest_stays():
    assert replaced_in(MESSAGE, [("Subject", "new"), ("Y", "2"), ("X", "")]) == (
        b"From: <a@example.org>\r\nSubject: new\r\nY: 2\r\n\r\nSubject: body\r\n"
    )


def test_nothing_changes_without_a_change():
    assert replaced_in(MESSAGE, []) == MESSAGE


def test_a_message_without_a_body_keeps_its_header_apart():
    assert replaced_in(b"A: 1\r\n", [("B", "2")]) == b"A: 1\r\nB: 2\r\n\r\n"


def test_values_are_unfolded():
    assert list(values(MESSAGE, "SUBJECT")) == ["old and folded", "again"]


PARAMETERS = [
    ("a.txt", "filename=a.txt"),
    ('a "b".txt', 'filename="a \\"b\\".txt"'),
    ("grün.txt", "filename*=utf-8''gr%C3%BCn.txt"),
    ("a\nb", "filename*=utf-8''a%0Ab"),
]


@pytest.mark.parametrize(("name", "written"), PARAMETERS)
def test_a_file_name_starts_no_other_field(name: str, written: str):
    assert parameter("filename", name) == written
