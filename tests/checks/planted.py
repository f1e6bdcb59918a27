"""Checks of a test's own in the registry."""

from __future__ import annotations

from smtpprobe.checks.base import Check
from smtpprobe.checks.registry import Registered, Trigger


class Planted(Registered):
    """A registered check that is here already."""

    check: Check

    def load(self) -> Check:
        return self.check


def planted(check: Check, trigger: Trigger = Trigger.ALWAYS, *, needs_dns: bool = False) -> Planted:
    """The registry's line for the check."""
    return Planted(name=check.name, trigger=trigger, needs_dns=needs_dns, module="", check=check)
