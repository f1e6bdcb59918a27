"""What `smtpprobe explain` prints: a page for each of a few refusals, a summary with the fix of each cause for many."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Found
from tests.cli.conftest import Ran
from tests.intake import samples

REFUSED = (
    "Nov  2 10:00:{:02} mx1 postfix/smtp[1003]: 4XA: to=<{}>, relay=mx.example.com[192.0.2.25]:25, delay=1, "
    "delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.25] said: {} (in reply to RCPT TO command))\n"
)
URL = "https://support.example/mail/answer/81126"
JOINED = (
    "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 All senders have to "
    "authenticate with either SPF or DKIM. 550-5.7.26  550-5.7.26  Authentication results: 550-5.7.26  DKIM = did not "
    "pass 550-5.7.26  SPF [example.org] with ip: [192.0.2.7] = did not pass 550-5.7.26  550-5.7.26  For instructions on "
    f"setting up authentication, go to 550 5.7.26  {URL} a1-2002si.1 - gsmtp"
)
REPLIES = (
    "550 5.1.1 no such user",
    "450 4.2.0 greylisted",
    "552 5.2.2 mailbox full",
    "554 5.7.1 Relay access denied",
    "421 4.7.0 too many connections",
)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(content: str, name: str = "mail.log") -> str:
        path = tmp_path / name
        path.write_text(content, "utf-8")
        return str(path)

    return write


def log(*replies: str, to: str = "bob@example.com") -> str:
    return "".join(REFUSED.format(number, to, reply) for number, reply in enumerate(replies))


def test_one_line_of_a_log_has_its_cause_and_its_fix(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    for given in (file(log(REPLIES[0])), log(REPLIES[0]).strip()):
        for options in ((), ("-v",)):
            page = cli("explain", given, *options).out
            assert "\n550 5.1.1 no such user\n\nRecipient example.com\nSeen      Nov  2 10:00:00\nCause     " in page
            assert "\nMeaning   " in page
            assert "\nFix       1. " in page
            assert "\nRetry     " in page
            assert "By " not in page


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_distinct_refusals_have_a_page_each(
    cli: Callable[..., Ran], file: Callable[..., str], count: int
) -> None:
    page = cli("explain", file(log(*REPLIES[:count]))).out
    assert page.count("\nFix       ") == count
    assert "By cause" not in page


def test_repeated_refusals_have_one_page_and_counts(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    path = file(log(*REPLIES[:1] * 3) + log(REPLIES[1], to="carol@example.net"))
    page = cli("explain", path).out
    assert page.count("\nFix       ") == 2
    assert "\nSeen      3 times, the first Nov  2 10:00:00, the last Nov  2 10:00:02\n" in page
    assert "By recipient domain\n3  example.com\n   Nov  2 10:00:00 – Nov  2 10:00:02\n1  example.net\n" in page
    alone = cli("explain", file(log(*REPLIES[:1] * 3), "again.log")).out
    assert "By recipient domain" not in alone


def test_a_page_names_a_few_recipient_domains(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    path = file("".join(log(REPLIES[0], to=f"bob@{name}.example") for name in "abcdef"))
    assert "\nRecipient a.example, b.example, c.example and others\n" in cli("explain", path).out


def test_a_summary_has_the_fix_of_each_cause(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    path = file(log(*REPLIES))
    page = cli("explain", path).out
    assert page.count("\n   Fix  1. ") == 5
    assert "\n        3. " not in page
    assert "Meaning" not in page
    left_out = "What each means, all steps, and when to try again are left out (-v shows all)"
    assert f"\n{left_out}\n" in page
    assert max(map(len, page.splitlines())) <= 80
    whole = cli("explain", path, "-v").out
    for label in ("Meaning", "Fix", "Retry"):
        assert whole.count(f"\n   {label} ") == 5
    assert "[their postmaster] If the mailbox should exist" in " ".join(whole.split())
    assert "-v shows" not in whole
    assert "Fix" not in cli("explain", path, "-q").out


def test_a_summary_of_many_causes_is_no_book(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    more = [
        "554 5.7.1 Client host [192.0.2.1] blocked using zen.example", "550 5.7.1 spam message rejected",
        "535 5.7.8 authentication failed", "550 5.7.25 no PTR record for you", "550 5.7.26 SPF check failed",
        "552 5.3.4 message too big", "550 5.1.8 sender domain not found", "530 5.7.0 must issue STARTTLS first",
        "504 5.5.2 <foo>: Helo command rejected: need fully-qualified hostname", "550 5.2.1 account disabled",
        "550 5.4.6 routing loop detected", "421 4.7.0 poor reputation of your address",
    ]  # fmt: skip
    page = cli("explain", file(log(*REPLIES, *more))).out
    assert page.count("Fix  ") == 10
    assert "more (-v shows all)" in page
    assert len(page.splitlines()) < 150


@pytest.mark.parametrize("count", [1, 5])
def test_the_servers_url_is_shown_and_joined_codes_are_not(
    cli: Callable[..., Ran], file: Callable[..., str], count: int
) -> None:
    path = file(log(*[JOINED, *REPLIES][:count]))
    page = " ".join(cli("explain", path).out.split())
    assert URL in page
    assert "550 5.7.26 Your email has been blocked" in page
    assert "550-5.7.26" not in page
    summary = cli("explain", path, "--format", "json").report["summary"]
    for rows in (summary["causes"], summary["providers"], summary["recipient_domains"]):
        (example,) = [row["example"] for row in rows if "5.7.26" in row["example"]]
        assert URL in example
        assert example.count("5.7.26") == 1


def test_a_folded_diagnostic_code_is_shown_without_its_repeated_codes(
    cli: Callable[..., Ran], file: Callable[..., str]
) -> None:
    folded = "Diagnostic-Code: smtp; 550-5.1.1 No such\n 550-5.1.1 mailbox\n 550 5.1.1 here\n"
    page = cli(
        "explain", file(f"Final-Recipient: rfc822; bob@example.com\nAction: failed\nStatus: 5.1.1\n{folded}")
    ).out
    assert "\n550 5.1.1 No such mailbox here\n" in page


EXIM_BOUNCE = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  carol@example.org
    {}
"""


