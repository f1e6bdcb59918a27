"""The documentation says what is so: its examples run, its commands parse, its tables are whole, its links lead somewhere.

A `console` block is run command by command, all blocks of a page in one directory; a line `…` of its output stands for
whatever was left out. Times, ports and dates may differ, and so may the places where lines are broken.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import get_args

import click
import msgspec
import pytest
import yaml

from smtpprobe.checks.registry import checks
from smtpprobe.cli.app import group
from smtpprobe.model.evidence import Evidence
from smtpprobe.model.report import Report

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GENERATED = ("causes", "checks", "enhanced", "replies")
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
WRITTEN = [page for page in PAGES if page.parent.name not in GENERATED]
SETUP = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/smtpprobe demo"
TESTS = "python3 tests/check.py"
LEFT_OUT = "…"
LINE_LIMIT = 120
# Nothing in a console block may need the network, or leave the directory that it runs in.
OFFLINE = re.compile(r"(smtpprobe (demo|explain|compare|causes|checks|schema|--version)\b|python3 \w+\.py\b|echo \$\?)")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text(page: Path) -> str:
    return page.read_text("utf-8")


def blocks(page: Path, *languages: str) -> list[tuple[str, str]]:
    """Language and text of each fenced block in one of the languages, in order."""
    return [(found[1], found[2]) for found in FENCE.finditer(text(page)) if found[1] in languages]


def prose(page: Path) -> str:
    return FENCE.sub("", text(page))


RUNNABLE = [page for page in WRITTEN if blocks(page, "console")]


def shape(output: str) -> str:
    """The output without what differs from run to run, on one line."""
    lines = []
    for line in output.splitlines():
        line = re.sub(r"^( *)\d+\.\d(?= |$)", r"\1TIME", line)
        line = re.sub(r"^([✓✗!]) +[\d.]+ m?s ", r"\1 TIME ", line)
        line = re.sub(r"((?:\]|\d|com):)\d{4,5}\b", r"\1PORT", line)
        lines.append(re.sub(r"\b\d{4}-\d\d-\d\d\b", "DATE", line))
    return " ".join(" ".join(lines).split())


def steps(console: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that the page shows."""
    found: list[tuple[str, list[str]]] = []
    for line in console.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(output)) for command, output in found]


def missing(shown: str, output: str) -> str | None:
    """The first part of what is shown that the output does not have at its place; None where all is there."""
    parts = [shape(part) for part in re.split(rf"^ *{LEFT_OUT} *$", shown, flags=re.MULTILINE)]
    rest = shape(output)
    for position, part in enumerate(parts):
        at = rest.find(part)
        if at < 0 or (position == 0 and at > 0):
            return part
        rest = rest[at + len(part) :]
    return rest.strip() if parts[-1] and rest.strip() else None


