"""A login that several lines tell of counts once, in whichever order they stand."""

from __future__ import annotations

import pytest

from smtpprobe.intake.found import Counts
from smtpprobe.intake.mail_logs import refusals

_AUTH = "Mar  5 09:15:01 mx dovecot: auth: {by}(jane@example.com,203.0.113.7,<{of}>): {why}"
_GONE = (
    "Mar  5 09:15:02 mx dovecot: imap-login: Disconnected (auth failed, {n} attempts in 2 secs): user=<jane@example.com>, "
    "method=PLAIN, rip=203.0.113.7, lip=198.51.100.2, session=<{of}>"
)
_OLD = "Mar  5 09:15:01 mx dovecot: auth: {by}(jane@example.com,203.0.113.7): {why}"
_SASL = "Mar  5 09:15:01 mx postfix/smtpd[7]: warning: unknown[203.0.113.7]: SASL PLAIN authentication failed: "


def _file(of: str = "a") -> str:
    return _AUTH.format(by="passwd-file", why="Password mismatch", of=of)


def _sql(of: str = "a") -> str:
    return _AUTH.format(by="sql", why="unknown user", of=of)


def _gone(of: str = "a", n: int = 1) -> str:
    return _GONE.format(of=of, n=n)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([_file()], 1),
        ([_file(), _sql()], 1),
        ([_file(), _sql(), _gone()], 1),
        ([_gone(), _file(), _sql()], 1),
        ([_file(), _gone(), _sql()], 1),
        ([_file(), _sql(), _file(), _sql(), _gone(n=2)], 2),
        ([_file(), _file(), _file()], 3),
        ([_sql("a"), _sql("b"), _gone("b"), _gone("a")], 2),
        ([_gone("a"), _gone("b")], 2),
        ([_OLD.format(by="pam", why="Password mismatch"), _OLD.format(by="sql", why="unknown user")], 1),
        ([_SASL, _OLD.format(by="pam", why="Password mismatch")], 1),
        ([_OLD.format(by="pam", why="Password mismatch"), _SASL], 1),
        ([_SASL, _SASL], 2),
        ([_SASL, _SASL, _SASL, _file(), _file()], 5),
    ],
)
def test_a_login_counts_once(lines: list[str], count: int) -> None:
    octets = "\n".join(lines).encode()
    assert len(list(refusals([octets], None, Counts()))) == count
