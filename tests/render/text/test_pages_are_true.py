"""What a page says is true for whoever holds it: the cause, the first steps and whose they are, the probe, the recipient."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from smtpprobe.pipeline.explaining import explain_text
from smtpprobe.render.text import explained as as_text

PAGES = tomllib.loads(Path(__file__).with_name("pages.toml").read_text("utf-8"))["page"]


@pytest.mark.parametrize("row", PAGES, ids=[row["name"] for row in PAGES])
def test_a_page_is_true(row: dict[str, str | list[str]]) -> None:
    page = as_text.render(explain_text(str(row["text"])), width=4000, verbosity=1)
    assert f"({row['cause']}; " in " ".join(page.split()), page
    for words in row.get("said", ()):
        assert words in page, page
    for words in row.get("unsaid", ()):
        assert words not in page, page
    assert "probe below" not in page or "\nSee it " in page
