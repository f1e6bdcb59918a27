"""What a page tells of a reply: the cause with how sure it is, or what is known without one."""

from __future__ import annotations

import pytest

from smtpprobe.catalogue import language
from smtpprobe.render.explanation_item import explained
from smtpprobe.render.view.explanation import explanation_view


@pytest.fixture(autouse=True)
def english() -> None:
    language.choose(language.SOURCE)


@pytest.mark.parametrize(
    ("words", "id", "sureness"),
    [
        ("550 5.1.1 <x@example.org>: user unknown", "recipient-unknown", "the reply says so"),
        ("554 5.7.1 <x@example.org>: Relay access denied", "relay-denied", "the reply says so"),
        ("the mailbox is full", "mailbox-full", "the words say so"),
        ("connect to mx[192.0.2.1]:25: Connection refused", "connection-failed", "no reply: the connection failed"),
    ],
)
def test_a_cause_is_told_with_how_sure_it_is(words: str, id: str, sureness: str) -> None:
    view = explanation_view(explained(words))
    assert view.cause is not None
    assert (view.cause.id, view.cause.sureness) == (id, sureness)
    assert view.unknown == ""
    assert view.remedies


def test_a_cause_that_the_code_alone_gives_is_a_guess() -> None:
    view = explanation_view(explained("535 no"))
    assert view.cause is not None
    assert (view.cause.id, view.cause.sureness) == ("auth-failed", "a guess from the code")


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("571 zzz", "not told by these words; by its class: "),
        ("zzz", "not told by these words, and no reply is quoted"),
    ],
)
def test_without_a_cause_it_says_what_is_known(words: str, unknown: str) -> None:
    view = explanation_view(explained(words))
    assert view.cause is None
    assert view.unknown.startswith(unknown)


def test_what_the_words_name() -> None:
    view = explanation_view(
        explained("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example")
    )
    assert view.named == (("ip", "192.0.2.1"), ("list", "zen.example"))
