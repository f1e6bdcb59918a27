"""The catalogue's tables: JSON where the build wrote it, the TOML source otherwise."""

from __future__ import annotations

import os
from typing import Any

_DATA = os.path.join(os.path.dirname(__file__), "data")
_tables: dict[str, Any] = {}


def table(name: str) -> Any:
    """The table `data/<name>.toml` as plain values, dates as `YYYY-MM-DD`; read once in a process.

    JSON that is older than its TOML is passed over, so an edited source tree never answers with old text.
    Raises FileNotFoundError where there is no such table.
    """
    if name not in _tables:
        _tables[name] = _read(os.path.join(_DATA, name))
    return _tables[name]


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
