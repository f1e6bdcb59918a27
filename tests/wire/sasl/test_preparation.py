"""SASLprep, by the examples of RFC 4013 and a row for each rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.wire.sasl import SaslError
from smtpprobe.wire.sasl.preparation import prepared


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("I\u00adX", "IX"),  # RFC 4013 §3
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("", ""),
        ("a\u00a0b\u3000c", "a b c"),
        ("e\u0301", "é"),
        ("пароль", "пароль"),
        ("\u0627\u0031\u0628", "\u0627\u0031\u0628"),
        ("\U0001f600", "\U0001f600"),  # not yet in Unicode 3.2: in a query it may be
    ],
)
def test_one_form_however_it_was_typed(text, made):
    assert prepared(text, "the password") == made


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\u0007", "character 1 of the password is a control character, which SASLprep prohibits"),  # RFC 4013 §3
        ("ab\x7f", "character 3 of the password is a control character"),
        ("a\ue000", "character 2 of the password is for private use"),
        ("a\ufffe", "is no character"),
        ("a\ufffd", "is a replacement for another character"),
        ("a\u2ff0", "is a description of how characters are arranged"),
        ("a\u200e", "is a control of the writing direction"),
        ("a\U000e0041", "is a language tag"),
        ("\u0627\u0031", "mixes writing from right to left with other characters"),  # RFC 4013 §3
        ("\u0627a\u0628", "mixes writing from right to left"),
        ("\u00ad", "of the password nothing is left"),
    ],
)
def test_what_is_prohibited_is_told_by_its_place(text, complaint):
    with pytest.raises(SaslError, match=complaint) as caught:
        prepared(text, "the password")
    assert text not in str(caught.value)


@given(st.text(max_size=12))
def test_what_is_prepared_stays_as_it_is(text):
    try:
        made = prepared(text, "x")
    except SaslError:
        return
    assert prepared(made, "x") == made
