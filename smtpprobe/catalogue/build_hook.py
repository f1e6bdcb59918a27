"""The build's hook: writes every table of `data/` as JSON beside its TOML, which is slow to read at start."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def write_tables(folder: Path) -> list[Path]:
    """The JSON files written, one for each TOML table of the folder."""
    written = []
    for source in sorted(folder.glob("*.toml")):
        built = source.with_suffix(".json")
        content = json.dumps(tomllib.loads(source.read_text("utf-8")), default=str, ensure_ascii=False)
        unfinished = built.with_suffix(f".{os.getpid()}.part")
        unfinished.write_text(content, "utf-8")
        unfinished.replace(built)
        written.append(built)
    return written


class TablesHook(BuildHookInterface[Any]):
    """Runs for the wheel, an editable one too; a source distribution carries the TOML alone."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel":
            write_tables(Path(self.root) / "smtpprobe" / "catalogue" / "data")
