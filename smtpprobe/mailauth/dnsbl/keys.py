"""Customers' keys out of what is shown: a key is part of the name under which a zone is asked, and a secret."""

from __future__ import annotations

from collections.abc import Iterable

from smtpprobe.model.known.dnsbl_zone import Zone
from smtpprobe.wire.redact import Redactor


def key_redactor(zones: Iterable[Zone]) -> Redactor:
    """Puts `{key}` in the place of each zone's key; one that is shorter than four octets is hidden in the zone's name."""
    redactor = Redactor()
    for zone in zones:
        if zone.asked and zone.key:
            redactor.add(zone.asked, zone.zone)
            redactor.add(zone.key, "{key}")
            # A provider may put labels of its own beside the key: `_email.KEY.hbl`.
            for label in zone.key.split("."):
                if not label.startswith("_"):
                    redactor.add(label, "{key}")
    return redactor
