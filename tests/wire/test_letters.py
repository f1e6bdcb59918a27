"""Octets that are no UTF-8, as the letters that they probably are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.wire.letters import guessed

READ = [
    (b"plain", "plain"),
    ("用户不存在".encode("gbk"), "用户不存在"),
    ("550 用户 <bob@example.com> 不存在".encode("gbk"), "550 用户 <bob@example.com> 不存在"),
    ("Empfänger nicht möglich".encode("latin-1"), "Empfänger nicht möglich"),
    ("Boîte pleine, réessayez".encode("cp1252"), "Boîte pleine, réessayez"),
    # Of one character nobody knows whether it is Chinese.
    ("中".encode("gbk"), "ÖÐ"),
    ("ä и ö".encode() + b" \xe4", "ä и ö ä"),
    ("получатель".encode()[:-1], "получател\\xd1"),
    (b"\x81\x8d", "\\x81\\x8d"),
    # What is UTF-8 stays what it is, also what nobody should see.
    ("\u202e".encode() + b" \xe4", "\u202e ä"),
]


@pytest.mark.parametrize(("octets", "text"), READ, ids=[text for _, text in READ])
def test_the_letters(octets: bytes, text: str) -> None:
    assert guessed(octets) == text


@given(st.binary(max_size=200))
def test_any_octets_are_read(octets: bytes) -> None:
    assert bool(guessed(octets).encode()) is bool(octets)


@given(st.text(max_size=100))
def test_what_is_utf_8_is_read_as_that(text: str) -> None:
    octets = text.encode("utf-8", "replace")
    assert guessed(octets) == octets.decode()
