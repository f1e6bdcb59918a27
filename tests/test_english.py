"""Phrases that are not English as it is spoken do not return: a room has at most as many as it still had."""

from __future__ import annotations

import re

import pytest

from tests import english
from tests.english import PHRASES, STYLE, Phrase

BY_NAME = {phrase.name: phrase for phrase in PHRASES}
ROW = re.compile(r"^\| (.+?) \| (.+?) \| ([a-z -]+?X?) \|$", re.MULTILINE)
PAIRS = ROW.findall(STYLE.read_text("utf-8"))
LEFT = english.left()


@pytest.mark.parametrize("room", sorted(LEFT))
def test_a_room_has_no_more_of_a_phrase_than_it_had(room: str) -> None:
    now = english.counts().get(room, {})
    assert surplus(room) == [], "docs/contributing.md says what to write instead"
    assert now == LEFT[room], "fewer than before: lower the counts with python -m tests.english --write"


def test_other_rooms_have_none() -> None:
    assert [place for room in english.counts() if room not in LEFT for place in surplus(room)] == []


def surplus(room: str) -> list[str]:
    """Where the phrases are of which the room has more than it had."""
    now, allowed = english.counts().get(room, {}), LEFT.get(room, {})
    more = [name for name, count in now.items() if count > allowed.get(name, 0)]
    return [place for name in more for place in english.places(english.rooms()[room], BY_NAME[name])]


def test_the_rooms_are_read() -> None:
    rooms = english.rooms()
    assert {"README", "help", "docs/tutorial", "docs/decisions", "data/causes", "smtpprobe/checks"} <= set(rooms)
    assert sum(map(len, rooms.values())) >= 3000


def test_the_style_page_has_twenty_pairs_and_a_row_for_each_phrase() -> None:
    assert len(PAIRS) >= 20
    assert {name for _, _, name in PAIRS} == set(BY_NAME)


@pytest.mark.parametrize(("before", "after", "name"), PAIRS)
def test_a_pair_has_the_phrase_before_and_not_after(before: str, after: str, name: str) -> None:
    assert BY_NAME[name].pattern.search(before)
    assert [phrase.name for phrase in PHRASES if phrase.pattern.search(after)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("is no X", "there is no answer"),
        ("is no X", "it is no longer used"),
        ("where", "the report says where it was"),
        ("where", "| where the run went |"),
        ("not it", "if not it is left out"),
        ("stand", "M stands for a million"),
        ("stand", "is taken as it stands"),
        ("replace by", "it was replaced. It is sent by mail"),
        ("mend", "recommended, amended"),
    ],
)
def test_what_is_english_is_not_found(name: str, text: str) -> None:
    assert BY_NAME[name].pattern.search(text) is None


def test_counts_only_go_down() -> None:
    allowed = {"a": {"where": 3, "mend": 1}, "b": {"anew": 1}}
    assert english.lowered(allowed, {"a": {"where": 5, "anew": 2}, "c": {"where": 1}}) == {"a": {"where": 3}}
    assert english.lowered(allowed, {"a": {"where": 2}, "b": {"anew": 1}}) == {"a": {"where": 2}, "b": {"anew": 1}}


def test_a_place_is_shown_with_the_words_around_it() -> None:
    texts = [("page.md", "This is what it says: start anew, as before.")]
    assert english.places(texts, Phrase("anew", re.compile("anew"))) == [
        "page.md: This is what it says: start anew, as before."
    ]
