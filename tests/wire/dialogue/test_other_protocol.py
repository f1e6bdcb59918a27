"""A greeting of FTP, and those of mail servers that look like one."""

from __future__ import annotations

import pytest

from smtpprobe.wire.dialogue.other_protocol import is_ftp
from smtpprobe.wire.ehlo import masked
from smtpprobe.wire.reply_reader import parse_reply

FTP = [
    "(vsFTPd 3.0.3)", "ProFTPD 1.3.5 Server (Debian) [::ffff:192.0.2.1]", "Microsoft FTP Service",
    "ftp.example.com FTP server (Version wu-2.6.2) ready.", "-FileZilla Server 1.7.0\r\n220 Please visit",
    "---------- Welcome to Pure-FTPd [privsep] [TLS] ----------", "FTP Server ready.", "WS_FTP Server 8.7",
]  # fmt: skip
MAIL = [
    "ftp.example.com ESMTP Postfix", "ftp.example.com", "ftp.example.com Service ready", "mx.example.com",
    "mail and ftp host, ESMTP", "ftp-gw.example.com ready", "",
]  # fmt: skip


@pytest.mark.parametrize("text", FTP)
def test_ftp_is_told_by_its_greeting(text: str) -> None:
    assert is_ftp(parse_reply(f"220{'' if text[:1] == '-' else ' '}{text}\r\n".encode()))


@pytest.mark.parametrize("text", MAIL)
def test_a_mail_server_is_not_taken_for_it(text: str) -> None:
    assert not is_ftp(parse_reply(f"220 {text}\r\n".encode()))


def test_without_a_greeting_nothing_is_told() -> None:
    assert not is_ftp(None)


@pytest.mark.parametrize(
    ("keywords", "mask"),
    [(["SIZE", "XXXXXXXA"], "XXXXXXXA"), (["XXXXXXXX"], "XXXXXXXX"), (["XEXCH50", "XCLIENT"], None), (["XXXX"], None)],
)
def test_what_a_firewall_writes_over_a_keyword(keywords: list[str], mask: str | None) -> None:
    assert masked(keywords) == mask
