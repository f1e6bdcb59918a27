"""The recipes for jq in the report format's page, run on the demo's reports."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.test_docs import DOCS, blocks

RECIPES = [block for _, block in blocks(DOCS / "report-format.md", "sh") if block.startswith("jq ")]
# For each in order: a scenario of the demo, and what it prints of its report.
EXPECTED = [
    ("blocklisted", r"\d{1,3}"),
    ("blocklisted", r"ip-blocklisted confirmed"),
    ("bad-password", r"(\[[a-z-]+\] [^\n]+\n?)+"),
    ("blocklisted", r"dnsbl-listed 198\.51\.100\.7"),
    ("broken-tls", r"tls \S+ [^\n]*certificate[^\n]*"),
    ("blocklisted", r"bob@example\.com refused 554"),
    ("blocklisted", r"\S+ \S+ refused 554"),
    ("greylisted", r'\{\s*"phase": "\w+",\s*"waited_s": [\d.e-]+\s*\}'),
]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize(("recipe", "expected"), list(zip(RECIPES, EXPECTED, strict=True)), ids=range(len(EXPECTED)))
def test_a_recipe_prints_what_it_says(
    cli: Callable[..., Ran],
    tmp_path: Path,
    recipe: str,
    expected: tuple[str, str],
) -> None:
    scenario, printed = expected
    (tmp_path / "report.json").write_text(cli("demo", scenario, "--format", "json").out, "utf-8")
    ran = subprocess.run(["/bin/sh", "-c", recipe], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch(printed, ran.stdout.strip()), ran.stdout


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize("recipe", RECIPES, ids=range(len(RECIPES)))
@pytest.mark.parametrize("kind", ["accepted", "no connection", "no address"])
def test_a_recipe_runs_on_a_report_without_a_refusal(
    cli: Callable[..., Ran], tmp_path: Path, closed_port: str, recipe: str, kind: str
) -> None:
    command = ("demo", "accepted") if kind == "accepted" else ("check", closed_port)
    report = json.loads(cli(*command, "--format", "json").out)
    if kind == "no address":
        report |= {"transcripts": [], "verdicts": [], "checks": []}
    (tmp_path / "report.json").write_text(json.dumps(report), "utf-8")
    ran = subprocess.run(["/bin/sh", "-c", recipe], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_there_are_recipes() -> None:
    assert len(RECIPES) == len(EXPECTED) >= 5
