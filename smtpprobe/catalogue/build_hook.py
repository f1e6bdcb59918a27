"""The build's hooks: one writes every table of `data/` as JSON beside its TOML, which is slow to read at start, and every
translation as the .mo that gettext reads beside its .po; the other makes the wheel's description of the README."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

_RELATIVE_LINK = re.compile(r"\[([^\[\]]{1,300})\]\((?![a-z]+:)([^()\s]{1,300})\)")


def write_tables(folder: Path) -> list[Path]:
    """The JSON files written, one for each TOML table of the folder; those whose table is gone are removed."""
    written = []
    for source in sorted(folder.glob("*.toml")):
        built = source.with_suffix(".json")
        content = json.dumps(tomllib.loads(source.read_text("utf-8")), default=str, ensure_ascii=False)
        written.append(_replace(built, content.encode()))
    return _alone(written, folder.glob("*.json"))


def write_translations(folder: Path) -> list[Path]:
    """The .mo files written, one for each .po file of the folder and those below it; others are removed."""
    sources = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    written = [_replace(source.with_suffix(".mo"), _compiled(source)) for source in sources]
    return _alone(written, folder.glob("*/LC_MESSAGES/*.mo"))


def _compiled(source: Path) -> bytes:
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, abort_invalid=True))
    return compiled.getvalue()


def _alone(written: list[Path], found: Iterable[Path]) -> list[Path]:
    """What was written, after what earlier builds have left is removed: it would come into the wheel."""
    for path in set(found).difference(written):
        path.unlink(missing_ok=True)
    return written


def _replace(path: Path, content: bytes) -> Path:
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    unfinished.write_bytes(content)
    return unfinished.replace(path)


class TablesHook(BuildHookInterface[Any]):
    """Runs for the wheel, an editable one too; a source distribution carries the TOML and the .po alone."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel":
            catalogue = Path(self.root) / "smtpprobe" / "catalogue"
            write_tables(catalogue / "data")
            write_translations(catalogue / "locale")


def described(readme: str) -> str:
    """The README where its files are not beside it: a relative link is its text, and what it led to in words."""
    return _RELATIVE_LINK.sub(_named, readme)


def _named(link: re.Match[str]) -> str:
    text, target = " ".join(link[1].split()), link[2]
    if target.startswith("#"):
        return text
    return f"{target} in the repository" if text == target else f"{text} ({target} in the repository)"


class ReadmeHook(MetadataHookInterface):
    """Gives the package its description."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        readme = Path(self.root, "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": described(readme)}
