"""Options that stand for parameters of MAIL and RCPT, and for questions: what they are in the request, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran, served


def test_each_is_written_as_it_is_sent(cli: Callable[..., Ran], closed_port: str) -> None:
    request = cli(
        "check", closed_port, "--format", "json", "--size", "5", "--body-type", "8BitMime", "--smtputf8", "--requiretls",
        "--ret", "hdrs", "--envid", "a b", "--mt-priority", "-3", "--hold-for", "60",
        "--mail-param", "XVERP", "--notify", "success,delay", "--orcpt", "bob+x@example.com", "--rcpt-param", "XFOO=1",
        "--vrfy", "bob", "--expn", "staff", "--noop", "--smtp-help",
    ).report["request"]  # fmt: skip
    assert request["mail_parameters"] == [
        "SIZE=5", "BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", "ENVID=a+20b", "REQUIRETLS", "MT-PRIORITY=-3", "HOLDFOR=60", "XVERP"
    ]  # fmt: skip
    assert request["rcpt_parameters"] == ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;bob+2Bx@example.com", "XFOO=1"]
    assert request["questions"] == ["NOOP", "HELP", "VRFY bob", "EXPN staff"]


def test_a_time_is_one_in_utc(cli: Callable[..., Ran], closed_port: str) -> None:
    ran = cli("check", closed_port, "--format", "json", "--hold-until", "2026-12-24T19:00+01:00")
    assert ran.report["request"]["mail_parameters"] == ["HOLDUNTIL=2026-12-24T18:00:00Z"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--size", "abc"], "'--size': 'abc' is not a size: expected a number of octets"),
        (["--notify", "often"], "'--notify': 'often': expected never, or one or more of success, failure and delay"),
        (["--mail-param", "SIZE=1 RET=FULL"], "'--mail-param': 'SIZE=1 RET=FULL' is not a parameter"),
        (["--vrfy", ""], "'--vrfy': VRFY needs an argument"),
        (["--envid", "x", "--mail-param", "envid=y"], "smtpprobe: --envid: ENVID is given twice"),
        (["--mail-param", "A", "--mail-param", "a"], "smtpprobe: --mail-param: A is given twice"),
        (
            ["--orcpt", "bob", "--quit-after", "mail"],
            "--orcpt is not sent if the session ends before it: --quit-after is mail",
        ),
        (
            ["--noop", "--drop-after-send", "ehlo"],
            "--noop is not sent if the session ends before it: --drop-after-send is ehlo",
        ),
        (
            ["--xforward", "ADDR=192.0.2.1", "--drop-after", "greeting"],
            "--xforward is not sent if the session ends before it",
        ),
        (["--quit-after", "ehlo", "--drop-after", "mail"], "--quit-after and --drop-after: expected one of the two"),
        (["--protocol", "smtp", "--ret", "full"], "--ret needs EHLO: HELO lists no extensions"),
        (
            ["--send", "--mail-from", "a@example.org", "--rcpt-to", "b@example.com", "--drop-after", "rcpt"],
            "--drop-after rcpt and --send: the session would end before the message",
        ),
        (["--drop-after", "tls", "--tls", "off"], "--drop-after is tls, but --tls is off"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(cli: Callable[..., Ran], arguments: list[str], words: str) -> None:
    ran = cli("check", "127.0.0.1:1", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err


@pytest.mark.parametrize(
    ("own", "sent"), [([], "SIZE=*"), (["--size", "5"], "SIZE=5"), (["--mail-param", "size=5"], "size=5")]
)
def test_a_parameter_that_is_given_replaces_the_message_s_own(
    cli: Callable[..., Ran], own: list[str], sent: str
) -> None:
    script = (
        f"S: 220 Hi\nC: EHLO *\nS: 250-Hi\nS: 250 SIZE\nC: MAIL FROM:<a@example.org> {sent}\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\n"
        "C: DATA\nS: 354 Go\nMESSAGE\nS: 250 Ok\nC: QUIT\nS: 221 Bye\nEOF\n"
    )
    with served(script) as host:
        ran = cli(
            "check",
            host,
            "--send",
            "--mail-from",
            "a@example.org",
            "--rcpt-to",
            "b@example.com",
            "--format",
            "json",
            *own,
        )
    assert ran.code == 0
    (mail,) = (each["sent"] for each in ran.report["transcripts"][0]["exchanges"] if each["phase"] == "mail")
    assert mail.split()[2:] == [sent] or (not own and mail.split()[2].startswith("SIZE="))


HELLO = "S: 220 Hi\nC: EHLO *\nS: 250 Hi\n"


@pytest.mark.parametrize(
    ("script", "arguments", "words", "code"),
    [
        (HELLO + "C: MAIL *\n", ["--drop-after-send", "mail"], "HUNG UP before the reply to MAIL FROM", 0),
        (HELLO + "C: QUIT\nS: 221 Bye\nEOF\n", ["--drop-after-send", "starttls"], "STARTTLS NOT REACHED", 4),
        ("", ["--drop-after", "connect"], "CONNECTED to", 0),
        (HELLO + "C: QUIT\nS: 221 Bye\nEOF\n", ["--size", "5"], "send it anyway to see how the server refuses it. (--force)", 4),
        (HELLO + "C: MAIL *SIZE=5\nS: 250 Ok\nC: RSET\nS: 250 Ok\nC: QUIT\nS: 221 Bye\nEOF\n", ["--size", "5", "--force"],
         "ACCEPTED by", 0),
        (HELLO + "C: VRFY bob\nS: 502 No\nC: QUIT\nS: 221 Bye\nEOF\n", ["--vrfy", "bob", "--quit-after", "ehlo"],
         "VRFY is switched off", 0),
    ],
)  # fmt: skip
def test_the_page_says_what_came_of_it(
    cli: Callable[..., Ran], script: str, arguments: list[str], words: str, code: int
) -> None:
    with served(script) as host:
        ran = cli("check", host, *arguments)
    assert words in " ".join(ran.out.split())
    assert ran.code == code
