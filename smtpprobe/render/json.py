"""The reference format: the report itself, encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe import __version__
from smtpprobe.model.report import SCHEMA_VERSION, CheckReport, Report, Tool
from smtpprobe.render.escape import json_text

if TYPE_CHECKING:
    from smtpprobe.catalogue.reference.compare import Comparison


def render(report: Report | CheckReport, *, indent: int = 2) -> str:
    """The report as one JSON object; times as RFC 3339, octets as base64, absent values as null.

    Lone surrogates, which JSON in UTF-8 cannot hold, stand as `\\udcXX` texts.
    """
    return encode(report, indent=indent)


def encode(value: object, *, indent: int = 2) -> str:
    """Any value of the model or of built-in types as JSON with a final line feed; `indent` 0: on one line."""
    try:
        encoded = msgspec.json.encode(value)
    except ValueError:
        encoded = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(value)))
    return json_text((msgspec.json.format(encoded, indent=indent) if indent else encoded).decode()) + "\n"


def document(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an object that is printed by itself, after its version and who wrote it."""
    return {"schema_version": SCHEMA_VERSION, "tool": Tool("smtpprobe", __version__), **fields}


def comparison(value: Comparison) -> str:
    """Two codes side by side as one object."""
    return encode(document(msgspec.structs.asdict(value)))


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value
