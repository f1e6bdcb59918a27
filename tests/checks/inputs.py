"""The input of a check made from flat fields, as tests have them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from smtpprobe.checks.base import CheckInput, CheckOptions, Services, SessionView
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.fetch import PolicyFetcher


def check_input(resolver: Resolver, now: datetime, fetcher: PolicyFetcher | None = None, **fields: Any) -> CheckInput:
    """The input; each field goes to the options or to the session, whichever has it."""
    chosen = {name: fields.pop(name) for name in CheckOptions.__struct_fields__ if name in fields}
    return CheckInput(
        session=SessionView(**fields),
        options=CheckOptions(**chosen),
        services=Services(resolver=resolver, now=now, fetcher=fetcher),
    )
