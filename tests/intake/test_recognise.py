from __future__ import annotations

import time

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts
from tests.intake import samples


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (samples.POSTFIX, "Postfix log"),
        (samples.SYSLOG_5424, "Postfix log"),
        (samples.SYSLOG_3339, "Postfix log"),
        (samples.REJECTED, "Postfix log"),
        (samples.JOURNAL, "Postfix log, journal entries as JSON"),
        (samples.EXIM, "Exim log"),
        (samples.SENDMAIL, "Sendmail log"),
        (samples.OPENSMTPD, "OpenSMTPD log"),
        (samples.POSTFIX + samples.SENDMAIL, "mail log (Postfix, Sendmail)"),
        (samples.STATUS, "bounce (RFC 3464)"),
        (samples.QMAIL, "bounce (qmail)"),
        (samples.EXIM_BOUNCE, "bounce (Exim)"),
        (samples.EXCHANGE, "bounce (Exchange)"),
        (samples.EXCHANGE_HASH, "bounce (Exchange)"),
        (samples.EXCHANGE_BASE64, "bounce"),
        (samples.POSTFIX_BOUNCE, "bounce (Postfix)"),
        (samples.SENDMAIL_BOUNCE, "bounce (Sendmail)"),
        (samples.SWAKS, "swaks transcript"),
        (samples.TELNET, "telnet transcript"),
        (samples.OPENSSL, "openssl s_client transcript"),
        (samples.SMTPLIB, "smtplib debug transcript"),
        (samples.MSMTP, "msmtp debug transcript"),
        (samples.CURL, "curl transcript"),
        (samples.OURS, "smtpprobe's own page"),
        (samples.PYTHON_ERROR, "text that quotes a reply"),
        (samples.NODE_ERROR, "text that quotes a reply"),
        ("220 x\nEHLO y\n550 no\n", "an SMTP session"),
        ("550 5.1.1 no such user\n", "a reply"),
        ("550-5.1.1 no\n550 5.1.1 such user\n", "a reply"),
        ("hello\n550 5.1.1 a\n450 b\n", "replies"),
        ("550 5.7.1 Remote Server returned '550 5.7.1 no'", "a reply"),
        ("Nov 22 19:10:45 host kernel: nothing of mail\n", "system log"),
        ("nothing here\n", None),
        ("", None),
    ],
)
def test_what_an_input_is_taken_for(text, words):
    taken = recognise.recognise(text.encode())
    assert (taken and taken.words) == words


@pytest.mark.parametrize("name", sorted(samples.ALL))
def test_line_ends_make_no_difference(name):
    unix = samples.ALL[name].encode()
    dos = unix.replace(b"\n", b"\r\n")
    taken = recognise.recognise(unix)
    assert taken is not None
    assert recognise.recognise(dos) == taken
    found = [list(recognise.refusals([each], taken, Counts())) for each in (unix, dos)]
    assert found[0] == found[1]
    assert found[0]


@pytest.mark.parametrize(
    ("text", "replies"),
    [
        (samples.PYTHON_ERROR, ["535 5.7.8 Error: authentication failed:"]),
        (samples.NODE_ERROR, ["535-5.7.8 Username and Password not accepted"]),
        ("x\n550-5.1.1 no\n550 5.1.1 such user\n450 later", ["550-5.1.1 no\n550 5.1.1 such user", "450 later"]),
    ],
)
def test_replies_among_other_words(text, replies):
    taken = recognise.recognise(text.encode())
    assert taken is not None
    assert [f.reply for f in recognise.refusals([text.encode()], taken, Counts())] == replies


@pytest.mark.parametrize(
    "piece", [b"a", b"a: \n", b"<a", b'"smtpd"', b"to=<", b"550 ", b"2026-11-22 19:10:45 ", b"#", b"host ", b"\n"]
)
def test_no_repetition_takes_long(piece):
    octets = piece * ((1 << 18) // len(piece))
    started = time.perf_counter()
    taken = recognise.recognise(octets)
    for reader in ("log", "bounce", "quoted", "replies"):
        list(recognise.refusals([octets], recognise.Taken(template="x", reader=reader), Counts()))
    assert taken is None or taken.words
    assert time.perf_counter() - started < 10


def test_compression_and_binary():
    assert recognise.compression(b"\x1f\x8b\x08") == "gzip"
    assert recognise.compression(b"\xfd7zXZ\x00") == "xz"
    assert recognise.compression(b"BZh91AY&SY") == "bzip2"
    assert recognise.compression(b"BZh9 are five characters") is None
    assert recognise.compression(b"\x28\xb5\x2f\xfd\x04") == "zstd"
    assert recognise.compression(b"550") is None
    assert recognise.is_binary(bytes(range(256)))
    assert not recognise.is_binary("grüß\t\x1b[1m\n".encode() * 10)
