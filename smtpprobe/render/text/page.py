"""A page of plain text: wrapping, colour and links, all of which can be switched off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypedDict

from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.render.escape import columns, final_lines, may_be_link, terminal

NO_HINTS: Mapping[str, str] = MappingProxyType({})
PASTE = "paste"  # the style of a line that is to be copied: never broken, however long
# Of the 256 colours those that stand out on white as on black; of the first sixteen a terminal makes what it likes.
_CODES = {
    "red": "38;5;160",
    "green": "38;5;28",
    "yellow": "38;5;130",
    "cyan": "38;5;30",
    "bold": "1",
    "dim": "2",
    PASTE: "1",
}
MAX_TEXT = 4000  # characters of one paragraph, as escaped; a server may send more than anyone reads
_MAX_WORD = 500  # columns beyond which even a URL is broken
_URL = re.compile(r"https?://[^\s<>\"')\]}]+[^\s<>\"')\]}.,;:]")


class Look(TypedDict, total=False):
    """How a page looks, as the functions that make one take it."""

    width: int
    colour: bool
    links: bool


class PageStyle(Look, total=False):
    """How a page looks, and how much stands on it."""

    verbosity: int


class HintedStyle(PageStyle, total=False):
    """The same, and how what is missing is given: for pages of reports and checks."""

    hints: Mapping[str, str]


class ReportStyle(HintedStyle, total=False):
    """The same, for pages of reports."""

    every_check: bool
    told: bool


class Page:
    """Lines gathered in order. Everything added is escaped; styles are applied after escaping and wrapping.

    `hints` says how a field of the request is given where the page is read: on the command line, by an option.
    """

    def __init__(
        self,
        *,
        width: int = 80,
        colour: bool = False,
        links: bool = False,
        hints: Mapping[str, str] = NO_HINTS,
    ) -> None:
        self.width = max(width, 40)
        self._colour = colour
        self._links = links
        self.hints = hints
        self._lines: list[str] = []

    def style(self, text: str, style: str | None) -> str:
        """The text in a style, or as it is where colour is off. The text must be escaped already."""
        if self._links:
            text = _URL.sub(lambda match: _linked(match[0]), text)
        if not self._colour or not style:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in style.split())}m{text}\x1b[0m"

    def hint(self, needs: str | None) -> str:
        """As the function of this name, with the page's hints."""
        return hint(self.hints, needs)

    def how_to_see_all(self) -> str:
        """How the reader gets to see what is left out, in brackets behind a blank; empty where that is not known."""
        option = self.hints.get("verbosity")
        if not option:
            return ""
        shown = say("{option} shows all", option=option)
        return f" ({shown})"

    def blank(self) -> None:
        """An empty line, never two in a row."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def add(
        self,
        text: str,
        *,
        first: str = "",
        rest: str | None = None,
        style: str | None = None,
        lead: str | None = None,
        most: int = MAX_TEXT,
    ) -> None:
        """A paragraph: `first` before its first line, `rest` before the others, `lead` the style of `first`.

        Of the text, escaped, so many characters are shown at `most`.
        """
        if columns(terminal(first)) > self.width * 3 // 4:
            first, text = "", first + text
        if rest is not None and columns(rest) > self.width // 2:
            rest = "  "
        shown, first = _limited(text, most), terminal(first)
        indent = shown[: min(len(shown) - len(shown.lstrip(" ")), self.width // 8)]
        rest = (" " * columns(first) if rest is None else rest) + indent
        first += indent
        if style == PASTE:
            wrapped = [shown.strip(" ")]
        else:
            wrapped = wrap(shown.strip(" "), self.width - columns(first), self.width - columns(rest))
        lines = [line.rstrip() for line in wrapped] or [""]
        self._lines.append((self.style(first, lead) + self.style(lines[0], style)).rstrip())
        self._lines.extend((rest + self.style(line, style)).rstrip() for line in lines[1:])

    def pair(self, left: str, right: str, wide: int, gap: int, style: str | None = None) -> None:
        """Two paragraphs beside each other, each in a column of so many columns."""
        columns_of = [wrap(_limited(text), wide, wide) if text else [] for text in (left, right)]
        for position in range(max(len(lines) for lines in columns_of)):
            mine, other = (lines[position].rstrip() if position < len(lines) else "" for lines in columns_of)
            blanks = " " * (wide + gap - columns(mine))
            self._lines.append(f"{self.style(mine, style) if mine else ''}{blanks}{self.style(other, style)}".rstrip())

    def shorten(self, most: int) -> None:
        """Leaves so many lines at most, the last of them an ellipsis if more was there."""
        if len(self._lines) > most:
            self._lines[most - 1 :] = ["  …"]

    def alike(self) -> Page:
        """An empty page of the same look."""
        return Page(width=self.width, colour=self._colour, links=self._links, hints=self.hints)

    def take(self, other: Page) -> None:
        """The lines of another page of the same look below these."""
        self._lines.extend(other._lines)

    @property
    def size(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def text(self) -> str:
        """The whole page, with a final line feed."""
        return final_lines("\n".join(self._lines).strip("\n")) + "\n"


def _linked(url: str) -> str:
    return f"\x1b]8;;{url}\x1b\\{url}\x1b]8;;\x1b\\" if may_be_link(url) else url


def hint(hints: Mapping[str, str], needs: str | None) -> str:
    """How the field that is needed is given, in brackets behind a blank; empty where that is not known."""
    given = hints.get(needs or "")
    return f" ({given})" if given else ""


def label(word: str, size: int) -> str:
    """The word in the language in force, with blanks up to so many columns and at least one."""
    said = say(word)
    return said + " " * max(size - columns(said), 1)


def label_size(words: Iterable[str], least: int) -> int:
    """The columns that the longest of the labels takes with a blank, in the language in force."""
    return max([least, *(columns(say(word)) + 1 for word in words)])


_BREAK = re.compile(r" (?!s\)|%(?!\w))")  # a number keeps its unit: `(3.0 s)`, `99 %`


def wrap(text: str, first_width: int, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken at blanks; a longer word is broken where it must be.

    The columns of every word are counted once: servers choose the words.
    """
    lines: list[str] = []
    line, taken = "", 0
    limit = max(first_width, 8)
    for word in _BREAK.split(text):
        size = columns(word)
        if line and taken + 1 + size <= limit:
            line, taken = f"{line} {word}", taken + 1 + size
            continue
        if line:
            lines.append(line)
            limit = max(width, 8)
        start = 0
        while size > limit and not (size <= _MAX_WORD and _URL.search(word, start)):
            end, wide = _head(word, start, limit)
            lines.append(word[start:end])
            start, size = end, size - wide
            limit = max(width, 8)
        line, taken = word[start:], size
    if line:
        lines.append(line)
    return lines


def _head(word: str, start: int, limit: int) -> tuple[int, int]:
    """Where the longest piece of the word from there ends that takes no more columns, and the columns that it takes.

    At least one character, and no end of the word before its last.
    """
    if word.isascii():
        return start + limit, limit
    taken = 0
    for position in range(start, len(word)):
        wide = columns(word[position])
        if taken + wide > limit and position > start:
            return position, taken
        taken += wide
    return len(word), taken


def _limited(text: str, most: int = MAX_TEXT) -> str:
    """The text, escaped, in so many characters at most and the count of what is left out."""
    shown = terminal(text[: most + 1])
    if len(shown) <= most:
        return shown
    from bisect import bisect_right

    kept = bisect_right(range(most + 1), most, key=lambda end: len(terminal(text[:end]))) - 1
    return say_counted(
        "{text} … ({count} more character)",
        "{text} … ({count} more characters)",
        len(text) - kept,
        text=terminal(text[:kept]),
    )
