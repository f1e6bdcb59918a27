"""Customers' keys of DNSBL zones out of what is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from smtpprobe.catalogue import zones
from smtpprobe.model.request import Request
from smtpprobe.model.transcript import Exchange

if TYPE_CHECKING:
    from smtpprobe.wire.redact import Redactor

_MOST = 20  # zones with servers' keys: one that names more makes them up
_Value = TypeVar("_Value", bound=msgspec.Struct)


def shown_zones(names: Iterable[str]) -> tuple[str, ...]:
    """The zone names as they may be shown: `{key}` in place of a customer's key."""
    return tuple(name if name == "all" else zones.zone(name).zone for name in names)


def redact_request(request: Request) -> Request:
    """The request as it may be saved."""
    return msgspec.structs.replace(
        request, dnsbl_zones=shown_zones(request.dnsbl_zones), only_dnsbl=shown_zones(request.only_dnsbl)
    )


def servers_zones(exchanges: Iterable[Exchange]) -> tuple[str, ...]:
    """The zones that servers name with keys of their own, each once."""
    texts = (
        line
        for exchange in exchanges
        if exchange.reply is not None
        for line in (exchange.reply.text, exchange.reply.raw.decode("utf-8", "replace"))
    )
    return tuple(dict.fromkeys(zone for text in texts for zone in zones.keyed_zones(text)))[:_MOST]


def redact_dnsbl_keys(value: _Value, names: Iterable[str]) -> _Value:
    """The report without the keys in these zone names, in whichever field they are: a server may answer with its key."""
    return cast(_Value, without_dnsbl_keys(names)(value))


def without_dnsbl_keys(names: Iterable[str]) -> Callable[[Any], Any]:
    """What takes the keys in these zone names out of a value."""
    keyed = [zone for zone in map(zones.zone, names) if zone.key]
    if not keyed:
        return lambda value: value
    from smtpprobe.mailauth.dnsbl.keys import key_redactor

    redactor = key_redactor(keyed)
    return lambda value: _redacted(value, redactor)


def _redacted(value: object, redactor: Redactor) -> object:
    # Words (a subclass of str) are this project's own and hold no secret.
    if type(value) is str:
        return redactor.text(value)
    if isinstance(value, bytes):
        return redactor.octets(value)
    if isinstance(value, tuple):
        return tuple(_redacted(item, redactor) for item in value)
    if isinstance(value, dict):
        return {_redacted(key, redactor): _redacted(item, redactor) for key, item in value.items()}
    if isinstance(value, msgspec.Struct):
        fields = {name: _redacted(getattr(value, name), redactor) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value
