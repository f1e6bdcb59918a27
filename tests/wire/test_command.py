from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.wire import command


@pytest.mark.parametrize(
    ("make", "words", "octets"),
    [
        (command.command, ("QUIT",), b"QUIT\r\n"),
        (command.command, ("EHLO", "[IPv6:2001:db8::1]"), b"EHLO [IPv6:2001:db8::1]\r\n"),
        (command.command, ("",), b"\r\n"),
        (command.mail, ("",), b"MAIL FROM:<>\r\n"),
        (
            command.mail,
            ("alice@example.org", "SIZE=1", "SMTPUTF8"),
            b"MAIL FROM:<alice@example.org> SIZE=1 SMTPUTF8\r\n",
        ),
        (command.rcpt, ("grün@example.org",), "RCPT TO:<grün@example.org>\r\n".encode()),
        (command.rcpt, ("a@example.org", "NOTIFY=NEVER"), b"RCPT TO:<a@example.org> NOTIFY=NEVER\r\n"),
        (command.rcpt, ('"a>b"@example.org',), b'RCPT TO:<"a>b"@example.org>\r\n'),
        (command.rcpt, (r'"a\">b"@example.org',), b'RCPT TO:<"a\\">b"@example.org>\r\n'),
    ],
)
def test_a_command_is_one_line(make, words, octets):
    assert make(*words) == octets


@pytest.mark.parametrize("character", [chr(number) for number in (*range(32), 127)])
def test_no_control_character_gets_through(character):
    for make in (command.command, command.mail, command.rcpt):
        with pytest.raises(ValueError, match="control character"):
            make(f"a{character}b")
    with pytest.raises(ValueError, match="control character"):
        command.mail("a@example.org", f"SIZE=1{character}")


@pytest.mark.parametrize("mailbox", ["a>b@example.org", "<a@example.org", 'a"b>c', '"a\\"><x@example.org>'])
def test_no_bracket_ends_a_path_early(mailbox):
    with pytest.raises(ValueError, match="angle bracket"):
        command.path(mailbox)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_words_make_one_line_or_are_refused(words):
    try:
        made = command.command(*words)
    except ValueError:
        return
    assert made.endswith(b"\r\n")
    assert not {0x0A, 0x0D, 0x00} & set(made[:-2])
