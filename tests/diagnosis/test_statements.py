"""A sentence for people, with the values of the case."""

from __future__ import annotations

import pytest

from smtpprobe.diagnosis.statements import not_your_fault, sentence


def test_what_is_nobodys_fault_says_so_before_the_reason():
    assert not_your_fault("192.0.2.1 is listed") == "Not your fault: 192.0.2.1 is listed"


@pytest.mark.parametrize(
    ("text", "said"),
    [("the name leads nowhere", "The name leads nowhere"), ("x", "X"), ("", ""), ("EHLO is X", "EHLO is X")],
)
def test_a_sentence_begins_with_a_capital(text, said):
    assert sentence(text) == said
