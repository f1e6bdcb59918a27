"""What a server said, made harmless for the place where it is shown: one function for each kind of output.

Each of them also breaks up what the runners of CI systems, which read every line of standard output and standard
error, take for a command of their own:

- GitHub: `::command …::` at the start of a line behind white space, `##[command …]` anywhere (actions/runner,
  ActionCommand.cs); Forgejo's and Gitea's runners read the same.
- Azure Pipelines: `##vso[area.event …]` and `##[command]` anywhere (azure-pipelines-agent, Command.cs).
- TeamCity: `##teamcity[message …]` anywhere (TeamCity's documentation, Service Messages).

A format whose syntax has its own way to write a character gets a function of its own here.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable

from smtpprobe.model.quoting import escaped

# Cc controls, Cf formats (bidi overrides, zero width), Cs lone surrogates, Co private use, Cn unassigned, Zl and Zp separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# What else nobody sees (Default_Ignorable_Code_Point of Unicode): joiners, fillers, variation selectors.
_BEYOND_ASCII = "smtpprobe.json"  # the name of an error handler
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
MAX_MARKS = 3  # combining marks on one character; more are no writing but a flood over the lines around

# The last sign before the bracket is written as an escape, one that stands alone too: what is written before it may end
# with another one.
_BRACKET_COMMAND = re.compile(r"#(?=[A-Za-z]*\[)")
# Behind white space, and the colours and links that a page puts around its words. An IPv6 address (`::1`) is no command.
_COLON_COMMAND = re.compile(
    r"^((?:[^\S\n]|\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\n]*\x1b\\)*)::(?=[^\W\d][^\n]*::)", re.MULTILINE
)
_HOST = re.compile(r"(?<=://)[^\s/?#\\]+")
# Scripts that are written together in one word (Unicode Technical Standard 39, section 5.2), as Unicode's names begin.
_TOGETHER = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "HANGUL"})
# RFC 3986 without userinfo. A host of other letters than ASCII may look like another one; a backslash is read as a slash
# by browsers.
_LINK = re.compile(
    r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?\Z"
)
# A spreadsheet takes these for the start of a formula, the wide ones too, and where its list separator is the semicolon
# a cell may begin behind one.
_FORMULA = re.compile(r"(?:\A|(?<=;))(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def terminal(text: str) -> str:
    """The text, for a line of plain text, with everything that could steer a terminal, a runner or reorder a line escaped.

    In a URL, letters of other scripts among Latin ones in the host's name are written as escapes too.
    """
    if text.isascii() and text.isprintable():
        return _BRACKET_COMMAND.sub(r"\\x23", text) if "#" in text else text
    made = text.translate(_SHOWN) if _FLOOD not in text.translate(_MARKS) else _without_flood(text)
    if "://" in made:
        made = _HOST.sub(lambda host: ".".join(map(_unmixed, host[0].split("."))), made)
    return _BRACKET_COMMAND.sub(r"\\x23", made) if "#" in made else made


def final_lines(text: str) -> str:
    """Lines as they will be printed, each part escaped already: without commands that begin a line, or where parts meet."""
    if "#" in text:
        text = _BRACKET_COMMAND.sub(r"\\x23", text)
    return _COLON_COMMAND.sub(r"\1:\\x3a", text) if "::" in text else text


def lines(text: str) -> str:
    """Text of several lines, such as a traceback, made harmless line by line."""
    return final_lines("\n".join(map(terminal, text.split("\n"))))


def json_text(text: str) -> str:
    """JSON with the same characters written as JSON escapes: the same value, harmless where it is shown.

    No line of JSON begins with a string, so that a command with two colons cannot come to stand there.
    """
    if "\x7f" in text:
        text = text.replace("\x7f", _IN_JSON[0x7F])
    if not text.isascii():
        text = text.encode("ascii", _BEYOND_ASCII).decode()
    return _BRACKET_COMMAND.sub(r"\\u0023", text) if "#" in text else text


def csv_cell(text: str) -> str:
    """The text for a cell of CSV, on one line, which no spreadsheet takes for a formula; the line is for final_lines()."""
    return _FORMULA.sub("'", terminal(" ".join(text.split())))


def may_be_link(url: str) -> bool:
    """Whether a terminal may be told to open the URL: http or https, no userinfo, and a host that is what it looks like."""
    return _LINK.match(url) is not None


class _Table(dict[int, str]):
    """For str.translate(): what stands for a character, worked out when it is first met; so many are remembered."""

    MOST = 4096

    def __init__(self, shown: Callable[[str], str]) -> None:
        self._shown_for = shown

    def __missing__(self, number: int) -> str:
        if len(self) >= self.MOST:
            self.clear()
        self[number] = shown = self._shown_for(chr(number))
        return shown


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    return escaped(character) if _is_unsafe(character) else character


def _shown_in_json(character: str) -> str:
    # JSON's own line feeds are the only controls that stand unescaped in it.
    return _json_escape(character) if _is_unsafe(character) and character != "\n" else character


def _without_flood(text: str) -> str:
    """The text as terminal() shows it, in which characters have more marks than any writing has."""
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if _is_mark(character) else 0
        shown.append(escaped(character) if marks > MAX_MARKS else _SHOWN[ord(character)])
    return "".join(shown)


def _is_mark(character: str) -> bool:
    """Whether it stands over or under a letter, whatever its combining class: those of class Mc stand beside it."""
    return unicodedata.category(character) in ("Mn", "Me")


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE or character in _INVISIBLE


def _unmixed(label: str) -> str:
    """The label of a name; where it mixes scripts that are not written together, with all but ASCII as escapes."""
    if label.isascii():
        return label
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in label if letter.isalpha()}
    if len(scripts) < 2 or scripts <= _TOGETHER:
        return label
    return "".join(letter if letter.isascii() else escaped(letter) for letter in label)


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def columns(text: str) -> int:
    """How many columns the text takes on a terminal: wide East Asian characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if _is_mark(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


_SHOWN, _IN_JSON = _Table(_shown), _Table(_shown_in_json)


def _escaped_beyond_ascii(error: UnicodeError) -> tuple[bytes, int]:
    """The characters that ASCII does not have, as JSON shows them in UTF-8, and where they end."""
    assert isinstance(error, UnicodeEncodeError)
    return error.object[error.start : error.end].translate(_IN_JSON).encode(), error.end


# To encode with a handler passes over ASCII sixty times as fast as translate().
codecs.register_error(_BEYOND_ASCII, _escaped_beyond_ascii)
_MARKS, _FLOOD = _Table(lambda character: "m" if _is_mark(character) else " "), "m" * (MAX_MARKS + 1)
