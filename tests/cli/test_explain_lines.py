"""`explain --jsonl` on lines that no decoder takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ran


def test_a_line_nested_beyond_reason_costs_no_other_its_item(cli: Callable[..., Ran], tmp_path: Path) -> None:
    nested = '{"reply":"550 5.1.1 a","provider":' + "[" * 50_000
    path = tmp_path / "replies"
    path.write_text(f'{nested}\n{{"reply":"450 4.2.0 greylisted"}}\n')
    ran = cli("explain", "--jsonl", str(path))
    items = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 2
    assert [item["input"] for item in items] == [None, "450 4.2.0 greylisted"]
    assert "line 1" in ran.err
