"""The project's wheel, built from a copy of its sources as another person's checkout would have them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ("__pycache__", "*.mo", "data/*.json", "*.part")
METADATA = ("pyproject.toml", "README.md", "LICENSE")


def copied_sources(folder: Path) -> Path:
    """The folder, with what a wheel is made of and nothing that was built before."""
    shutil.copytree(ROOT / "smtpprobe", folder / "smtpprobe", ignore=shutil.ignore_patterns(*BUILT))
    for name in METADATA:
        shutil.copy(ROOT / name, folder)
    return folder


def built_wheel(sources: Path, target: Path, variables: Mapping[str, str] | None = None) -> Path:
    """The wheel of these sources, put into the target folder, with these variables set."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=sources, check=True, capture_output=True, env={**os.environ, **(variables or {})},
    )  # fmt: skip
    (wheel,) = target.glob("*.whl")
    return wheel
