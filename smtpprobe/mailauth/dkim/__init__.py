"""DomainKeys Identified Mail: the signatures of a message, and the keys that a domain publishes (RFC 6376)."""

from importlib import import_module
from typing import TYPE_CHECKING

from smtpprobe.mailauth.dkim.gather import gather

if TYPE_CHECKING:
    from smtpprobe.mailauth.dkim.verification import verify, verify_once

__all__ = ["gather", "verify", "verify_once"]


def __getattr__(name: str) -> object:
    # Without a message there is nothing to verify: what explains a signature is imported for one.
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module("smtpprobe.mailauth.dkim.verification"), name)
