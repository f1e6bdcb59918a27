"""A wheel has the same octets whoever builds it, where and when."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from pathlib import Path

import pytest

from tests.wheels import ROOT, built_wheel, copied_sources

pytest.importorskip("hatchling", reason="hatchling builds the wheel")
LONG_AGO = 1_000_000_000
ELSEWHERE = {"TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONHASHSEED": "7"}


def test_two_wheels_of_the_same_sources_are_the_same_octets(tmp_path: Path) -> None:
    here = copied_sources(tmp_path / "here")
    elsewhere = copied_sources(tmp_path / "in another" / "folder")
    catalogue = elsewhere / "smtpprobe" / "catalogue"
    # What another version's build and a run left behind, in a checkout with other times and permissions.
    (catalogue / "data" / "gone.json").write_text("{}")
    (catalogue / "locale" / "xx" / "LC_MESSAGES").mkdir(parents=True)
    (catalogue / "locale" / "xx" / "LC_MESSAGES" / "smtpprobe.mo").write_bytes(b"")
    for path in elsewhere.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
        path.chmod(0o700 if path.is_dir() else 0o600)
    wheels = [built_wheel(here, tmp_path / "a", {"TZ": "UTC"}), built_wheel(elsewhere, tmp_path / "b", ELSEWHERE)]
    assert len({wheel.name for wheel in wheels}) == 1
    contents = [{each.filename: each.CRC for each in zipfile.ZipFile(wheel).infolist()} for wheel in wheels]
    assert contents[0] == contents[1]
    assert len({hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}) == 1


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The long description in the wheel's metadata."""
    folder = tmp_path_factory.mktemp("description")
    wheel = built_wheel(copied_sources(folder / "sources"), folder / "wheel")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        header, _, text = archive.read(name).decode("utf-8").partition("\n\n")
    assert "Description-Content-Type: text/markdown" in header
    return text


def test_the_description_of_a_wheel_has_no_link_that_leads_nowhere(description: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    relative = re.compile(r"\]\((?![a-z]+:)[^)]*\)")
    assert len(relative.findall(readme)) >= 8
    assert relative.findall(description) == []
    # What a link led to is named instead.
    assert "Tutorial (docs/tutorial.md in the repository)" in description
    assert "LICENSE in the repository" in description


def test_the_description_is_the_readme_in_all_else(description: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    blocks = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    assert blocks.findall(description) == blocks.findall(readme) != []
    assert len(description) >= len(readme)
