"""What was decided, without the words in which it is said.

python -m tests.decisions [pseudo]    prints it as JSON: of the cases, of replies explained, and of commands
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from typing import Any

import msgspec

NOTES = "SMTPPROBE_TEST_DECISIONS"


def of_report(report: dict[str, Any]) -> Any:
    """Everything of a report, or of a check's, that is no text and does not change from run to run."""
    return skeleton(report)


def skeleton(value: Any, name: str = "") -> Any:
    """The value with its words, numbers and lengths; `…` where a text stands. Times, ports and random parts are left out."""
    if isinstance(value, dict):
        return {key: skeleton(each, key) for key, each in value.items() if key not in _CHANGING}
    if isinstance(value, list):
        return [skeleton(each, name) for each in value]
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) and name not in _TEXTS else "…"
    return None if isinstance(value, float) else value


_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|[0-9.]+|[A-Z0-9]+")
_TEXTS = ("meanings",)  # one of them may be a single word
_CHANGING = frozenset(
    {
        "port", "started_at", "sha256", "body_sha256", "spki_sha256", "serial", "der", "raw", "partial", "given", "index",
        "lookups", "lookup", "octets",
    }
)  # fmt: skip


def of_cases() -> dict[str, Any]:
    """What each of fixtures/cases comes to, and how many of its expectations are not met, those of texts left out.

    The last of them once more with a check that has a bug.
    """
    from smtpprobe.checks import registry
    from smtpprobe.render import json as as_json
    from smtpprobe.testing.cases import load_case
    from smtpprobe.testing.differences import check_expectations
    from tests.cases import CASES, played
    from tests.checks.planted import planted

    decided = {}
    for path in CASES:
        report, expect = played(path), without_texts(load_case(path).expect)
        decided[path.name] = [of_report(json.loads(as_json.render(report))), len(check_expectations(report, expect))]
    checks = registry.CHECKS
    registry.CHECKS = (*checks[:-1], planted(msgspec.structs.replace(checks[-1].load(), skip=_broken)))
    try:
        report = played(path)
    finally:
        registry.CHECKS = checks
    decided["a bug in a check"] = [[run.kind for run in report.checks], len(check_expectations(report, expect))]
    return decided


def _broken(_: object) -> Any:
    raise KeyError("nobody thought of this")


def without_texts(expect: Any) -> Any:
    """What a case expects, without the texts that must stand somewhere."""
    verdicts = expect.verdict and tuple(
        msgspec.structs.replace(
            each,
            statement=None,
            because=(),
            first=(),
            remedies=(),
            not_remedies=(),
            paste=(),
            cleared=(),
            unknown=(),
        )
        for each in expect.verdict
    )
    outcome = msgspec.structs.replace(expect.outcome, reason=None)
    return msgspec.structs.replace(expect, outcome=outcome, verdict=verdicts, skipped=dict.fromkeys(expect.skipped, ""))


def of_replies() -> list[Any]:
    """What the explainer makes of the project's own sets of replies."""
    from smtpprobe import explain
    from smtpprobe.catalogue.explainer.train import every_reply

    explanations = [explain(row.reply, phase=row.phase, provider=row.provider) for row in every_reply()]
    return [
        (each.code, each.enhanced, each.phase, each.provider, each.cause, each.confidence, each.alternatives)
        for each in explanations
    ]


def of_commands() -> dict[str, Any]:
    """Exit code and decisions of commands that need no server of the test's."""
    from smtpprobe.cli import app
    from smtpprobe.testing.scenarios import SCENARIOS

    lines = [("demo", name, "--format", "json") for name in SCENARIOS]
    lines += [("explain", text, "--format", "json") for text in ("554", "535 5.7.8 no", "5.7.26", "not a reply at all")]
    lines += [("compare", "550", "554", "--format", "json"), ("check",), ("check", "a b"), ("frobnicate",)]
    decided = {}
    for line in lines:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = app.run(list(line))
        said = json.loads(out.getvalue()) if line[-1] == "json" and out.getvalue() else {}
        decided[" ".join(line)] = [
            code,
            of_report(said) if "transcripts" in said else None,
            [(item.get("code"), item.get("cause"), item.get("confidence")) for item in said.get("items", ())],
        ]
    return decided


def note(test: str, code: int, out: str) -> None:
    """Add what a command decided, run by a test, to the file that the environment names; nothing where it names none."""
    path = os.environ.get(NOTES)
    if path is None:
        return
    try:
        said = json.loads(out)
    except ValueError:
        said = None
    report = of_report(said) if isinstance(said, dict) and "transcripts" in said else None
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps([test, code, report]) + "\n")


if __name__ == "__main__":
    if "pseudo" in sys.argv[1:]:
        from tests import pseudo_locale

        pseudo_locale.speak()
    json.dump({"cases": of_cases(), "replies": of_replies(), "commands": of_commands()}, sys.stdout)
