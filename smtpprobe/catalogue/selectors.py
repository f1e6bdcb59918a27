"""The DKIM selectors of `data/dkim_selectors.toml` as values."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.model.known.mail_services import KnownSelectors, MailService


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    reviewed: str
    common: tuple[str, ...]
    service: tuple[MailService, ...]


@lru_cache(maxsize=1)
def known_selectors() -> KnownSelectors:
    """The selectors that are common everywhere, and those of each mail service that the catalogue knows."""
    table = msgspec.convert(load.table("dkim_selectors"), _Table)
    return KnownSelectors(common=table.common, services=table.service)
