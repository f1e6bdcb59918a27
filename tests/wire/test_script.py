from __future__ import annotations

import pytest

from smtpprobe.wire import script

SESSION = r"""
# a comment, and a blank line

S: 220 mx.example.com ESMTP  # not a comment
C: EHLO *
S: 250-mx.example.com
S= "250 STARTTLS\r\n"
C: STARTTLS
S= "220 Go\r\n250 \xff\u00e9\0\t\\\"\r\n"
TLS
C= "\x00\x01"
~ 2.5
MESSAGE
S* "250-more\r\n"
"""


def test_every_step_is_read_with_its_line_number():
    assert script.parse(SESSION) == (
        script.ServerSays(4, b"220 mx.example.com ESMTP  # not a comment\r\n"),
        script.ClientSays(5, "EHLO *"),
        script.ServerSays(6, b"250-mx.example.com\r\n"),
        script.ServerSays(7, b"250 STARTTLS\r\n", exact=True),
        script.ClientSays(8, "STARTTLS"),
        script.ServerSays(9, b'220 Go\r\n250 \xff\xc3\xa9\0\t\\"\r\n', exact=True),
        script.TlsHandshake(10),
        script.ClientSends(11, b"\x00\x01"),
        script.Wait(12, 2.5),
        script.ClientMessage(13),
        script.ServerRepeats(14, b"250-more\r\n"),
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("S: ", script.ServerSays(1, b"\r\n")),
        ("S:250 Ok", script.ServerSays(1, b"250 Ok\r\n")),
        ("S:  250", script.ServerSays(1, b" 250\r\n")),
        ("S: 250 Grüße", script.ServerSays(1, "250 Grüße\r\n".encode())),
        ("S: 250 \r\n", script.ServerSays(1, b"250 \r\n")),
        ("  EOF  ", script.ServerCloses(1)),
        ("RESET", script.ServerCloses(1, reset=True)),
        ("~0", script.Wait(1, 0.0)),
        ("C: QUIT ", script.ClientSays(1, "QUIT")),
        ('S= "é"', script.ServerSays(1, b"\xc3\xa9", exact=True)),
        (r'S= "\ud7ff\ue000"', script.ServerSays(1, "\ud7ff\ue000".encode(), exact=True)),
        # Octets that are not UTF-8, as a file read with surrogateescape has them.
        ("S: 250 \udcff", script.ServerSays(1, b"250 \xff\r\n")),
        ('S= "\udcff\\r\udcfe"', script.ServerSays(1, b"\xff\r\xfe", exact=True)),
    ],
)
def test_a_step_is_read_as_written(text, step):
    assert script.parse(text) == (step,)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("S: 220\nHELLO", "line 2: 'HELLO' is not a step"),
        ("s: 220", "line 1: 's: 220' is not a step"),
        ("~ soon", "line 1: 'soon' is not a number of seconds"),
        ("~ -1", "line 1: '-1' is not a number of seconds"),
        ("~ nan", "line 1: 'nan' is not a number of seconds"),
        ("~ inf", "line 1: 'inf' is not a number of seconds"),
        ("S= 250", "line 1: '250' is not a text in quotation marks"),
        ('S= "250', "line 1: '\"250' is not a text"),
        ('S= "250" x', "line 1: '\"250\" x' is not a text"),
        ('S= ""', "line 1: there are no octets"),
        (r'S= "\q"', r"line 1: '\\q' is not an escape"),
        (r'S= "\x4"', r"line 1: '\\x' is not an escape"),
        (r'S= "\ud800"', r"line 1: \\ud800 is half a surrogate pair"),
        (r'S= "\udfff"', r"line 1: \\udfff is half a surrogate pair"),
        ("EOF\n\nS: 250", "line 3: nothing can follow line 1"),
        ('S* "a"\nEOF', "line 2: nothing can follow line 1"),
    ],
)
def test_bad_notation_is_refused_with_its_line(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        script.parse(text)


@pytest.mark.parametrize(
    ("pattern", "line", "result"),
    [
        ("QUIT", "quit", True),
        ("QUIT", "QUIT ", False),
        ("EHLO *", "EHLO client.example.org", True),
        ("EHLO *", "EHLO", False),
        ("*", "", True),
        ("MAIL FROM:<*> SIZE=*", "MAIL FROM:<a@example.org> SIZE=1", True),
        ("RCPT TO:<a.b@example.org>", "RCPT TO:<axb@example.org>", False),
    ],
)
def test_a_pattern_matches_the_whole_line(pattern, line, result):
    assert script.matches(pattern, line) is result


@pytest.mark.parametrize(
    ("octets", "written"),
    [
        (b"", '""'),
        (b" ~", '" ~"'),
        (b"\x1f\x7f\x80\xff", r'"\x1f\x7f\x80\xff"'),
        (b'\r\n\t\0\\"', r'"\r\n\t\0\\\""'),
    ],
)
def test_octets_are_escaped_where_they_cannot_be_shown(octets, written):
    assert script.escaped(octets) == written
