"""What a type checker sees of the package: every Python example of the documentation, and a user's script.

mypy --strict and pyright (strict) read the installed package, each once for all files. A file whose lines are wrong on
purpose shows that they look.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import smtpprobe

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
USER = """
import asyncio

from smtpprobe import (
    Clock,
    Credentials,
    Diagnose,
    Exchange,
    Explanation,
    NetworkResolver,
    Phase,
    Report,
    Request,
    Resolver,
    RunRecorder,
    Status,
    TlsOptions,
    TlsPolicy,
    explain,
    parse_target,
    probe,
    probe_sync,
)


def request(target: str) -> Request:
    return Request(
        parse_target(target),
        mail_from="alice@example.org",
        rcpt_to=("bob@example.com",),
        user="alice",
        tls=TlsOptions(policy=TlsPolicy.REQUIRE),
        quit_after=Phase.MAIL,
        diagnose=Diagnose.ALWAYS,
    )


async def status(target: str, resolver: Resolver, recorder: RunRecorder) -> Status:
    def observe(exchange: Exchange) -> None:
        print(exchange.phase, exchange.reply.code if exchange.reply else None)

    report: Report = await probe(
        request(target),
        credentials=Credentials("alice", "secret"),
        resolver=resolver,
        observe=observe,
        recorder=recorder,
        clock=Clock(),
    )
    return report.outcome.status


async def limited(target: str) -> Status:
    recorder = RunRecorder()
    try:
        async with asyncio.timeout(10), NetworkResolver("192.0.2.53") as resolver:
            return await status(target, resolver, recorder)
    except TimeoutError:
        return recorder.report().outcome.status


def causes(target: str) -> list[str]:
    return [cause.id for verdict in probe_sync(request(target)).verdicts for cause in verdict.causes]


def findings(report: Report) -> dict[str, list[str]]:
    return {run.check: [finding.message for finding in run.findings] for run in report.checks}


def cause(text: str) -> str:
    explanation: Explanation = explain(text, phase=Phase.RCPT)
    return explanation.cause
"""
# Each line is wrong in its own way.
WRONG = """
from smtpprobe import Request, explain, parse_target, probe_sync

code: str = explain("550 5.7.1 no").code
host: int = parse_target("mx.example.com").host
probe_sync("mx.example.com")
Request(parse_target("mx.example.com"), quit_after=25)
"""
WRONG_LINES = {4, 5, 6, 7}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with every example, the user's script and the wrong one, away from the checkout."""
    directory = tmp_path_factory.mktemp("typed")
    for page in PAGES:
        name = re.sub(r"\W", "_", page.relative_to(ROOT).with_suffix("").as_posix())
        for number, found in enumerate(FENCE.finditer(page.read_text("utf-8"))):
            (directory / f"{name}_{number}.py").write_text(found[1], "utf-8")
    (directory / "user.py").write_text(USER, "utf-8")
    (directory / "wrong.py").write_text(WRONG, "utf-8")
    return directory


def judged(problems: list[tuple[str, int, str]]) -> None:
    """Raises AssertionError unless the wrong lines, and no others, are complained of."""
    assert [each for each in problems if each[0] != "wrong.py"] == []
    assert {line for name, line, _ in problems if name == "wrong.py"} == WRONG_LINES


def test_the_library_page_has_examples(files: Path) -> None:
    assert len(list(files.glob("docs_library_*.py"))) >= 3


def test_mypy_sees_the_types_of_the_public_names(files: Path) -> None:
    command = [
        sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "--no-color-output",
        f"--cache-dir={ROOT / '.mypy_cache'}", *sorted(path.name for path in files.glob("*.py")),
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=files, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    found = [
        re.match(r"(\w+\.py):(\d+): error: (.*)", line) for line in ran.stdout.splitlines() if ": note: " not in line
    ]
    assert None not in found, ran.stdout
    judged([(each[1], int(each[2]), each[3]) for each in found if each])


def test_pyright_sees_the_types_of_the_public_names(files: Path) -> None:
    # Examples say too little or too much for an application: an unused name is no fault of theirs.
    rules = {"typeCheckingMode": "strict", "reportUnusedImport": False, "reportUnusedVariable": False}
    (files / "pyrightconfig.json").write_text(json.dumps(rules), "utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(files)]
    ran = subprocess.run(command, cwd=files, capture_output=True, text=True, check=False)
    output = json.loads(ran.stdout)
    assert output["summary"]["filesAnalyzed"] == len(list(files.glob("*.py")))
    judged(
        [
            (Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"])
            for each in output["generalDiagnostics"]
        ]
    )


def test_every_public_name_is_declared_for_type_checkers_and_found_at_run_time() -> None:
    declared = (ROOT / "smtpprobe" / "__init__.py").read_text("utf-8").partition("if TYPE_CHECKING:")[2]
    for name in smtpprobe.__all__:
        if name != "__version__":
            assert re.search(rf"\b{name}\b", declared.partition("__version__")[0]), name
            value = getattr(smtpprobe, name)
            assert value.__name__ == name
            assert value.__doc__, name


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        _ = smtpprobe.nosuch  # type: ignore[attr-defined]


def test_the_public_names_are_listed() -> None:
    assert set(smtpprobe.__all__) <= set(dir(smtpprobe))
