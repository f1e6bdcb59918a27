"""Wrapping, colour and links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.render.escape import columns, terminal
from smtpprobe.render.text import page as page_module
from smtpprobe.render.text.page import MAX_TEXT, PASTE, Page, wrap
from tests.render.planted import commands

URL = "https://lists.example/removal?ip=198.51.100.7&reason=a-very-long-one-that-does-not-fit-into-forty-columns"


@pytest.mark.parametrize(
    ("text", "first", "rest", "lines"),
    [
        ("", 20, 20, []),
        ("one two", 20, 20, ["one two"]),
        ("one two three", 8, 20, ["one two", "three"]),
        ("abcdefghijkl", 8, 8, ["abcdefgh", "ijkl"]),
        ("宽宽宽宽宽", 8, 8, ["宽宽宽宽", "宽"]),
        (f"see {URL}", 20, 20, ["see", URL]),
        (f"see ({URL}).", 20, 20, ["see", f"({URL})."]),
    ],
)
def test_wrap(text: str, first: int, rest: int, lines: list[str]) -> None:
    assert wrap(text, first, rest) == lines


@given(st.text(max_size=300), st.integers(8, 60), st.integers(8, 60))
def test_wrapping_keeps_every_word_and_the_width(text: str, first: int, rest: int) -> None:
    shown = terminal(text)
    lines = wrap(shown, first, rest)
    assert "".join("".join(lines).split(" ")) == "".join(shown.split(" "))
    if "://" not in shown:
        assert all(columns(line) <= (first if number == 0 else rest) for number, line in enumerate(lines))


def test_a_url_as_long_as_a_page_is_broken() -> None:
    page = Page()
    page.add("https://" + "a" * 3000 + ".example")
    assert max(len(line) for line in page.text().splitlines()) <= 80


def test_paragraphs_hang() -> None:
    page = Page(width=40)
    page.add("one two three four five six seven eight nine", first="label  ")
    page.add("    an indent of its own is kept where the line is broken", first="· ")
    assert page.text().splitlines() == [
        "label  one two three four five six seven",
        "       eight nine",
        "·     an indent of its own is kept where",
        "      the line is broken",
    ]


def test_a_paragraph_without_end_is_cut() -> None:
    page = Page()
    page.add("x " * MAX_TEXT)
    assert "… (4000 more characters)" in page.text()


def test_what_stands_before_a_paragraph_is_escaped_too() -> None:
    page = Page(colour=True)
    page.add("text", first="\x1b]0;title\x07 ", style="red")
    assert page.text() == "\\x1b]0;title\\x07 \x1b[38;5;160mtext\x1b[0m\n"


def test_links_are_closed_on_their_line() -> None:
    page = Page(width=40, colour=True, links=True)
    page.add(f"see {URL} for more", style="red")
    lines = page.text().splitlines()
    assert lines[1] == f"\x1b[38;5;160m\x1b]8;;{URL}\x1b\\{URL}\x1b]8;;\x1b\\\x1b[0m"
    assert all(line.count("\x1b]8;;") in (0, 2) for line in lines)


def test_a_url_that_is_not_what_it_looks_like_is_no_link() -> None:
    page = Page(width=120, links=True)
    page.add(f"https://user:pw@lists.example/ https://p\u0430ypal.example/ https://münchen.example/ {URL[:40]}")
    assert page.text().count("\x1b]8;;http") == 1
    assert "https://user:pw@lists.example/ https://p<U+0430>ypal.example/ https://münchen.example/" in page.text()


@pytest.mark.parametrize("width", range(40, 58))
def test_wrapping_puts_no_command_of_a_runner_at_the_start_of_a_line(width: int) -> None:
    page = Page(width=width)
    for first in ("", "label  ", "· "):
        page.add("550 5.7.1 " + "::add-mask::a " * 9, first=first)
        page.add("x" * 9 + "::warning::x" * 9, first=first)
        page.add("::error::x", first=first, style=PASTE)
        page.pair("y ::error::x" * 9, "::error::x " * 9, 18, 4)
    assert commands(page.text()) == []
    assert page.text().count("\\x3a") > 9


@given(st.lists(st.text("::##[]vsox \u00a0\t\n\u0430", max_size=120), max_size=5), st.integers(40, 60), st.booleans())
def test_no_words_on_a_page_are_a_command(texts: list[str], width: int, coloured: bool) -> None:
    page = Page(width=width, colour=coloured, links=coloured)
    for number, text in enumerate(texts):
        page.add(text, first=texts[number - 1], style="red", lead="bold" if number % 2 else None)
        page.pair(text, texts[0], width // 2 - 2, 4)
    page.add("[x]", first="##")
    assert commands(page.text()) == []


def test_no_two_blank_lines_and_none_at_the_ends() -> None:
    page = Page()
    page.blank()
    page.add("a")
    page.blank()
    page.blank()
    page.add("b")
    page.blank()
    assert page.text() == "a\n\nb\n"


_STEPS = (0, 95, 135, 175, 215, 255)  # of the 6×6×6 colours from 16 on, as terminals agree on them


def luminance(number: int) -> float:
    """The relative luminance of one of the 256 colours (WCAG 2.2)."""
    parts = [_STEPS[(number - 16) // size % 6] / 255 for size in (36, 6, 1)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", [name for name in page_module._CODES if name not in ("bold", "dim", PASTE)])
def test_a_colour_stands_out_on_white_and_on_black(name: str) -> None:
    code = page_module._CODES[name]
    assert code.startswith("38;5;")
    light = luminance(int(code.rpartition(";")[2]))
    assert min(1.05 / (light + 0.05), (light + 0.05) / 0.05) > 3.5


def test_a_line_to_be_copied_stays_whole() -> None:
    record = 'example.org. TXT "v=spf1 ' + "ip4:192.0.2.1 " * 12 + '-all"'
    page = Page(width=60)
    page.add(record, first="  ", style=PASTE)
    assert page.text() == f"  {record}\n"


@pytest.mark.parametrize("character", ["\U00100000", "\x1b", "義", "a", "\u0301"])
def test_a_paragraph_is_cut_as_it_is_shown(character: str) -> None:
    page = Page()
    page.add(character * 5000)
    shown, _, left = "".join(page.text().split()).rpartition("…(")
    each = len(terminal(character * 1000)) / 1000
    assert MAX_TEXT - each - 1 < len(shown) <= MAX_TEXT
    assert 5000 - int(left.removesuffix("morecharacters)")) == pytest.approx(MAX_TEXT / each, abs=2)


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(8, 40))
def test_a_long_word_is_cut_where_its_columns_end(text: str, width: int) -> None:
    word = terminal(text).replace(" ", "")
    *whole, last = wrap(word, width, width) or [""]
    assert "".join([*whole, last]) == word
    if "://" not in word:
        assert all(width - 1 <= columns(line) <= width for line in whole)
