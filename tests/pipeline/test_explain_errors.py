"""`smtpprobe.explain` on what a client's exception prints."""

from __future__ import annotations

import smtplib

import pytest

from smtpprobe import explain


@pytest.mark.parametrize(
    ("error", "code", "cause"),
    [
        (smtplib.SMTPRecipientsRefused({"x@y.example": (550, b"5.1.1 User unknown")}), 550, "recipient-unknown"),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 Error: authentication failed"), 535, "auth-failed"),
        (smtplib.SMTPDataError(554, b"5.7.1 Spam message rejected"), 554, "spam-content"),
        (smtplib.SMTPRecipientsRefused({"a@y.example": (452, b"4.2.2 full"), "b@y.example": (550, b"no")}), 452, "mailbox-full"),
    ],
)  # fmt: skip
def test_an_error_is_explained_as_the_reply_in_it(error: Exception, code: int, cause: str) -> None:
    found = explain(str(error))
    assert (found.code, found.cause) == (code, cause)


@pytest.mark.parametrize("text", ["", "{", "('x', b'')", "timed out", "(535, b'", "{'x': (99, b'no')}", "(" * 5000])
def test_what_quotes_no_reply_is_no_error(text: str) -> None:
    assert explain(text).code is None
