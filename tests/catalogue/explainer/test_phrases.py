"""The phrase language."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue.explainer.phrases import Phrase, Text

CONCEPTS = {"box": "mailbox|mail_box|inbox", "gone": "gone|no_longer_here|remov*"}


@pytest.mark.parametrize(
    ("phrase", "text", "stands"),
    [
        ("no such user", "there is no such user", True),
        ("no such user", "no such  - user", True),
        ("no such user", "no such old user", False),
        ("no such user", "no such ADDR user", True),
        ("no such user", "no such ADDR ADDR user", False),
        ("no such user", "no such----------user", False),
        ("no ?such user", "no user", True),
        ("no .. user", "no " + "x" * 28 + " user", True),
        ("no .. user", "no " + "x" * 29 + " user", False),
        ("no ... user", "no " + "x" * 100 + " user", True),
        ("no ... user", "no " + "x" * 101 + " user", False),
        ("user .. no", "no user", False),
        ("user & full", "full is that user", True),
        ("user & full", "user " + "x" * 60 + " full", True),
        ("user & full", "user " + "x" * 61 + " full", False),
        ("user & disk & full", "full is the disk of user", True),
        ("{box} .. {gone}", "the mail box was removed", True),
        ("{box} .. {gone}", "this inbox is no longer here", True),
        ("{box} .. {gone}", "this inbox is no longer there", False),
        ("full", "fully", False),
        ("full*", "fully", True),
        ("two @", "two @ in one", True),
        ("two @", "two a@b", False),
    ],
)
def test_where_a_phrase_stands(phrase: str, text: str, stands: bool) -> None:
    assert Phrase(phrase, CONCEPTS).found_in(Text(text)) is stands


@pytest.mark.parametrize("phrase", ["user ..", "user ...", "user ?here"])
def test_a_phrase_that_ends_open_means_nothing(phrase: str) -> None:
    with pytest.raises(ValueError, match="must be there"):
        _ = Phrase(phrase, CONCEPTS).needs


def test_the_rarest_word_is_the_anchor() -> None:
    assert Phrase("{box} is|was full", CONCEPTS).anchor == {"full"}


def test_hostile_text_ends_soon() -> None:
    text = Text("a b " * 2000)
    assert not Phrase("a ... b ... a & b .. a ... c*", CONCEPTS).found_in(text)
    assert Phrase("a b & b a", CONCEPTS).found_in(text)
