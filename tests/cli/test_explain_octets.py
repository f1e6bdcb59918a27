"""`smtpprobe explain` on files in other encodings than UTF-8."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.intake import samples


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("text", ["550 5.1.1 no such user\r\n", samples.SWAKS, samples.POSTFIX, samples.STATUS])
def test_a_byte_order_mark_makes_no_difference(
    cli: Callable[..., Ran], tmp_path: Path, encoding: str, text: str
) -> None:
    path = tmp_path / "input.txt"
    path.write_bytes(text.encode())
    plain = cli("explain", str(path), "--format", "json")
    marked = ("\ufeff" if encoding == "utf-16-be" else "") + text
    path.write_bytes(marked.encode(encoding))
    assert cli("explain", str(path), "--format", "json") == plain
    path.write_bytes(gzip.compress(marked.encode(encoding)))
    assert cli("explain", str(path), "--format", "json") == plain


def test_an_empty_file_with_a_mark_is_empty(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "input.txt"
    path.write_bytes(b"\xff\xfe")
    ran = cli("explain", str(path))
    assert (ran.code, ran.err.strip().endswith("is empty")) == (2, True)


@pytest.mark.parametrize(
    "octets",
    [
        b"550 5.1.1 inconnu \xe9\xe8\r\n",
        b"smtplib.SMTPRecipientsRefused: {'bob@example.com': (550, b'5.1.1 inconnu \xe9\xe8')}\n",
        b"=== Connected to mx.example.com.\n<** 554 5.7.1 inconnu \xe9\xe8\n",
        b"Nov 22 19:10:45 mail postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 inconnu \xe9\xe8\n",
        b"Final-Recipient: rfc822; b@example.com\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 inconnu \xe9\xe8\n",
    ],
    ids=["reply", "quoted", "transcript", "log", "bounce"],
)
def test_octets_that_are_not_utf8_stand_as_the_contract_says(
    cli: Callable[..., Ran], tmp_path: Path, octets: bytes
) -> None:
    path = tmp_path / "input.txt"
    path.write_bytes(octets)
    (item,) = cli("explain", str(path), "--format", "json").report["items"]
    assert item["input"].endswith("inconnu \\xe9\\xe8")
    (row,) = csv.DictReader(io.StringIO(cli("explain", str(path), "--format", "csv").out))
    assert row["input"].endswith("inconnu \\xe9\\xe8")
    assert "inconnu \\xe9\\xe8" in cli("explain", str(path)).out
