"""What a server said, made harmless."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.render.escape import columns, json_text, terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31mred", "\\x9b31mred"),
        ("bell\x07nul\x00del\x7f", "bell\\x07nul\\x00del\\x7f"),
        ("a\tb", "a b"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("\u202egnol", "\\u202egnol"),
        ("\u2066\u200b\ufeff", "\\u2066\\u200b\\ufeff"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + "\\u0301\\u0301"),
    ],
)
def test_terminal(text: str, shown: str) -> None:
    assert terminal(text) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    assert not {unicodedata.category(c) for c in terminal(text)} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "taken"),
    # In Devanagari the signs above and below a letter take no column (Mn), those beside it one (Mc).
    [("abc", 3), ("世界", 4), ("e\u0301", 1), ("ü", 1), ("", 0), ("हिंदी", 4), ("संदेश", 3), ("उन्हें", 3)],
)
def test_columns(text: str, taken: int) -> None:
    assert columns(text) == taken


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.recursive(TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))
def test_json_stays_the_same_value(value: object) -> None:
    shown = json_text(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(shown) == value
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"} for c in shown)