@pytest.mark.parametrize(
    ("words", "cause", "title", "meaning"),
    [
        ("mailbox is full: retry timeout exceeded", "mailbox-full", "The recipient's mailbox is full", "over quota"),
        (
            "the weather was bad", "unknown",
            "The sending system gave up and quoted no reply", "quoted no reply of a server",
        ),
    ],
)  # fmt: skip
def test_words_without_a_code_are_no_broken_reply(
    cli: Callable[..., Ran], file: Callable[..., str], words: str, cause: str, title: str, meaning: str
) -> None:
    path = file(EXIM_BOUNCE.format(words), "bounce.eml")
    (item,) = cli("explain", path, "--format", "json").report["items"]
    assert (item["code"], item["enhanced"], item["cause"], item["title"]) == (None, None, cause, title)
    assert meaning in item["meaning"]
    assert item["fix"]
    page = " ".join(cli("explain", path).out.split())
    assert meaning in page
    assert " Fix " in page
    for wrong in ("200 to 599", "begins with 2, 3, 4 or 5", "the reply says so", "from the code", "no SMTP reply code"):
        assert wrong not in page


def test_a_line_of_jsonl_that_is_no_reply(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    path = file(json.dumps({"reply": "hello there"}), "one.jsonl")
    ran = cli("explain", "--jsonl", path)
    assert (ran.code, json.loads(ran.out)["input"]) == (2, None)
    assert "'hello there' contains no SMTP reply" in json.loads(ran.out)["error"]


@pytest.mark.parametrize("name", ["exim bounce", "qmail", "exchange"])
@pytest.mark.parametrize("options", [(), ("-v",), ("-q",)])
def test_bounces_name_the_recipient(
    cli: Callable[..., Ran], file: Callable[..., str], name: str, options: tuple[str, ...]
) -> None:
    bounces = {
        "exim bounce": EXIM_BOUNCE.format("mailbox is full: retry timeout exceeded"),
        "qmail": "Hi. This is the qmail-send program at q.example.org.\n\n<bob@example.org>:\n192.0.2.9 does not like "
        "recipient.\nRemote host said: 550 5.1.1 No such mailbox.\nGiving up on 192.0.2.9.\n",
        "exchange": "Diagnostic information for administrators:\n\nGenerating server: EX01.corp.example\n\n"
        "bob@example.org\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##rfc822;bob@example.org\n",
    }
    page = cli("explain", file(bounces[name], "bounce.eml"), *options).out
    assert any(line.startswith("Recipient ") and line.endswith("example.org") for line in page.splitlines())


def test_a_file_that_cannot_be_read_is_among_the_inputs(
    cli: Callable[..., Ran], file: Callable[..., str], tmp_path: Path
) -> None:
    good, empty = file(samples.EXIM), file("", "empty.log")
    missing = str(tmp_path / "missing.log")
    ran = cli("explain", missing, good, empty, "--format", "json")
    assert ran.code == 2
    inputs = [(each["name"], each["taken_for"], each["because"]) for each in ran.report["inputs"]]
    assert inputs == [
        (missing, None, "No such file or directory"),
        (good, "Exim log", None),
        (empty, None, f"{empty!r} is empty"),
    ]
    assert ran.report["taken_for"] == "Exim log"
    assert ran.report["unread"] == sum(each["unread"] for each in ran.report["inputs"]) == 2
    assert ran.err.count("\n") == 2


def test_a_log_of_no_refusal_among_bounces_changes_nothing(cli: Callable[..., Ran], file: Callable[..., str]) -> None:
    bounce = file(EXIM_BOUNCE.format("550 5.1.1 no such user"), "bounce.eml")
    kernel = file("Nov 22 19:10:45 host kernel: eth0 is up\n", "kern.log")
    report = cli("explain", bounce, kernel, "--format", "json").report
    assert "count" not in report["items"][0]


def test_an_address_is_shown_where_the_input_tells_it(
    cli: Callable[..., Ran], file: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Found(reply="550 5.1.1 no such user", recipient_domain="example.com", recipient="bob@example.com")
    monkeypatch.setattr(recognise, "refusals", lambda *_: iter([found]))
    path = file(EXIM_BOUNCE.format("550 5.1.1 no such user"), "bounce.eml")
    assert "\nRecipient bob@example.com\n" in cli("explain", path).out
    assert "bob@" not in cli("explain", path, "--format", "json").out


def test_a_step_that_speaks_of_a_probe_has_it_in_a_summary_too(
    cli: Callable[..., Ran], file: Callable[..., str]
) -> None:
    down = (
        "Nov  2 10:00:00 mx1 postfix/smtp[1003]: 4XB: to=<bob@example.net>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, "
        "status=deferred (connect to mx.example.net[192.0.2.25]:25: Connection refused)\n"
    )
    page = cli("explain", file(log(*REPLIES) + down)).out
    assert "run the probe below" in " ".join(page.split())
    assert "See it  smtpprobe check mx.example.net:25\n" in page