class Shell:
    """Runs a page's commands in one directory, where `smtpprobe` and `python3` are those of this environment."""

    def __init__(self, directory: Path) -> None:
        programs = directory / "bin"
        programs.mkdir()
        for program, module in (("python3", ""), ("smtpprobe", " -m smtpprobe")):
            (programs / program).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{module} "$@"\n')
            (programs / program).chmod(0o755)
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("SMTPPROBE_", "COLUMNS", "LANG", "LC_"))
        }
        self._environment = kept | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        self._directory = directory
        self._code = 0

    def run(self, command: str) -> str:
        """What the command prints, on both streams."""
        ran = subprocess.run(
            ["/bin/sh", "-c", f"(exit {self._code})\n{command}"],
            cwd=self._directory, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        self._code = ran.returncode
        return ran.stdout


@pytest.mark.parametrize("page", RUNNABLE, ids=name)
def test_console_examples_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for language, content in blocks(page, "console", "python"):
        if language == "python":
            file = re.match(r"# (\w+\.py)\n", content)
            if file:
                (tmp_path / file[1]).write_text(content, "utf-8")
            continue
        for command, shown in steps(content):
            command = command.rpartition(" && ")[2].replace(".venv/bin/", "")
            if command == TESTS:
                continue
            assert OFFLINE.match(command), f"{command} is not known to run anywhere"
            output = shell.run(command)
            absent = missing(shown, output)
            assert absent is None, f"$ {command}\ndoes not print, where {name(page)} shows it:\n{absent}\n\n{output}"


@pytest.mark.parametrize(
    ("shown", "output", "whole"),
    [
        ("a b\nc", "a b\nc\n", True),
        ("a\n  b", "a b\n", True),
        ("a\n…\nc", "a\nb\nc\n", True),
        ("a\n…", "a\nb\n", True),
        ("…\nc", "a\nc\n", True),
        ("   1.2  x", "   3.4  x\n", True),
        ("to [127.0.0.1]:4000", "to [127.0.0.1]:52001\n", True),
        ("a", "a\nb\n", False),
        ("b", "a\nb\n", False),
        ("a\n…\nb\n…\na", "a\nb\n", False),
        ("exit 1", "exit 2\n", False),
    ],
)
def test_what_a_page_shows_is_compared_in_shape(shown: str, output: str, whole: bool) -> None:
    assert (missing(shown, output) is None) is whole


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_python_examples_compile(page: Path) -> None:
    for _, content in blocks(page, "python"):
        compile(content, name(page), "exec")


def shown_commands(page: Path) -> list[list[str]]:
    """The smtpprobe commands of the page's shell, console and YAML blocks, as arguments."""
    found = []
    for language, content in blocks(page, "sh", "console", "yaml"):
        lines = (
            [command for command, _ in steps(content)]
            if language == "console"
            else content.replace("\\\n", " ").splitlines()
        )
        for line in lines:
            if called := re.search(r"(?:^|[ /])smtpprobe ([a-z-].*)$", line):
                words = shlex.split(called[1], comments=True)
                found.append(list(takewhile(lambda word: word not in ("|", ">", "<", "&&", "||", "\\"), words)))
    return found


@pytest.mark.parametrize("page", [page for page in WRITTEN if shown_commands(page)], ids=name)
def test_every_command_that_a_page_shows_is_one(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "message.eml").write_text("From: <alice@example.org>\n\nText\n", "utf-8")
    (tmp_path / "report.json").write_text("{}", "utf-8")
    for words in shown_commands(page):
        if words[0].startswith("-"):
            assert words[0] in ("--version", "--help"), words
            continue
        # The settings of the whole are inherited, and what a command takes from them stays with it.
        whole = click.Context(group, **group.context_settings)
        command = group.get_command(whole, words[0])
        assert command is not None, words
        assert _fault(command, words, whole) in page.read_text("utf-8"), words


def _fault(command: click.Command, words: list[str], whole: click.Context) -> str:
    """What the command line is answered with, which a page may show; empty if nothing is wrong with it."""
    try:
        command.make_context(words[0], words[1:], parent=whole)
    except click.BadParameter as error:
        return f"\nsmtpprobe: {error.format_message()}\n"
    return ""


PLACES = [DOCS / "architecture.md", DOCS / "contributing.md", DOCS / "recipes.md", *(DOCS / "decisions").glob("*.md")]
# A path below the top level, or below the package: `checks/registry.py`, `tests/finding_cases/`, `mailauth/spf/evaluation`.
PLACE = re.compile(r"`((?:[a-z_0-9]+/)+[a-z_0-9]*(?:\.[a-z]+)?)`")


def is_there(place: str) -> bool:
    return any((below / f"{place}{end}").exists() for below in (ROOT, ROOT / "smtpprobe") for end in ("", ".py"))


@pytest.mark.parametrize("page", PLACES, ids=name)
def test_every_place_that_a_page_names_is_there(page: Path) -> None:
    assert [place for place in PLACE.findall(prose(page)) if not is_there(place)] == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    titles = (re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link))
        waiting += [(page.parent / link).resolve() for link in links if link.endswith(".md")]
    assert [name(page) for page in PAGES if page not in reached] == []


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_lines_stay_short(page: Path) -> None:
    lines = enumerate(text(page).splitlines(), start=1)
    assert [f"{name(page)}:{number}" for number, line in lines if len(line) > LINE_LIMIT] == []


def test_the_readme_has_the_two_commands() -> None:
    lines = [
        line.removeprefix("$ ") for _, content in blocks(ROOT / "README.md", "console") for line in content.splitlines()
    ]
    assert lines.count(SETUP) == 1
    assert lines.count(TESTS) == 1


DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_has_its_three_parts_and_is_short(page: Path) -> None:
    assert text(page).startswith(f"# {int(page.name[:4])}. ")
    assert [part.partition(".")[0] for part in re.findall(r"^\*\*(\w+\.)", text(page), re.MULTILINE)] == [
        "Context", "Decision", "Consequence",
    ]  # fmt: skip
    assert text(page).count("\n") <= 25


