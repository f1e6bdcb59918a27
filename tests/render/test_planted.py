"""Nothing that a peer says steers a reader of any format: every text of every value is hostile, and each format is looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import product

import msgspec
import pytest

from smtpprobe.catalogue import language
from smtpprobe.model.report import Report
from smtpprobe.render import formats
from smtpprobe.render import json as as_json
from smtpprobe.render.formats import FORMATS, Format, Style
from tests.render import planted

# So many turns that each marker comes to stand in each field of the larger values several times over.
TURNS = range(0, 3 * len(planted.MARKERS), 5)
PAGES = [
    Style(width=width, verbosity=verbosity) for width, verbosity in product((40, 61, 80, 120), (-1, 0, 1))
] + [Style(width=80, verbosity=1, colour=True, links=True)]  # fmt: skip


@pytest.fixture
def spoken() -> Iterator[Callable[[str], str]]:
    """Chooses a language for the test."""
    yield language.choose
    language.choose(language.SOURCE)


@pytest.mark.parametrize("name", language.languages())
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: f"{form.takes}-{form.name}")
def test_no_words_of_a_peer_steer_a_reader(form: Format, name: str, spoken: Callable[[str], str]) -> None:
    spoken(name)
    seen = ""
    for turn in TURNS:
        # Each turn on another kind of page: over the turns and values every kind comes up with other markers.
        for number, value in enumerate(planted.values(form.takes, turn)):
            styles = PAGES[(turn + number) % 4 :: 4] if form.styled else PAGES[:1]
            for style in styles:
                text = formats.head(form) + formats.render(form, value, style)
                assert planted.injected(text, form.media_type) == [], style
                seen += text
    # What was planted is there all the same, only harmless.
    assert "task.setvariable" in seen
    assert "stop-commands" in seen.lower()
    assert "user:pw@planted.example" in seen


def test_json_comes_back_as_it_was() -> None:
    given = planted.report(0)
    assert msgspec.json.decode(as_json.render(given), type=Report) == given


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("ok\n  ::error::x", "text/plain"),
        ("\u00a0::Add-Mask::x", "text/x-new"),
        ("a ##[error]x", "application/json"),
        ("a ##vso[task.complete]x", "text/html"),
        ("##teamcity[x 'y']", "text/plain"),
        ("\x1b[2J", "text/plain"),
        ("\x1b]8;;https://a@b/\x1b\\x", "text/plain"),
        ("https://p\u0430ypal.example/", "text/plain"),
        ("a\u202eb", "text/markdown"),
        ("a,=1\n", "text/csv"),
        ("a;=1\n", "text/csv"),
        ("<p><planted>", "text/html"),
        ('<a href="javascript:x">', "text/html"),
        ("<a><planted/></a>", "application/xml"),
        ("[planted](javascript:x)", "text/markdown"),
    ],
)
def test_what_steers_is_found(text: str, media_type: str) -> None:
    if media_type == "application/json":
        text = json.dumps({"a": text})
    assert planted.injected(text, media_type)
