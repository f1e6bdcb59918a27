"""An argument, standard input, a file and `--jsonl` give the same items for the same text."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.catalogue.explainer.test_client_errors import SAID
from tests.cli.conftest import Ran
from tests.intake.quotations import FOUND, NONE

_PLACE = ("input", "source", "line", "when", "peer", "side", "recipient_domain")
QUOTING = [text for text, _ in FOUND]
CLIENTS = [text for text, *_ in SAID]


def _items(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code in (0, 2), ran.err
    items = json.loads(ran.out)["items"] if ran.code == 0 else []
    return [{name: value for name, value in item.items() if name not in _PLACE} for item in items]


def _by_lines(ran: Ran) -> list[dict[str, Any]]:
    items = [json.loads(line) for line in ran.out.splitlines()]
    return [
        {name: value for name, value in item.items() if name not in {*_PLACE, "schema_version"}}
        for item in items
        if item["input"] is not None
    ]


@pytest.mark.parametrize("texts", [QUOTING, CLIENTS, NONE], ids=["quoting", "clients", "none"])
def test_every_way_in_gives_the_same_items(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    path, lines = tmp_path / "error.txt", tmp_path / "errors.jsonl"
    different = []
    for text in texts:
        octets = f"{text}\n".encode()
        path.write_bytes(octets)
        lines.write_text(json.dumps({"reply": text}), "utf-8")
        in_file = _items(cli("explain", str(path), "--format", "json"))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
        from_stdin = _items(cli("explain", "-", "--format", "json"))
        as_words = _items(cli("explain", text, "--format", "json"))
        # A line has one item: that of the first refusal.
        if not (in_file == from_stdin == as_words and _by_lines(cli("explain", "--jsonl", str(lines))) == in_file[:1]):
            different.append(text)
    assert different == []


def test_a_number_that_is_no_reply_is_no_code(cli: Callable[..., Ran]) -> None:
    found = {text: _items(cli("explain", f"Note: {text}", "--format", "json")) for text in NONE}
    assert {text: items for text, items in found.items() if any(item["code"] for item in items)} == {}


def test_octets_that_are_no_utf8_decide_alike(cli: Callable[..., Ran], tmp_path: Path) -> None:
    octets = "550 Boîte du destinataire archivée".encode("latin-1")
    path, lines = tmp_path / "reply.txt", tmp_path / "replies.jsonl"
    path.write_bytes(octets)
    lines.write_bytes(b'{"reply": "' + octets + b'"}\n')
    in_file = _items(cli("explain", str(path), "--format", "json"))
    assert in_file[0]["cause"] == "recipient-inactive"
    assert _by_lines(cli("explain", "--jsonl", str(lines))) == in_file
    assert _items(cli("explain", octets.decode("utf-8", "surrogateescape"), "--format", "json")) == in_file
