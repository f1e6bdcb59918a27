"""Which mechanisms there are, and which of those offered is tried."""

from __future__ import annotations

from importlib import import_module

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.mechanism import Response

MECHANISMS: dict[str, tuple[str, str]] = {
    "PLAIN": ("plain", "plain"),
    "LOGIN": ("plain", "login"),
    "CRAM-MD5": ("cram", "cram_md5"),
    "SCRAM-SHA-256": ("scram", "scram_sha_256"),
    "SCRAM-SHA-1": ("scram", "scram_sha_1"),
    "XOAUTH2": ("oauth", "xoauth2"),
    "OAUTHBEARER": ("oauth", "oauthbearer"),
    "EXTERNAL": ("external", "external"),
    "ANONYMOUS": ("external", "anonymous"),
}
"""Every mechanism that can be used, by its registered name: the module of its family, and its function there."""

COMPUTED = frozenset({"CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1"})
"""The mechanisms that compute with the challenge."""

FOR_TOKENS = ("XOAUTH2", "OAUTHBEARER")
"""The mechanisms whose secret is an access token, the one that more servers know first."""

WITHOUT_SECRET = frozenset({"EXTERNAL", "ANONYMOUS"})

# Over a verified channel PLAIN tells best whether the password is right: a mechanism that needs a stored
# secret can fail for an account whose password is fine.
_ORDER_SECURE = ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5")
_ORDER_INSECURE = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN")


def responses(name: str, credentials: Credentials, host: str) -> Response:
    """What the client says by the mechanism. Its family is imported here: the others would only cost time."""
    family, function = MECHANISMS[name]
    begun: Response = getattr(import_module(f"{__package__}.{family}"), function)(credentials, host)
    return begun


def choose(offered: tuple[str, ...], *, secure: bool) -> str | None:
    """The one mechanism to try; None where none of the offered ones can be used with a password."""
    return _first(_ORDER_SECURE if secure else _ORDER_INSECURE, offered)


def choose_for_token(offered: tuple[str, ...]) -> str | None:
    """The one mechanism to try with an access token; None where none of the offered ones takes one."""
    return _first(FOR_TOKENS, offered)


def _first(order: tuple[str, ...], offered: tuple[str, ...]) -> str | None:
    return next((name for name in order if name in offered), None)
