"""A finding whose severity depends on the circumstances says so, and no other does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import smtpprobe
from smtpprobe.checks.base import FindingSpec
from smtpprobe.checks.registry import checks
from smtpprobe.model.report import Severity

PACKAGE = Path(smtpprobe.__file__).parent
SPECS = {spec.id: spec for check in checks() for spec in check.findings}
# Of the same variable in the source: `spec` stands for one of several.
CHOSEN = {
    "dkim-signature-fail", "dkim-body-hash-mismatch", "dkim-from-ambiguous", "auth-token-expired", "auth-no-access-token",
    "auth-token-for-another-service", "auth-token-not-yet-valid", "auth-token-without-scope", "auth-token-malformed",
}  # fmt: skip


def given_another_severity() -> Iterator[str]:
    """The ids of the findings that are made with a severity of their own somewhere."""
    for path in sorted((PACKAGE / "checks").rglob("*.py")):
        module = import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made = getattr(module, node.func.id, None)
                if isinstance(made, FindingSpec) and any(each.arg == "severity" for each in node.keywords):
                    yield made.id


def test_a_severity_that_varies_is_said() -> None:
    assert set(given_another_severity()) | CHOSEN == {spec.id for spec in SPECS.values() if spec.severity_otherwise}


def test_what_is_said_begins_with_another_severity() -> None:
    words = {severity.value for severity in Severity}
    for spec in SPECS.values():
        for part in filter(None, spec.severity_otherwise.split("; ")):
            word = part.split()[0]
            assert word in words - {spec.severity.value}, spec.id
