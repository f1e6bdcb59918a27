"""Which mechanisms there are, and which of those offered is tried."""

from __future__ import annotations

from collections.abc import Callable

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.cram import cram_md5
from smtpprobe.wire.sasl.external import anonymous, external
from smtpprobe.wire.sasl.mechanism import Response
from smtpprobe.wire.sasl.oauth import oauthbearer, xoauth2
from smtpprobe.wire.sasl.plain import login, plain
from smtpprobe.wire.sasl.scram import scram

MECHANISMS: dict[str, Callable[[Credentials, str], Response]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
    "SCRAM-SHA-256": scram("sha256"),
    "SCRAM-SHA-1": scram("sha1"),
    "XOAUTH2": xoauth2,
    "OAUTHBEARER": oauthbearer,
    "EXTERNAL": external,
    "ANONYMOUS": anonymous,
}
"""Every mechanism that can be used, by its registered name."""

COMPUTED = frozenset({"CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1"})
"""The mechanisms that compute with the challenge."""

# Over a verified channel PLAIN tells best whether the password is right: a mechanism that needs a stored
# secret can fail for an account whose password is fine.
_ORDER_SECURE = ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5")
_ORDER_INSECURE = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN")


def choose(offered: tuple[str, ...], *, secure: bool) -> str | None:
    """The one mechanism to try; None where none of the offered ones can be used with a password."""
    for name in _ORDER_SECURE if secure else _ORDER_INSECURE:
        if name in offered:
            return name
    return None
