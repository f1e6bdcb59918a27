"""Where the public suites lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def suite(name: str) -> Path | None:
    """The folder of a public suite; None where it is absent."""
    folder = (ROOT / os.environ.get("SMTPPROBE_SUITES", "../shared/suites") / name).resolve()
    return folder if folder.is_dir() else None


def needed(folder: Path | None, name: str) -> Path:
    """The folder; the test is skipped where it is absent, and fails where suites are required."""
    if folder is None:
        reason = f"the public suite {name} is not here: set SMTPPROBE_SUITES"
        if "suites" in os.environ.get("SMTPPROBE_REQUIRE", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
