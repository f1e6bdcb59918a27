from __future__ import annotations

import pytest

from smtpprobe.wire.ehlo import extensions


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], {}),
        (["mx.example.com"], {}),
        (["STARTTLS"], {}),
        (["mx.example.com", "STARTTLS", "size 10240000"], {"STARTTLS": (), "SIZE": ("10240000",)}),
        (["mx.example.com", "", "  ", "8BITMIME"], {"8BITMIME": ()}),
        (["mx.example.com", "AUTH plain LOGIN"], {"AUTH": ("PLAIN", "LOGIN")}),
        (["mx.example.com", "AUTH=PLAIN LOGIN"], {"AUTH": ("PLAIN", "LOGIN")}),
        (["mx.example.com", "AUTH PLAIN", "AUTH=PLAIN LOGIN"], {"AUTH": ("PLAIN", "LOGIN")}),
        (["mx.example.com", "AUTH CRAM-MD5", "AUTH=plain CRAM-MD5"], {"AUTH": ("CRAM-MD5", "PLAIN")}),
        (["mx.example.com", "auth=", "AUTH"], {"AUTH": ()}),
        (["mx.example.com", "LIMITS RCPTMAX=20 MAILMAX=5"], {"LIMITS": ("RCPTMAX=20", "MAILMAX=5")}),
    ],
)
def test_lines_are_read_as_keywords_and_parameters(lines, found):
    assert extensions(lines) == found
