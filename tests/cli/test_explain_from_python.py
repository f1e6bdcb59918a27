"""`smtpprobe.explain` gives what `smtpprobe explain --format json` prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import smtpprobe
from smtpprobe.model.transcript import Phase
from tests.cli.conftest import Ran

REPLIES = Path(__file__).parents[2] / "fixtures" / "replies"
PLACES = {"source", "line", "when", "peer", "side", "recipient_domain"}  # in what was read, which a reply alone is not
ONE_IN = 60


def labelled() -> list[tuple[Phase | None, str]]:
    """One labelled reply in so many, with its phase."""
    rows = [
        line.split("\t")
        for path in sorted(REPLIES.glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return [(None if row[2] == "-" else Phase(row[2]), row[5]) for row in rows[::ONE_IN]]


def test_labelled_replies(cli: Callable[..., Ran]) -> None:
    replies = labelled()
    assert len(replies) > 150
    for phase, reply in replies:
        given = ["--phase", phase.value] if phase else []
        (item,) = cli("explain", reply, *given, "--format", "json").report["items"]
        found = json.loads(msgspec.json.encode(smtpprobe.explain(reply, phase=phase)))
        assert found == {name: value for name, value in item.items() if name not in PLACES}


@pytest.mark.parametrize(
    "text",
    [
        "smtplib.SMTPAuthenticationError: (535, b'5.7.8 authentication failed')",
        "ConnectionRefusedError: [Errno 111] Connection refused: connect to mail.example.org:465",
        "User unknown",
    ],
)
def test_client_errors_and_bare_words(cli: Callable[..., Ran], text: str) -> None:
    (item,) = cli("explain", text, "--format", "json").report["items"]
    found = json.loads(msgspec.json.encode(smtpprobe.explain(text)))
    assert found == {name: value for name, value in item.items() if name not in PLACES}


def test_what_it_says() -> None:
    said = smtpprobe.explain("550 5.1.1 <bob@example.com>: no such user here")
    assert isinstance(said, smtpprobe.Explanation)
    assert (said.cause, bool(said.title), bool(said.meaning), bool(said.fix)) == ("recipient-unknown", True, True, True)
    assert said.fix == tuple(remedy.action for remedy in said.remedies)
    likely = smtpprobe.explain("550 we could not locate any such account for that person on our machines")
    assert likely.reads_like is not None
    assert likely.probability is not None
    assert 0 < likely.probability <= 1


def test_lines_without_their_code() -> None:
    said, whole = (
        smtpprobe.explain("5.1.1 no such user here", code=550),
        smtpprobe.explain("550 5.1.1 no such user here"),
    )
    assert (said.code, said.cause, said.remedies, said.title) == (550, whole.cause, whole.remedies, whole.title)


@pytest.mark.parametrize("text", ["", "\0", "lunch", "999 x", "\udc80", "5" * 9000])
def test_any_text(text: str) -> None:
    assert smtpprobe.explain(text).title