def documented_fields() -> dict[str, set[str]]:
    """The fields that each section of the report format's page lists."""
    sections = re.split(r"^### `(\w+)`.*$", text(DOCS / "report-format.md"), flags=re.MULTILINE)[1:]
    return {
        title: set(re.findall(r"^\| `(\w+)` \|", body, re.MULTILINE))
        for title, body in zip(sections[::2], sections[1::2], strict=True)
    }


def within(kind: str, kinds: dict[str, dict[str, object]], found: set[str]) -> set[str]:
    """The kind and all that its fields lead to, added to what was found."""
    if kind not in found:
        found.add(kind)
        for other in re.findall(r"#/\$defs/(\w+)", str(kinds[kind])):
            within(other, kinds, found)
    return found


def kinds_of_evidence(kinds: dict[str, dict[str, object]]) -> set[str]:
    """Everything that stands in evidence, of which the page lists the main fields only."""
    found: set[str] = set()
    for kind in get_args(Evidence):
        within(kind.__name__, kinds, found)
    return found


def test_the_report_format_lists_every_field_and_no_other() -> None:
    kinds = msgspec.json.schema(Report)["$defs"]
    fields = {kind: set(facts["properties"]) for kind, facts in kinds.items() if "properties" in facts}
    evidence = kinds_of_evidence(kinds)
    documented = documented_fields()
    assert {
        kind: listed - fields.get(kind, set())
        for kind, listed in documented.items()
        if listed - fields.get(kind, set())
    } == {}
    absent = {kind: listed - documented.get(kind, set()) for kind, listed in fields.items() if kind not in evidence}
    assert {kind: names for kind, names in absent.items() if names} == {}
    assert {kind.__name__ for kind in get_args(Evidence)} - set(documented) == set()
    assert {check.name for check in checks() if f"`{check.name}`" not in text(DOCS / "report-format.md")} == set()


def test_the_report_format_lists_every_word() -> None:
    kinds = msgspec.json.schema(Report)["$defs"]
    page, evidence = text(DOCS / "report-format.md"), kinds_of_evidence(kinds)
    words = {word for kind, facts in kinds.items() if kind not in evidence for word in facts.get("enum", ())}
    assert {word for word in words if f"`{word}`" not in page} == set()


def test_commands_are_shown_where_they_exist_and_only_there() -> None:
    existing = set(group.list_commands(click.Context(group)))
    shown = {words[0] for page in WRITTEN for words in shown_commands(page) if not words[0].startswith("-")}
    assert existing - shown == set()
    absent = re.search(r"The commands (.+?) are not there yet", text(ROOT / "README.md"), re.DOTALL)
    assert set(re.findall(r"`(\w+)`", absent[1] if absent else "")) & existing == set()


def test_each_recipe_for_ci_installs_and_keeps_the_report() -> None:
    github, gitlab = (yaml.safe_load(block) for _, block in blocks(DOCS / "ci.md", "yaml"))
    steps_of_job = github["jobs"]["submission"]["steps"]
    runs = [step.get("run", "") for step in steps_of_job]
    install, probe = (
        next(at for at, run in enumerate(runs) if words in run) for words in ("pip install", "smtpprobe check")
    )
    assert install < probe
    keep = steps_of_job[-1]
    assert keep["if"] == "always()"
    assert f"--output {keep['with']['path']}" in runs[probe]
    assert any("pip install ./smtpprobe" in line for line in gitlab["submission"]["before_script"])
    assert gitlab["submission"]["artifacts"]["when"] == "always"
    assert f"--output {gitlab['submission']['artifacts']['paths'][0]}" in gitlab["submission"]["script"][0]


def test_the_script_for_cron_is_one(tmp_path: Path) -> None:
    (script,) = (block for _, block in blocks(DOCS / "ci.md", "sh") if block.startswith("#!"))
    assert subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=False).returncode == 0
    # With a smtpprobe that ends with each code: silent for 0 and 3, the page for the others, and the code stays.
    fake = tmp_path / ".venv" / "bin" / "smtpprobe"
    fake.parent.mkdir(parents=True)
    fake.write_text('#!/bin/sh\necho the page\nexit "$CODE"\n')
    fake.chmod(0o755)
    script = script.replace("/var/lib/smtpprobe", shlex.quote(str(tmp_path)))
    for code, out in ((0, ""), (3, ""), (4, "the page\n"), (5, "the page\n")):
        ran = subprocess.run(
            ["/bin/sh"], input=script, env=os.environ | {"CODE": str(code)}, capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout) == (code, out)
