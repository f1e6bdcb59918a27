"""A message taken apart, and how much of its header is."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dkim.message import Field, Message, split
from smtpprobe.model import limits

FIELD = Field(b"a", b"A: b\r\n")
APART = {
    "a header and a body": (b"A: b\n\nbody", Message(fields=(FIELD,), body=b"body")),
    "a header alone": (b"A: b\n", Message(fields=(FIELD,), body=b"")),
    "a header without its last line end": (b"A: b", Message(fields=(FIELD,), body=b"")),
    "no header": (b"\nbody", Message(fields=(), body=b"body")),
    "nothing": (b"", Message(fields=(), body=b"")),
    "a line that is no field": (
        b"A: b\nno field\nA: b\n\nbody",
        Message(fields=(FIELD,), body=b"no field\r\nA: b\r\n\r\nbody"),
    ),
    "a field name that looks like a mailbox file's line": (
        b"From : b\n\n",
        Message(fields=(Field(b"from", b"From : b\r\n"),), body=b""),
    ),
    "a folded field": (b"A: b\n c\n\n", Message(fields=(Field(b"a", b"A: b\r\n c\r\n"),), body=b"")),
    "as many fields as are read": (
        b"A: b\n" * limits.MAX_FIELDS,
        Message(fields=(FIELD,) * limits.MAX_FIELDS, body=b""),
    ),
}


@pytest.mark.parametrize(("octets", "parts"), APART.values(), ids=APART.keys())
def test_a_message_is_taken_apart(octets: bytes, parts: Message) -> None:
    assert split(octets) == parts


def test_fields_beyond_the_limit_are_passed_over() -> None:
    parts = split(b"A: b\n" * (limits.MAX_FIELDS + 1) + b"\nbody")
    assert (len(parts.fields), parts.body, parts.is_whole) == (limits.MAX_FIELDS, b"body", False)


def test_a_header_is_read_as_far_as_its_limit() -> None:
    parts = split(b"A: b\nC: " + b"d" * limits.MAX_HEADER + b"\n\nbody")
    assert (parts.fields[0], parts.body, parts.is_whole) == (FIELD, b"body", False)
    assert sum(len(field.raw) for field in parts.fields) <= limits.MAX_HEADER + 2


def test_what_is_no_field_may_be_longer_than_a_header() -> None:
    parts = split(b"A: b\nno field" + b"d" * limits.MAX_HEADER)
    assert (parts.fields, parts.is_whole) == ((FIELD,), True)
