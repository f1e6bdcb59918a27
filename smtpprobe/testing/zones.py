"""A Resolver over master-file text."""

from __future__ import annotations

from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer


def zone_resolver(text: str, *, delay_s: float = 0.0) -> RunResolver:
    """A run's resolver that answers from the zone text alone, each question after `delay_s` seconds."""
    return RunResolver(ZoneAnswerer(text, delay_s=delay_s).answer)
