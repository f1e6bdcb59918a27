"""Which mechanisms there are, and which of those offered is tried."""

from __future__ import annotations

from importlib import import_module

from smtpprobe.model.request import Credentials
from smtpprobe.wire.sasl.mechanism import Peer, Response

MECHANISMS: dict[str, tuple[str, str]] = {
    "PLAIN": ("plain", "plain"),
    "LOGIN": ("plain", "login"),
    "LOGIN-INITIAL": ("plain", "login_initial"),
    "CRAM-MD5": ("cram", "cram_md5"),
    "DIGEST-MD5": ("digest", "digest_md5"),
    "SCRAM-SHA-256": ("scram", "scram_sha_256"),
    "SCRAM-SHA-256-PLUS": ("scram", "scram_sha_256_plus"),
    "SCRAM-SHA-1": ("scram", "scram_sha_1"),
    "SCRAM-SHA-1-PLUS": ("scram", "scram_sha_1_plus"),
    "XOAUTH2": ("oauth", "xoauth2"),
    "OAUTHBEARER": ("oauth", "oauthbearer"),
    "EXTERNAL": ("external", "external"),
    "ANONYMOUS": ("external", "anonymous"),
    "NTLM": ("gss", "ntlm"),
    "GSSAPI": ("gss", "gssapi"),
}
"""Every mechanism that can be used, as it is asked for: the module of its family, and its function there."""

_FORMS = {"LOGIN-INITIAL": "LOGIN"}

COMPUTED = frozenset(
    {
        "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "GSSAPI",
    }
)  # fmt: skip
"""The mechanisms that compute with every challenge."""

FOR_TOKENS = ("XOAUTH2", "OAUTHBEARER")
"""The mechanisms whose secret is an access token, the one that more servers know first."""

WITHOUT_SECRET = frozenset({"EXTERNAL", "ANONYMOUS"})

# Over a verified channel PLAIN tells best whether the password is right: a mechanism that needs a stored
# secret can fail for an account whose password is fine. Over any other nothing goes that a listener could use.
_GUESSABLE = ("CRAM-MD5", "DIGEST-MD5", "NTLM")
_READABLE = ("PLAIN", "LOGIN")
_SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS")


def registered(name: str) -> str:
    """The mechanism's name as a server offers it: one form of a mechanism may be asked for by a name of its own."""
    return _FORMS.get(name, name)


def responses(name: str, credentials: Credentials, peer: Peer) -> Response:
    """What the client says by the mechanism. Its family is imported here: the others would only cost time."""
    family, function = MECHANISMS[name]
    begun: Response = getattr(import_module(f"{__package__}.{family}"), function)(credentials, peer)
    return begun


def choose(offered: tuple[str, ...], *, secure: bool, every: bool = False) -> str | None:
    """The mechanism to try if none was asked for; None: of those offered none is tried by default.

    `every`: each of them was asked for, whatever the channel, and this is the first.
    """
    order = (*(_READABLE if secure or every else ()), *_SCRAM, *(_GUESSABLE if every else ()))
    return next((name for name in order if name in offered), None)


def choose_for_token(offered: tuple[str, ...]) -> str | None:
    """The one mechanism to try with an access token; None where none of the offered ones takes one."""
    return next((name for name in FOR_TOKENS if name in offered), None)
