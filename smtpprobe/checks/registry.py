"""The registry: every check, in the order in which a report shows them. A check is imported when it is to run."""

from __future__ import annotations

from enum import Enum, auto
from importlib import import_module

import msgspec

from smtpprobe.checks.base import Check


class Trigger(Enum):
    """What has to come about for a check to run; where the user wants every check, none waits for it."""

    ALWAYS = auto()
    AFTER_REFUSAL = auto()
    TLS_TROUBLE = auto()  # or a refusal


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """A check by its name, and what decides whether it runs.

    With `needs_dns` not where nothing is to be looked up, with `needs_message` not without one.
    """

    name: str
    trigger: Trigger = Trigger.AFTER_REFUSAL
    needs_dns: bool = True
    needs_message: bool = False
    module: str

    def load(self) -> Check:
        """The check itself."""
        check: Check = import_module(self.module).CHECK
        return check


_HERE = __package__
CHECKS = (
    Registered(name="dnsbl", module=f"{_HERE}.dnsbl"),
    Registered(name="spf", module=f"{_HERE}.spf"),
    Registered(name="dkim", module=f"{_HERE}.dkim"),
    Registered(name="dmarc", module=f"{_HERE}.dmarc"),
    Registered(name="message", module=f"{_HERE}.message", trigger=Trigger.ALWAYS, needs_dns=False, needs_message=True),
    Registered(name="iprev", module=f"{_HERE}.iprev"),
    Registered(name="mx", module=f"{_HERE}.mx"),
    # Its questions are those of the route: they have been asked.
    Registered(name="mail-hosts", module=f"{_HERE}.mail_hosts", trigger=Trigger.ALWAYS, needs_dns=False),
    Registered(name="starttls", module=f"{_HERE}.tls.starttls", trigger=Trigger.ALWAYS, needs_dns=False),
    Registered(name="mta-sts", module=f"{_HERE}.tls.mta_sts", trigger=Trigger.TLS_TROUBLE),
    Registered(name="tlsrpt", module=f"{_HERE}.tls.tlsrpt", trigger=Trigger.TLS_TROUBLE),
    Registered(name="dane", module=f"{_HERE}.tls.dane", trigger=Trigger.TLS_TROUBLE),
    Registered(name="auth", module=f"{_HERE}.auth", trigger=Trigger.ALWAYS, needs_dns=False),
    Registered(name="reply-syntax", module=f"{_HERE}.reply_syntax", trigger=Trigger.ALWAYS, needs_dns=False),
)


def checks() -> tuple[Check, ...]:
    """Every check."""
    return tuple(each.load() for each in CHECKS)


def named(name: str) -> Check:
    """The check of that name. Raises StopIteration for any other."""
    return next(each.load() for each in CHECKS if each.name == name)
