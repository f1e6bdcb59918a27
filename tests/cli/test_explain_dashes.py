"""A text that begins with a hyphen is a text, as the list of a queue or a transcript begins; an option is an option."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran

QUEUE = """\
-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------
4Zs11ABCDEF     2310 Sat Feb 14 10:00:00  alice@example.com
       (connect to mx.example.org[192.0.2.25]:25: Connection timed out)
                                         bob@example.org

-- 2 Kbytes in 1 Request.
"""
TEXTS = [
    (QUEUE, "connection-failed"),
    ("-> RCPT TO:<bob@example.org>\n<** 550 5.1.1 no such user\n", "recipient-unknown"),
    ("--> RCPT TO:<bob@example.org>\n<-- 550 5.1.1 no such user\n", "recipient-unknown"),
    ("   ----- Transcript of session follows -----\n550 5.1.1 bob@example.org... User unknown", "recipient-unknown"),
    ("----- Transcript of session follows -----\n550 5.1.1 bob@example.org... User unknown", "recipient-unknown"),
    ("- 550 5.1.1 no such user", "recipient-unknown"),
]


@pytest.mark.parametrize("before", [[], ["--"]])
@pytest.mark.parametrize(("text", "cause"), TEXTS)
def test_a_text_may_begin_with_a_hyphen(cli: Callable[..., Ran], text: str, cause: str, before: list[str]) -> None:
    for arguments in (["--format", "json", *before, text], *([[text, "--format=json"]] if not before else [])):
        ran = cli("explain", *arguments)
        assert ran.code == 0, ran.err
        assert [each["cause"] for each in json.loads(ran.out)["items"]] == [cause]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nothing", "550"], "--nothing"),
        (["--nothing=of the kind", "550"], "--nothing"),
        (["-Queue", "550"], "-Q"),
        (["--phase", "- of nothing", "550"], "- of nothing"),
    ],
)
def test_an_option_that_there_is_not_is_said(cli: Callable[..., Ran], arguments: list[str], said: str) -> None:
    ran = cli("explain", *arguments)
    assert ran.code == 2
    assert said in ran.err
