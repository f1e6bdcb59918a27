"""A peer's text inside a sentence of ours."""

from __future__ import annotations

import pytest

from smtpprobe.model.quoting import cut, printable, quoted


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [("abcd", 4, "abcd"), ("abcde", 4, "abc…"), ("", 4, ""), ("a", 1, "a"), ("ab", 1, "…")],
)
def test_cut(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected
    assert quoted(text, limit) == f"'{expected}'"


@pytest.mark.parametrize(
    ("text", "in_quotes", "bare"),
    [
        ("Grün", "'Grün'", "Grün"),
        ("a'b", '"a\'b"', "a'b"),
        ("a\r\nb", r"'a\r\nb'", r"a\x0d\x0ab"),
        ("\x1b[31m", r"'\x1b[31m'", r"\x1b[31m"),
        ("\x7f\x9b", r"'\x7f<U+009B>'", r"\x7f<U+009B>"),
        ("\u202egnp.exe", "'<U+202E>gnp.exe'", "<U+202E>gnp.exe"),
        ("\udcff", r"'\udcff'", r"\udcff"),
        ("\U000e0001", "'<U+E0001>'", "<U+E0001>"),
        ("a\xa0b", "'a<U+00A0>b'", "a<U+00A0>b"),
        ("a\u200bb", "'a<U+200B>b'", "a<U+200B>b"),
        ("a\u3164b", "'a<U+3164>b'", "a<U+3164>b"),
        ("a\ufe0fb", "'a<U+FE0F>b'", "a<U+FE0F>b"),
        ("a\u2800b", "'a<U+2800>b'", "a<U+2800>b"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text: str, in_quotes: str, bare: str) -> None:
    assert quoted(text) == in_quotes
    assert printable(text) == bare


def test_printable_text_is_cut_before_it_is_escaped() -> None:
    assert printable("\0" * 5, 3) == r"\x00\x00\x00…"
    assert printable("x" * 200) == "x" * 200
    assert printable("x" * 201) == "x" * 200 + "…"
