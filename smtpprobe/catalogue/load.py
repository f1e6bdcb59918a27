"""The catalogue's tables: JSON where the build wrote it, the TOML source otherwise; texts in the language in force."""

from __future__ import annotations

import os
from typing import Any

from smtpprobe.catalogue import language
from smtpprobe.model.texts.language import say

_DATA = os.path.join(os.path.dirname(__file__), "data")
_tables: dict[str, Any] = {}


# The tables that hold texts for readers, and the fields that do.
_TRANSLATED = ("reply_codes", "enhanced_status_codes", "private_status_codes", "causes")
TEXT_FIELDS = frozenset(
    [
        "name",
        "title",
        "meaning",
        "when",
        "fix",
        "next",
        "retry",
        "retry_transient",
        "who",
        "wrong_move",
        "differs",
        "definition",
        "action",
        "verify",
    ]
)


def table(name: str) -> Any:
    """The table `data/<name>.toml` as plain values, dates as `YYYY-MM-DD`; read once in a process and a language.

    JSON that is older than its TOML is passed over, so an edited source tree never answers with old text.
    Raises FileNotFoundError where there is no such table.
    """
    spoken = language.chosen()
    key = name if spoken == language.SOURCE else f"{name} in {spoken}"
    if key not in _tables:
        read = _read(os.path.join(_DATA, name))
        _tables[key] = _said(read) if key != name and name in _TRANSLATED else read
    return _tables[key]


def _said(value: Any, field: str = "") -> Any:
    """The value with its texts for readers in the language in force."""
    if isinstance(value, str):
        return say(value) if field in TEXT_FIELDS else value
    if isinstance(value, list):
        return [_said(item, field) for item in value]
    if isinstance(value, dict):
        return {name: _said(item, name) for name, item in value.items()}
    return value


def _read(stem: str) -> Any:
    import msgspec

    source, built = stem + ".toml", stem + ".json"
    if _is_fresh(built, source):
        with open(built, "rb") as file:
            return msgspec.json.decode(file.read())
    import tomllib

    with open(source, "rb") as file:
        return msgspec.to_builtins(tomllib.load(file))


def _is_fresh(built: str, source: str) -> bool:
    try:
        built_at = os.stat(built).st_mtime_ns
    except OSError:
        return False
    try:
        return built_at >= os.stat(source).st_mtime_ns
    except OSError:
        return True
