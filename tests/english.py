"""What is not English as it is spoken, and where it still is: the phrases of the style page, counted room by room.

`python -m tests.english` shows where they are, `python -m tests.english ROOM` in one room alone; `--write` lowers the
counts of tests/english_left.toml to what is there. A count never rises.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click

from tests import pseudo_locale

ROOT = Path(__file__).resolve().parent.parent
LEFT = ROOT / "tests" / "english_left.toml"
STYLE = ROOT / "docs" / "contributing.md"
GENERATED = ("causes", "checks", "enhanced", "replies")
# What is no prose: patterns by which others' replies are read, names of hosts and files, dates.
NOT_PROSE = {"text_rules.toml", "dkim_selectors.toml"}

Text = tuple[str, str]
"""Where a text is, and the text."""


@dataclass(frozen=True)
class Phrase:
    """A phrase that must not return. `name` is what the style page calls it."""

    name: str
    pattern: re.Pattern[str]


def _phrase(name: str, pattern: str) -> Phrase:
    return Phrase(name, re.compile(pattern, re.IGNORECASE))


_OF_A_PLACE = "".join(
    rf"(?<!{before} )"
    for before in (
        "say", "says", "said", "know", "knows", "see", "show", "shows", "tell", "tells", "of", "from", "place", "stage",
        "domain", "name", "phase", r"\|", "#",
    )
) + r"(?<!\[)"  # fmt: skip

PHRASES = (
    _phrase("is no X", r"(?<!there )\b(?:is|are|was|were) no\b(?! (?:longer|more|later|less|better|way|such)\b)"),
    # Of a place it may be said, and so in a heading.
    _phrase("where", f"{_OF_A_PLACE}\\bwhere\\b(?! to\\b| it (?:stood|stands)\\b)"),
    _phrase("mend", r"\bmend(?:s|ed|ing)?\b"),
    _phrase("look-up", r"\blook-ups?\b"),
    Phrase("not it", re.compile(r"\bNot it\b")),
    _phrase("besides", r"\bbesides\b|\bstands? beside\b"),
    _phrase("unasked", r"\bunasked\b"),
    _phrase("by another way", r"\bby another way\b"),
    _phrase("believed", r"\b(?:cannot|can't|not) be believed\b"),
    _phrase("came out", r"\b(?:came|comes?) out as\b|\bhow it came out\b"),
    _phrase("of ours", r"\bof ours\b"),
    _phrase("in clear", r"\bin clear\b"),
    _phrase("replace by", r"\breplac(?:e|es|ed|ing)\b[^.;:|]{1,60}\bby\b"),
    _phrase("all the same", r"\ball the same\b"),
    _phrase("stand", r"(?<!as it )\bst(?:ands?|ood)\b(?! for\b)"),
    _phrase("anew", r"\banew\b"),
    _phrase("what came", r"\bwhat came\b"),
    _phrase("be it", r"\bbe it\b|\bbe they\b"),
    _phrase("holds no", r"\bholds? no\b"),
    _phrase("takes mail", r"\btakes? (?:no )?mail\b"),
    _phrase("to be done", r"\b(?:is|are) (?:no longer |not )?to be \w+(?:ed|en|de|un)\b"),
    _phrase("leave away", r"\bleav(?:e|es|ing)\b[^.;]{0,40}\baway\b"),
    _phrase("some minutes", r"\bsome (?:minutes|hours|days|weeks)\b"),
    _phrase("application password", r"\bapplication passwords?\b"),
    # With capitals it is a name; "our block list" is what a server said.
    Phrase("block list", re.compile(r"(?<!our )\bblock lists?\b")),
    _phrase("private numbering", r"\bin (?:a private|the registry's) numbering\b"),
)


@cache
def rooms() -> dict[str, list[Text]]:
    """Every text that people read, by the room that it belongs to."""
    found: dict[str, list[Text]] = {}
    for room, where, text in (*_messages(), *_tables(), *_help(), *_pages()):
        found.setdefault(room, []).append((where, text))
    return found


def _messages() -> Iterator[tuple[str, str, str]]:
    """Messages that the code composes: constants and f-strings, what is marked for translation among them."""
    package = ROOT / "smtpprobe"
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        for text in pseudo_locale.messages(str(path)):
            yield f"smtpprobe/{place.parts[0].removesuffix('.py')}", place.as_posix(), text


def _tables() -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "smtpprobe" / "catalogue" / "data").glob("*.toml")):
        if path.name not in NOT_PROSE:
            for text in _strings(tomllib.loads(path.read_text("utf-8"))):
                yield f"data/{path.stem}", path.name, text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and " " in value:
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(each)


def _help() -> Iterator[tuple[str, str, str]]:
    from smtpprobe.cli.app import group

    context = click.Context(group)
    for name in ("", *group.list_commands(context)):
        command = group.get_command(context, name) if name else group
        assert command is not None
        yield "help", f"smtpprobe {name}", command.help or ""
        for each in command.params:
            if isinstance(each, click.Option):
                yield "help", f"smtpprobe {name} {each.opts[0]}", each.help or ""


def _pages() -> Iterator[tuple[str, str, str]]:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if path.parent.name in GENERATED:
            continue
        room = "README" if path.name == "README.md" else path.relative_to(ROOT).as_posix().removesuffix(".md")
        yield "docs/decisions" if path.parent.name == "decisions" else room, path.name, prose(path)


def prose(path: Path) -> str:
    """A page's text without its examples, code and quotations, and the style page without its pairs."""
    text = re.sub(r"^```.*?^```$|^    [^\n]*$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    if path == STYLE:
        text = re.sub(r"^## English$.*?(?=^## )", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`|\*[^*\n]+\*", "…", text)


def places(texts: list[Text], phrase: Phrase) -> list[str]:
    """Where the phrase is in the texts, with the words around it."""
    return [
        f"{where}: {' '.join(text[max(0, found.start() - 40) : found.end() + 30].split())}"
        for where, text in texts
        for found in phrase.pattern.finditer(text)
    ]


@cache
def counts() -> dict[str, dict[str, int]]:
    """How often each phrase is in each room; what is not there is left out."""
    found = {}
    for room, texts in rooms().items():
        here = {phrase.name: len(places(texts, phrase)) for phrase in PHRASES}
        if any(here.values()):
            found[room] = {name: count for name, count in here.items() if count}
    return found


def left() -> dict[str, dict[str, int]]:
    """The counts that are allowed."""
    return tomllib.loads(LEFT.read_text("utf-8")) if LEFT.exists() else {}


def lowered(allowed: dict[str, dict[str, int]], found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """What is allowed from now on: never more than before."""
    made = {
        room: {name: min(count, found.get(room, {}).get(name, 0)) for name, count in phrases.items()}
        for room, phrases in allowed.items()
    }
    kept = {room: {name: count for name, count in phrases.items() if count} for room, phrases in made.items()}
    return {room: phrases for room, phrases in kept.items() if phrases}


def written(table: dict[str, dict[str, int]]) -> str:
    """The counts as TOML."""
    lines = [
        "# Phrases that are still to be replaced, by room: `python -m tests.english` shows where, and lowers the counts"
    ]
    lines.append("# with --write. docs/contributing.md says what to write instead.")
    for room, phrases in sorted(table.items()):
        lines += ["", f'["{room}"]', *(f'"{name}" = {count}' for name, count in sorted(phrases.items()))]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    if "--write" in arguments:
        LEFT.write_text(written(lowered(left(), counts())), "utf-8")
        return 0
    for room, texts in rooms().items():
        if not arguments or room in arguments:
            for phrase in PHRASES:
                for place in places(texts, phrase):
                    print(f"{room} [{phrase.name}] {place}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
