"""`smtpprobe explain --since`: the times that it takes, and what it leaves out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtpprobe.cli.since import moment
from smtpprobe.pipeline.explaining import Explaining
from tests.cli.conftest import Ran

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2h", "2026-03-05T10:00:00"),
        ("30m", "2026-03-05T11:30:00"),
        ("1h30m", "2026-03-05T10:30:00"),
        ("1d", "2026-03-04T12:00:00"),
        ("2w", "2026-02-19T12:00:00"),
        ("0s", "2026-03-05T12:00:00"),
        ("2026-03-05", "2026-03-04T23:00:00"),
        ("2026-03-05T09:15", "2026-03-05T08:15:00"),
        ("2026-03-05 09:15:30", "2026-03-05T08:15:30"),
        ("2026-07-05T09:15", "2026-07-05T07:15:00"),
        ("2026-03-05T09:15Z", "2026-03-05T09:15:00"),
        ("2026-03-05T09:15:00+05:30", "2026-03-05T03:45:00"),
        (" 2h ", "2026-03-05T10:00:00"),
    ],
)
def test_times(text: str, utc: str) -> None:
    assert datetime.fromtimestamp(moment(text, NOW), UTC) == datetime.fromisoformat(f"{utc}+00:00")


NO_TIMES = ["", " ", "yesterday", "2", "h", "-2h", "2 hours", "20260305", "2026-13-01", "2026-03-05T25:00"]
NO_TIMES += ["99999w99999w", "2026-W10", "999999h999999999s" * 2]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time(cli: Callable[..., Ran], text: str) -> None:
    ran = cli("explain", "--since", text, "550 no")
    assert ran.code == 2
    assert "is not a time: expected a date (2026-03-05)" in ran.err
    assert ran.err.count("\n") == 1


LOG = """\
Mar  5 07:11:12 mx postfix/cleanup[9]: 4X1: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: 5.7.1 Spam; from=<a@b.example>
Mar  5 08:11:12 mx postfix/cleanup[9]: 4X2: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: 5.7.1 Virus; from=<a@b.example>
2026-03-05T09:11:12+02:00 mx postfix/cleanup[9]: 4X3: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: 5.7.1 no; from=<>
"""


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize(
    ("since", "lines"),
    [
        ("2026-03-05", [1, 2, 3]),
        ("2026-03-05T06:11:12Z", [1, 2, 3]),
        ("2026-03-05T06:11:13Z", [2, 3]),
        ("2026-03-05T07:11:12Z", [2, 3]),
        ("2026-03-05T07:11:13Z", []),
    ],
)
def test_a_time_without_an_offset_is_of_this_machine(since: str, lines: list[int]) -> None:
    found: list[int | None] = []
    explaining = Explaining(since=moment(since), on_refusal=lambda each: found.append(each.found.line))
    explaining.add([LOG.encode()], "mail.log")
    explained = explaining.finish()
    assert found == lines
    assert explained.summary.refusals == len(lines)


_JOURNAL = '{"__REALTIME_TIMESTAMP":"1772700000000000","SYSLOG_IDENTIFIER":"postfix/smtp","MESSAGE":"%s"}\n'
_DEFERRED = (
    "4X1: to=<a@b.example>, relay=none, dsn=4.4.1, status=deferred (connect to b.example[192.0.2.1]:25: timed out)"
)


@pytest.mark.parametrize(
    ("text", "taken_for"),
    [
        (LOG.splitlines()[0], "Postfix log"),
        (f"Mar  5 07:11:12 mx postfix/smtp[9]: {_DEFERRED}", "Postfix log"),
        (_JOURNAL % _DEFERRED, "Postfix log, journal entries as JSON"),
        (_JOURNAL % "warning: connect to Milter service inet:localhost:8891: Connection refused", None),
        ("2026-03-05 09:00:00 H=(a) [192.0.2.1] F=<a@b.example> rejected RCPT <c@d.example>: relay not permitted", "Exim log"),
        ("2026-03-05 09:00:00 ERROR mailer: 550 5.1.1 no such user", "text that quotes a reply"),
        ("Mar  5 09:00:00 web app[9]: mail to bob@example.com failed: 550 5.1.1 no such user", None),
        ("2026-03-05 09:00:00 ERROR mailer: smtplib.SMTPServerDisconnected: Connection unexpectedly closed", None),
    ],
)  # fmt: skip
def test_what_is_past_is_no_refusal_of_another_kind(text: str, taken_for: str | None) -> None:
    for add in (lambda each: each.add([text.encode()], "mail.log"), lambda each: each.add_text(text)):
        explaining = Explaining(since=moment("2026-12-01"))
        add(explaining)
        explained = explaining.finish()
        assert explained.summary.refusals == 0
        assert [each.refusals for each in explained.inputs] == [0]
        assert taken_for is None or explained.taken_for == taken_for


def test_a_log_is_counted_by_hour(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_text(LOG, "utf-8")
    ran = cli("explain", "--since", "2026-03-01", str(path), "--format", "json")
    assert [(each["hour"], each["count"]) for each in ran.report["summary"]["hours"]] == [
        ("2026-03-05 07:00", 2),
        ("2026-03-05 08:00", 1),
    ]
    page = cli("explain", "--since", "2026-03-01", str(path)).out
    assert "By hour" in page
    assert "began at Mar  5 07:11:12" in page
